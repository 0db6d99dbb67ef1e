"""Real servers on loopback, to be asked: each does one thing to whoever connects."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import pytest
import trustme

from loghandler.outbound import connections

Served = Callable[[bytes, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def target(
    served: Served | bytes, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> AsyncIterator["Target"]:
    """A server that reads a request, and gives `served` its bytes, or is answered with these."""
    running = Target(served)
    server = await asyncio.start_server(running.serve, host, 0, ssl=tls)
    running.port = server.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        server.close()
        for writer in running.connected:
            writer.transport.abort()
        await asyncio.sleep(0)


class Target:
    """Remembers who connected, and what was asked."""

    port: int

    def __init__(self, served: Served | bytes) -> None:
        self._served = served
        self.asked: list[bytes] = []
        self.connected: list[asyncio.StreamWriter] = []

    def url(self, path: str = "/", *, host: str = "127.0.0.1", scheme: str = "http") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connected.append(writer)
        try:
            asked = await reader.readuntil(b"\r\n\r\n")
            length = asked.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
            asked += await reader.readexactly(int(length or 0))
            self.asked.append(asked)
            if isinstance(self._served, bytes):
                writer.write(self._served)
                await writer.drain()
            else:
                await self._served(asked, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


def answer(
    status: str = "200 OK", body: bytes = b"fine", headers: str = "Content-Type: text/plain\r\n"
) -> bytes:
    return f"HTTP/1.1 {status}\r\n{headers}Content-Length: {len(body)}\r\n\r\n".encode() + body


def redirect(url: str, status: str = "302 Found") -> bytes:
    return answer(status, b"", f"Location: {url}\r\n")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def trusted(
    authority: trustme.CA, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[None]:
    """The system's certificates have the authority of the tests among them."""
    file = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(file))
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    connections.tls_context.cache_clear()
    yield
    connections.tls_context.cache_clear()


def serving_tls(authority: trustme.CA, name: str, until: datetime | None = None) -> ssl.SSLContext:
    """Of a server that shows a certificate of this name."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=until).configure_cert(context)
    return context
