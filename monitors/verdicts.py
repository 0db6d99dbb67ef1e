"""From checks to outages: when a monitor counts as down, and as up again. No I/O.

One failed check may be the network's. A monitor is down once `retries` more in a row have failed,
and has been since the first of them; the first that succeeds ends it. What fails within a
maintenance window is no outage.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from monitors.records import CheckRecord

UNKNOWN, UP, DOWN, MAINTENANCE = "unknown", "up", "down", "maintenance"
STATES = (UNKNOWN, UP, DOWN, MAINTENANCE)


class Cause(NamedTuple):
    """Why the first of the failed checks did."""

    failure: str
    words: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """A monitor's state after its last check."""

    state: str = UNKNOWN
    since: datetime | None = None  # when the state began
    failed: int = 0  # checks in a row
    failing_since: datetime | None = None  # the first of them
    cause: Cause | None = None

    @property
    def is_down(self) -> bool:
        return self.state == DOWN


def following(verdict: Verdict, check: CheckRecord, *, retries: int, maintenance: bool) -> Verdict:
    """The verdict after one more check, which is later than those before it."""
    if maintenance:
        # What failed before it began is not what fails once it ends.
        return _entered(Verdict(), MAINTENANCE, verdict, check.checked_at)
    if check.failure is None:
        return _entered(Verdict(), UP, verdict, check.checked_at)
    failing = replace(
        verdict,
        failed=verdict.failed + 1,
        failing_since=verdict.failing_since or check.checked_at,
        cause=verdict.cause or Cause(check.failure, check.words),
    )
    if failing.failed <= retries:  # until it is known to be down it is what it was
        state = UNKNOWN if verdict.state == MAINTENANCE else verdict.state
        return _entered(failing, state, verdict, check.checked_at)
    assert failing.failing_since is not None
    return _entered(failing, DOWN, verdict, failing.failing_since)


def no_later(verdict: Verdict, at: datetime) -> Verdict:
    """The verdict with no moment after this one: clocks are put right, also backwards."""
    since, failing = (each and min(each, at) for each in (verdict.since, verdict.failing_since))
    return replace(verdict, since=since, failing_since=failing)


def _entered(to: Verdict, state: str, before: Verdict, at: datetime) -> Verdict:
    """In a state that began at a moment, unless it was the state before."""
    return replace(to, state=state, since=before.since if before.state == state else at)
