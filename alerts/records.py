"""What rules look for, where channels send to, and what is sent. No Django."""

from dataclasses import dataclass, field
from typing import Any

# What a notification tells: an alert began, it ended, how a channel looks, or many at once.
BEGAN, ENDED, TEST, DIGEST = "began", "ended", "test", "digest"


# --- Conditions of rules ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that was never seen before."""

    level: str = "ERROR"  # at least
    contains: str = ""


@dataclass(frozen=True, slots=True)
class ReturnedMessage:
    """A message that is seen again after so many days without."""

    days: int = 7
    level: str = "ERROR"  # at least
    contains: str = ""


@dataclass(frozen=True, slots=True)
class ManyEvents:
    """More than so many events within so many minutes."""

    more_than: int = 100
    minutes: int = 5
    level: str = "ERROR"  # at least
    contains: str = ""


@dataclass(frozen=True, slots=True)
class NoEvent:
    """No event for so many minutes."""

    minutes: int = 60


@dataclass(frozen=True, slots=True)
class ErrorRate:
    """In each of so many minutes more than so many percent of requests failed (status 5xx)."""

    percent: float = 5.0
    minutes: int = 5
    least_requests: int = 20  # in these minutes; fewer tell nothing


@dataclass(frozen=True, slots=True)
class SlowRequests:
    """In each of so many minutes the 95th percentile of durations was above so many ms."""

    p95_ms: float = 1_000.0
    minutes: int = 5
    least_requests: int = 20


@dataclass(frozen=True, slots=True)
class MonitorDown:
    """A monitor went down. Its recovery is told too."""

    monitors: tuple[int, ...] = ()  # their ids; none: all of the application's


@dataclass(frozen=True, slots=True)
class CertificateEnds:
    """A certificate that a monitor saw ends within so many days."""

    days: int = 14
    monitors: tuple[int, ...] = ()


Condition = (
    NewMessage | ReturnedMessage | ManyEvents | NoEvent
    | ErrorRate | SlowRequests | MonitorDown | CertificateEnds
)  # fmt: skip


# --- Addresses of channels -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Email:
    to: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Webhook:
    url: str
    secret: str = ""  # key of the HMAC; without it nothing is signed
    template: str = ""  # of the body; without it ours
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Apprise:
    url: str  # such as slack://…, ntfy://…


Address = Email | Webhook | Apprise


# --- What is sent ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Message:
    """What people read, in plain text, and what programs read."""

    title: str  # one line: "shop: payments.example is down"
    text: str
    path: str = ""  # of the page that tells more, below LOGHANDLER_URL
    facts: dict[str, Any] = field(default_factory=dict)
