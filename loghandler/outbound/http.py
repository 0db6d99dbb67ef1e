"""One HTTP request to an address that a user named, and its answer within bounds (RFC 9112)."""

import asyncio
import re
from base64 import b64encode
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import h11

from loghandler.outbound.addresses import Address
from loghandler.outbound.certificates import valid_until
from loghandler.outbound.connections import (
    Connection,
    Connector,
    Stopwatch,
    Timings,
    Unreachable,
    tls_context,
    within,
)

AGENT = "Log-Handler"
_HEAD_BYTES = 65_536  # of the status line and the headers
_SWITCHED = 101  # the one status below 200 that ends an answer
_Head = h11.Response | h11.InformationalResponse
_REDIRECTS = {301, 302, 303, 307, 308}
_PORTS = {"http": 80, "https": 443}
_WRITTEN = "%/?:@!$&'()*+,;=~[]"  # characters of an address that stay as they are
_CREDENTIALS = re.compile(r"//[^/?#]*@")
# What goes along to another origin: the rest may be secrets that are meant for the first one.
_HARMLESS = {"accept", "accept-language", "user-agent"}


@dataclass(frozen=True, slots=True)
class Request:
    """What to ask. `timeout` is for all of it, in seconds."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    timeout: float = 10.0
    redirects: int = 0  # to follow, at most
    verify: bool = True  # the certificate
    most_bytes: int = 1_000_000  # of the answer's body that are read


class Answer(NamedTuple):
    """The last answer, where redirects were followed."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    cut: bool  # whether there was more of the body than was to be read
    url: str
    address: Address
    timings: Timings
    certificate_until: datetime | None

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name.lower()), None)


class Client:
    """Asks whom its connector reaches. Within one event loop."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector

    async def ask(self, request: Request, watch: Stopwatch | None = None) -> Answer:
        """The answer. Raises Unreachable; `watch` tells how long was waited for what, then too."""
        watch = watch or Stopwatch()
        async with within(request.timeout, watch) as deadline:
            return await self._followed(request, watch, deadline)

    async def _followed(self, request: Request, watch: Stopwatch, deadline: float) -> Answer:
        for _ in range(request.redirects + 1):
            answer = await self._asked(request, watch, deadline)
            following = answer.header("location") if answer.status in _REDIRECTS else None
            if not request.redirects or following is None:
                return answer
            request = _redirected(request, answer.status, _joined(request.url, following))
        raise Unreachable("redirects", f"More than {request.redirects} redirects")

    async def _asked(self, request: Request, watch: Stopwatch, deadline: float) -> Answer:
        place = _place(request.url)
        tls = tls_context(verify=request.verify) if place.parts.scheme == "https" else None
        connection = await self._connector.connect(
            place.host, place.port, watch, tls=tls, deadline=deadline
        )
        try:
            return await _exchange(request, place, connection, watch)
        except h11.LocalProtocolError as error:
            raise Unreachable("protocol", f"The request is not HTTP: {error}") from error
        except h11.RemoteProtocolError as error:
            raise Unreachable("protocol", f"The answer is not HTTP: {error}") from error
        except OSError as error:
            if isinstance(error, TimeoutError):
                raise
            words = f"{connection.address} ended the connection: {error.strerror or error}"
            raise Unreachable("network", words) from error
        finally:
            connection.close()


class _Place(NamedTuple):
    """An address taken apart."""

    parts: SplitResult
    host: str  # in ASCII
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.parts.scheme, self.host, self.port

    @property
    def authority(self) -> str:
        """As the Host header names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.parts.scheme] else f"{host}:{self.port}"


