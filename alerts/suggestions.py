"""Rules that most applications want: offered, made by nobody but who takes them. No Django."""

from collections.abc import Collection
from dataclasses import dataclass

from alerts import kinds
from alerts.records import (
    CertificateEnds,
    Condition,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NewMessage,
    ReturnedMessage,
)


@dataclass(frozen=True, slots=True)
class Suggestion:
    name: str
    condition: Condition

    @property
    def kind(self) -> str:
        return kinds.stored(self.condition)[0]


# What tells of a fault whatever an application does. Silence and slowness are not among them: only
# its owner knows how long is too long.
SUGGESTIONS = (
    Suggestion("A monitor is down", MonitorDown()),
    Suggestion("A certificate ends within two weeks", CertificateEnds(days=14)),
    Suggestion("A new error", NewMessage(level="ERROR")),
    Suggestion("An error is back after a week", ReturnedMessage(days=7, level="ERROR")),
    Suggestion("A flood of errors", ManyEvents(more_than=100, minutes=5, level="ERROR")),
    Suggestion("Requests fail", ErrorRate(percent=5.0, minutes=5, least_requests=20)),
)


def suggestions(kinds_there: Collection[str]) -> list[Suggestion]:
    """Those of kinds that an application has no rule of."""
    return [each for each in SUGGESTIONS if each.kind not in kinds_there]
