"""A connection to a host that may be asked, with the time that each step of it took."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import cache
from ipaddress import ip_address
from time import perf_counter
from typing import NamedTuple

from loghandler.outbound.addresses import Address, Guard

# Names are resolved by the system, which blocks a thread. One that no name server answers for
# takes its thread for some ten seconds; so many may wait before they hold up others.
RESOLVING = 64
STEPS = ("dns", "connect", "tls", "first_byte", "body")
_MISSING = {
    "dns": "No answer from the name server",
    "connect": "No connection",
    "tls": "No TLS handshake",
    "first_byte": "No answer",
    "body": "No end of the answer",
}
FAILURES = ("forbidden", "dns", "refused", "network", "tls", "timeout", "protocol", "redirects")


class Unreachable(Exception):
    """Asking failed: `kind` is one of FAILURES, the text says why in words."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


class Timings(NamedTuple):
    """Milliseconds by step; None for one that was not taken. Steps of redirects are added."""

    dns: float | None
    connect: float | None
    tls: float | None
    first_byte: float | None
    body: float | None

    @property
    def total(self) -> float:
        return sum(each for each in self if each is not None)


class Stopwatch:
    """The step that is under way, and how long those before it took."""

    def __init__(self) -> None:
        self.step = STEPS[0]
        self._taken: dict[str, float] = {}
        self._since = perf_counter()

    def begin(self, step: str) -> None:
        """End the step that is under way, and begin another one."""
        now = perf_counter()
        self._taken[self.step] = self._taken.get(self.step, 0.0) + (now - self._since) * 1_000
        self.step, self._since = step, now

    def timings(self) -> Timings:
        """End the last step."""
        self.begin(self.step)
        return Timings(*(self._taken.get(step) for step in STEPS))

    def missing(self) -> str:
        """What did not come, where time is up."""
        return _MISSING[self.step]


Lookup = Callable[[str], Sequence[str]]


def system_lookup(host: str) -> list[str]:
    """Addresses of a name in the order to try them, by the system's rules (hosts file, DNS, …)."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


class Resolver:
    """Names to addresses. Questions for one name that is asked for already share its answer."""

    def __init__(self, lookup: Lookup = system_lookup) -> None:
        self._lookup = lookup
        self._threads = ThreadPoolExecutor(RESOLVING, thread_name_prefix="resolver")
        self._asked: dict[str, asyncio.Future[Sequence[str]]] = {}

    async def addresses(self, host: str) -> list[Address]:
        """The host's addresses. Raises Unreachable where it has none."""
        try:
            return [ip_address(host)]
        except ValueError:
            pass
        try:
            found = await self._shared(host)
        except (OSError, UnicodeError) as error:
            raise Unreachable("dns", f"{host} has no address: {_words(error)}") from error
        return [ip_address(each) for each in dict.fromkeys(found)]

    async def _shared(self, host: str) -> Sequence[str]:
        asked = self._asked.get(host)
        if asked is None:
            loop = asyncio.get_running_loop()
            asked = self._asked[host] = loop.run_in_executor(self._threads, self._lookup, host)
            asked.add_done_callback(lambda done: self._answered(host, done))
        return await asyncio.shield(asked)  # who gives up does not end it for the others

    def _answered(self, host: str, done: asyncio.Future[Sequence[str]]) -> None:
        del self._asked[host]
        if not done.cancelled():
            done.exception()  # nobody may be waiting for it any more


class Connection(NamedTuple):
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    address: Address

    @property
    def certificate(self) -> bytes | None:
        """The other side's certificate, DER, trusted or not."""
        tls = self.writer.get_extra_info("ssl_object")
        return None if tls is None else tls.getpeercert(binary_form=True)

    def close(self) -> None:
        """At once: there is nothing to wait for, and nothing to say."""
        self.writer.transport.abort()


class Connector:
    """Connects to whom the guard allows. Within one event loop."""

    def __init__(self, guard: Guard, resolver: Resolver | None = None) -> None:
        self._guard = guard
        self._resolver = resolver or Resolver()

    async def connect(
        self,
        host: str,
        port: int,
        watch: Stopwatch,
        *,
        tls: ssl.SSLContext | None = None,
        deadline: float,
    ) -> Connection:
        """Connect to the first of a host's permitted addresses that takes it. Raises Unreachable.

        The name is resolved once; what is connected to is the address that was checked. `deadline`
        is by the loop's clock, and the caller's to keep: addresses share the time that is left.
        """
        watch.begin("dns")
        addresses = await self._permitted(host)
        watch.begin("connect")
        connected, address = await _first(addresses, port, deadline)
        if tls is not None:
            watch.begin("tls")
        named = host.removesuffix(".")  # certificates leave the root's dot out (RFC 6066, 3)
        try:
            reader, writer = await asyncio.open_connection(
                sock=connected, ssl=tls, server_hostname=named if tls else None
            )
        except OSError as error:
            connected.close()
            raise Unreachable("tls", f"TLS failed: {_words(error)}") from error
        except BaseException:
            connected.close()
            raise
        return Connection(reader, writer, address)

    async def _permitted(self, host: str) -> list[Address]:
        addresses = await self._resolver.addresses(host)
        refusals = {address: self._guard.refusal(address) for address in addresses}
        allowed = [address for address in addresses if refusals[address] is None]
        if not allowed:
            raise Unreachable("forbidden", next(why for why in refusals.values() if why))
        return allowed


@asynccontextmanager
async def within(seconds: float, watch: Stopwatch) -> AsyncIterator[float]:
    """A bound for all that is done inside, which is given its end by the loop's clock."""
    try:
        async with asyncio.timeout(seconds):
            yield asyncio.get_running_loop().time() + seconds
    except TimeoutError as error:
        raise Unreachable("timeout", f"{watch.missing()} within {seconds:g} s") from error


async def _first(
    addresses: Sequence[Address], port: int, deadline: float
) -> tuple[socket.socket, Address]:
    loop = asyncio.get_running_loop()
    *others, last = addresses
    for number, address in enumerate(others):
        share = (deadline - loop.time()) / (len(addresses) - number)
        with suppress(OSError):  # which TimeoutError is, too
            async with asyncio.timeout(share):
                return await _connected(address, port), address
    try:
        return await _connected(last, port), last
    except OSError as error:
        raise _unconnected(last, port, error) from error


async def _connected(address: Address, port: int) -> socket.socket:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    connecting = socket.socket(family, socket.SOCK_STREAM)
    connecting.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(connecting, (str(address), port))
    except BaseException:
        connecting.close()
        raise
    return connecting


def _unconnected(address: Address, port: int, error: OSError) -> Unreachable:
    if isinstance(error, ConnectionRefusedError):
        return Unreachable("refused", f"{address} refused the connection to port {port}")
    return Unreachable("network", f"{address} could not be reached: {_words(error)}")


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return str(error.verify_message)
    if isinstance(error, ssl.SSLError):
        return (error.reason or str(error)).replace("_", " ").lower()
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


@cache
def tls_context(*, verify: bool) -> ssl.SSLContext:
    """One for all connections: to read the system's certificates takes as long as a check."""
    context = ssl.create_default_context()
    if not verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context