def _place(url: str) -> _Place:
    """Raises Unreachable for what can't be asked."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host if host.isascii() else host.encode("idna").decode()
    except ValueError as error:
        raise Unreachable(
            "forbidden", f"{without_credentials(url)} is no address: {error}"
        ) from error
    if parts.scheme not in _PORTS or not host:
        raise Unreachable("forbidden", f"{without_credentials(url)} is no address of http or https")
    return _Place(parts, host, port or _PORTS[parts.scheme])


def _joined(url: str, location: str) -> str:
    """The address that a Location header names. Raises Unreachable for none."""
    location = location.encode("latin-1").decode("utf-8", "replace")  # as browsers read it
    try:
        return urljoin(url, location)
    except ValueError as error:
        words = f"{without_credentials(location)} is no address: {error}"
        raise Unreachable("forbidden", words) from error


def without_credentials(url: str) -> str:
    """An address as reasons and viewers may be told it: without name and password."""
    return _CREDENTIALS.sub("//", url)


def _redirected(request: Request, status: int, url: str) -> Request:
    """The request that a redirect asks for (RFC 9110, 15.4)."""
    stays = _place(url).origin == _place(request.url).origin
    method, body = request.method, request.body
    if status == 303 or (status in {301, 302} and method == "POST"):
        method, body = ("HEAD" if method == "HEAD" else "GET"), b""
    headers = tuple(each for each in request.headers if stays or each[0].lower() in _HARMLESS)
    if stays:  # name and password, which the Location seldom repeats
        url = _with_credentials(url, urlsplit(request.url).netloc)
    return replace(request, url=url, method=method, headers=headers, body=body)


def _with_credentials(url: str, netloc: str) -> str:
    parts, (given, at, _) = urlsplit(url), netloc.rpartition("@")
    if not at or "@" in parts.netloc:
        return url
    return parts._replace(netloc=f"{given}@{parts.netloc}").geturl()


async def _exchange(
    request: Request, place: _Place, connection: Connection, watch: Stopwatch
) -> Answer:
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD_BYTES)
    written = _written(parser, request, place)
    watch.begin("first_byte")
    connection.writer.write(written)
    await connection.writer.drain()
    head, body = await _read(parser, request.most_bytes, connection.reader, watch)
    certificate = connection.certificate
    return Answer(
        head.status_code,
        tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in head.headers),
        body[: request.most_bytes],
        len(body) > request.most_bytes or parser.their_state is h11.SEND_BODY,
        request.url,
        connection.address,
        watch.timings(),
        _end_of(certificate) if certificate else None,
    )


def _end_of(certificate: bytes) -> datetime | None:
    """None where it says nothing that is a time: one that need not be trusted may say anything."""
    try:
        return valid_until(certificate)
    except ValueError:
        return None


async def _read(
    parser: h11.Connection, most_bytes: int, reader: asyncio.StreamReader, watch: Stopwatch
) -> tuple[_Head, bytes]:
    """The answer's head, and its body, of which somewhat more than `most_bytes` may be read."""
    head: _Head | None = None
    body = bytearray()
    async for event in _events(parser, most_bytes + _HEAD_BYTES, reader, watch):
        if isinstance(event, _Head):  # the last one: others may come before it (RFC 9110, 15.2)
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
    if head is None or (head.status_code < 200 and head.status_code != _SWITCHED):
        raise Unreachable("protocol", "The answer does not begin")
    return head, bytes(body)


async def _events(
    parser: h11.Connection, most_bytes: int, reader: asyncio.StreamReader, watch: Stopwatch
) -> AsyncIterator[h11.Event]:
    """The events of an answer, until it ends or so many bytes of it were received."""
    received = 0
    while received <= most_bytes:
        event = parser.next_event()
        if event is h11.NEED_DATA:
            data = await reader.read(_HEAD_BYTES)
            if watch.step == "first_byte":
                watch.begin("body")
            received += len(data)
            parser.receive_data(data)
        elif isinstance(event, h11.EndOfMessage) or event is h11.PAUSED:
            return  # at its end, or where what follows is another protocol (status 101)
        elif isinstance(event, h11.Event):
            yield event


def _written(parser: h11.Connection, request: Request, place: _Place) -> bytes:
    parts = place.parts
    target = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_WRITTEN)
    headers = [(name.encode(), value.encode()) for name, value in _headers(request, place)]
    begin = h11.Request(method=request.method, target=target, headers=headers)
    sent = [begin, h11.Data(request.body), h11.EndOfMessage()]
    return b"".join(parser.send(each) or b"" for each in sent)


def _headers(request: Request, place: _Place) -> Iterable[tuple[str, str]]:
    given = {name.lower() for name, _ in request.headers}
    defaults = {
        "host": place.authority,
        "user-agent": AGENT,
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-length": str(len(request.body)) if request.body else None,
        "authorization": _basic(place.parts),
    }
    for name, value in defaults.items():
        if value is not None and name not in given:
            yield name, value
    yield "connection", "close"
    yield from request.headers


def _basic(parts: SplitResult) -> str | None:
    """Of a name and password that stand in the address (RFC 7617)."""
    if parts.username is None:
        return None
    pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(pair.encode()).decode()}"
