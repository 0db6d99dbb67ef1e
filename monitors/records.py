"""What a monitor asks for, and what a check of it found. No Django."""

from dataclasses import dataclass, field, replace
from datetime import datetime

from loghandler import texts
from loghandler.outbound.connections import FAILURES as UNREACHABLE
from loghandler.outbound.connections import Timings

# Why a check found its target down: it could not be asked, or answered what is not expected; a job
# said that it failed, or said nothing; or, last, the check itself failed.
FAILURES = (
    *UNREACHABLE, "status", "keyword", "value", "certificate", "reported", "late", "error",
)  # fmt: skip

MOST_CHARACTERS = 1_000  # of why a check failed, which a target may have a say in


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """An address, and what its answer must be."""

    url: str
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    statuses: tuple[tuple[int, int], ...] = ((200, 299),)  # from and to, both among them
    keyword: str = ""
    keyword_absent: bool = False  # the keyword must not be there
    json_path: str = ""  # such as `checks.0.state`
    json_value: str = ""
    redirects: int = 5  # to follow, at most
    verify: bool = True  # the certificate


@dataclass(frozen=True, slots=True)
class TcpTarget:
    """A port that must take a connection."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class TlsTarget:
    """A port whose certificate must hold, for so many days more."""

    host: str
    port: int = 443
    days: int = 14


@dataclass(frozen=True, slots=True)
class HeartbeatTarget:
    """A job that calls when it is done: every so often, or as cron starts it."""

    period_seconds: int = 86_400  # from one call to the next
    cron: str = ""  # where there is one, in place of the period
    zone: str = "UTC"  # of the cron expression
    grace_seconds: int = 3_600  # it is late when it has not called within so many after it was due


Target = HttpTarget | TcpTarget | TlsTarget | HeartbeatTarget


@dataclass(frozen=True, slots=True)
class CheckRecord:
    """What one check found. `failure` is one of FAILURES, None where the target is up."""

    checked_at: datetime
    failure: str | None = None
    words: str = ""  # why it failed
    timings: Timings = field(default=Timings(None, None, None, None, None))  # ms
    status: int | None = None
    address: str | None = None  # that was connected to
    certificate_until: datetime | None = None

    @property
    def up(self) -> bool:
        return self.failure is None


def storable(check: CheckRecord) -> CheckRecord:
    """The check as PostgreSQL takes it.

    Text has neither NUL nor lone surrogates, an address no zone (`fe80::1%eth0`).
    """
    words = texts.storable(check.words, MOST_CHARACTERS)
    address = check.address and check.address.partition("%")[0]
    return replace(check, words=words, address=address)
