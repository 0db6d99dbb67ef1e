"""Requests that a service answers: what all middlewares measure and tell alike.

A middleware begins an `Exchange` when a request comes, and ends it with the `Facts` of its
framework when the last byte of the answer is sent. Nothing here raises into the service.
"""

from __future__ import annotations

import re
from contextvars import Token
from dataclasses import dataclass, field
from time import perf_counter, time
from typing import (
    Any,
    Callable,
    Generic,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Sequence,
    TypeVar,
)

from loghandler_client.addresses import Proxies
from loghandler_client.client import Client, shared
from loghandler_client.logs import TOLD, Link, link, told

App = TypeVar("App")
Mapper = Optional[Callable[[Any], Optional[str]]]
# What middlewares and adapters leave in an environ or a scope: the template of the path, which the
# framework does not put there itself; its request, which mappers are given; and the exchange.
ROUTE = "loghandler.route"
REQUEST = "loghandler.request"
EXCHANGE = "loghandler.exchange"
FAILED = 500
_TRACE_ID = re.compile(r"[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


@dataclass
class Config:
    """What is told of requests, in API Analytics' terms; mappers are given the framework's request.

    - `privacy_level`: 0 tells addresses, 1 tells them for their country alone, 2 never tells them.
    - `server_url`: where Log Handler is.
    - `get_path`, `get_ip_address`, `get_hostname`, `get_user_agent`, `get_user_id`: what to tell
      instead. One that raises is counted, and what would be told without it is told.

    And in ours:

    - `get_route`: the template of the path, where the framework's own won't do.
    - `trusted_proxies`: networks, such as `10.0.0.0/8`, whose X-Forwarded-For is believed; `*` for
      any, where nobody reaches the service but through one.
    - `left_out`: paths that are not told, such as `/healthz`.
    - `keep_query`: tell the query string, too.
    """

    privacy_level: int = 0
    server_url: Optional[str] = None
    get_path: Mapper = None
    get_ip_address: Mapper = None
    get_hostname: Mapper = None
    get_user_agent: Mapper = None
    get_user_id: Mapper = None
    get_route: Mapper = None
    trusted_proxies: Sequence[str] = ()
    left_out: Sequence[str] = ()
    keep_query: bool = False
    client_options: dict[str, Any] = field(default_factory=dict)  # those of Client


class Facts(NamedTuple):
    """What a framework knows of a request."""

    method: str
    path: str
    query: str = ""
    route: Optional[str] = None
    hostname: Optional[str] = None
    peer: Optional[str] = None  # the address at the other end of the connection
    forwarded_for: Optional[str] = None
    user_agent: Optional[str] = None
    referrer: Optional[str] = None
    request_bytes: Optional[int] = None


class Exchange:
    """A request that is being answered."""

    __slots__ = (
        "_began", "_token", "at", "duration_ms", "error", "is_seen", "link", "response_bytes",
        "status",
    )  # fmt: skip

    def __init__(self, traceparent: Optional[str]) -> None:
        self.at = time()
        self._began = perf_counter()
        self.duration_ms: Optional[float] = None
        self.status = 0  # nothing was answered yet
        self.response_bytes = 0
        self.is_seen = True  # False where somebody else answers, by whom nothing is counted
        self.error: Optional[BaseException] = None  # to be told if it makes a failure
        trace = _TRACE_ID.fullmatch(traceparent) if traceparent else None
        self.link = Link(trace[1] if trace else None)
        self._token: Optional[Token[Optional[Link]]] = link.set(self.link)

    def answered(self) -> None:
        """Now the last byte was sent: what the service does after that is not the answer's time."""
        if self.duration_ms is None:
            self.duration_ms = (perf_counter() - self._began) * 1_000

    def left(self) -> None:
        """What is logged from here on does not belong to the request."""
        if self._token is not None:
            try:
                link.reset(self._token)
            except ValueError:  # another context: nothing of it is seen there
                link.set(None)
            self._token = None


class Recorder:
    """Tells the requests of one service."""

    def __init__(
        self,
        framework: str,
        key: Optional[str] = None,
        config: Optional[Config] = None,
        client: Optional[Client] = None,
    ) -> None:
        self.config = config or Config()
        self.framework = framework
        self.client = client or shared(self.config.server_url, key, **self.config.client_options)
        self._proxies = Proxies(self.config.trusted_proxies)
        self._left_out = frozenset(self.config.left_out)

    def begin(self, traceparent: Optional[str] = None) -> Exchange:
        return Exchange(traceparent)

    def failed(self, exchange: Exchange, error: BaseException) -> None:
        """The handler raised: the service answers 500, and the error is told once."""
        if not exchange.status:
            exchange.status, exchange.is_seen = FAILED, False
        self.raised(error, exchange.link)

    def raised(self, error: BaseException, of: Optional[Link] = None) -> None:
        """Tell an error of the request that is being answered, unless it was told before."""
        of = of or link.get()
        try:
            known = getattr(error, TOLD, None)
            if known is None:
                known = self.client.event(
                    f"{type(error).__name__}: {error}",
                    "ERROR",
                    error=error,
                    logger=self.framework,
                    trace_id=of.trace_id if of else None,
                )
            if known:
                told(error, known, of)
        except Exception:
            self.client.sender.note_failure()

    def end(self, exchange: Exchange, facts: Callable[[], Facts], request: Any) -> None:
        """Tell the request. `request` is the framework's, for mappers."""
        exchange.answered()
        error, exchange.error = exchange.error, None  # its frames refer to the exchange
        if error is not None and exchange.status >= FAILED:
            self.raised(error, exchange.link)
        exchange.left()
        if not self.client.is_on:
            return
        try:
            self._tell(exchange, facts(), request)
        except Exception:
            self.client.sender.note_failure()

    def _tell(self, exchange: Exchange, facts: Facts, request: Any) -> None:
        config = self.config
        if facts.path in self._left_out:
            return
        path = f"{facts.path}?{facts.query}" if config.keep_query and facts.query else facts.path
        fields: dict[str, Any] = {
            "method": facts.method,
            "path": self._mapped(config.get_path, request, path) or "/",
            "route": self._mapped(config.get_route, request, facts.route),
            "status": exchange.status,
            "duration_ms": round(exchange.duration_ms or 0.0, 3),
            "occurred_at": exchange.at,
            "hostname": self._mapped(config.get_hostname, request, facts.hostname),
            "user_agent": self._mapped(config.get_user_agent, request, facts.user_agent),
            "user_id": self._mapped(config.get_user_id, request, None),
            "framework": self.framework,
            "referrer": facts.referrer,
            "request_bytes": facts.request_bytes,
            "response_bytes": _response_bytes(exchange, facts.method),
            "trace_id": exchange.link.trace_id,
            "event_id": exchange.link.event_id,
        }
        if config.privacy_level < 2:
            address = self._proxies.sender(facts.peer, facts.forwarded_for)
            fields["ip_address"] = self._mapped(config.get_ip_address, request, address)
        if config.privacy_level:
            fields["privacy_level"] = min(config.privacy_level, 2)
        self.client.put_request(fields)

    def _mapped(self, mapper: Mapper, request: Any, default: Optional[str]) -> Optional[str]:
        if mapper is None:
            return default
        try:
            found = mapper(request)
        except Exception:
            self.client.sender.note_failure()
            return default
        return None if found is None else str(found)


class Middleware(Generic[App]):
    """Stands around an application, whose requests it tells."""

    framework = ""

    def __init__(
        self,
        app: App,
        key: Optional[str] = None,
        config: Optional[Config] = None,
        *,
        client: Optional[Client] = None,
        framework: Optional[str] = None,
    ) -> None:
        self.app = app
        self.recorder = Recorder(framework or self.framework, key, config, client)


def note_error(told: Mapping[str, Any], error: BaseException) -> None:
    """Of an error that the framework answers itself: it is told if the answer is a failure.

    `told` is the environ or the scope of its request.
    """
    exchange: Optional[Exchange] = told.get(EXCHANGE)
    if exchange is not None:
        exchange.error = error


def _response_bytes(exchange: Exchange, method: str) -> Optional[int]:
    if method == "HEAD":  # servers leave out the body that the service gave
        return 0
    return exchange.response_bytes if exchange.is_seen else None


def length(told: Optional[str]) -> Optional[int]:
    """A Content-Length."""
    return int(told) if told and told.isdigit() and len(told) < 16 else None


def joined(values: List[str]) -> Optional[str]:
    """A header that may stand there several times."""
    return ", ".join(values) or None
