"""What the calls of a job mean: whether it is up, and from when on it is late. No I/O.

A job calls when it is done, and may call as it starts and with its exit status. Until the first
call it is awaited from the moment on that it was set up.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitors.records import CheckRecord, HeartbeatTarget
from monitors.schedules import Every, Schedule, cron, late_at, number_and_unit

SUCCESS, START, FAIL = "success", "start", "fail"
_LAST_STATUS = 255  # of a process


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """A job's last calls."""

    awaited_from: datetime  # its last success; at first, when it was set up
    started_at: datetime | None = None  # where it runs, and said so


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a job."""

    kind: str  # SUCCESS, START or FAIL
    at: datetime
    exit_status: int | None = None


def schedule(target: HeartbeatTarget) -> Schedule:
    """When a job is due. Raises ValueError that says what is wrong."""
    if target.cron:
        return cron(target.cron, target.zone)
    return Every(timedelta(seconds=target.period_seconds))


def call(word: str, at: datetime) -> Call:
    """The call of an address that ends in this word: '', `start`, `fail` or an exit status.

    Raises ValueError for others.
    """
    if word in {"", SUCCESS}:
        return Call(SUCCESS, at)
    if word in {START, FAIL}:
        return Call(word, at)
    if word.isascii() and word.isdecimal() and len(word) <= 3 and int(word) <= _LAST_STATUS:
        return Call(FAIL if int(word) else SUCCESS, at, int(word))
    raise ValueError(f"{word} is neither start, fail nor an exit status of 0 to {_LAST_STATUS}.")


def called(heartbeat: Heartbeat, call: Call) -> tuple[Heartbeat, CheckRecord | None]:
    """The heartbeat after a call, and what the call tells of the job; a start tells nothing yet.

    A failure does not move what is awaited: the job still has to succeed.
    """
    if call.kind == START:
        return replace(heartbeat, started_at=call.at), None
    ended = replace(heartbeat, started_at=None)
    if call.kind == FAIL:
        status = call.exit_status
        words = "The job said that it failed" if status is None else f"Exit status {status}"
        return ended, CheckRecord(call.at, "reported", words)
    return replace(ended, awaited_from=call.at), CheckRecord(call.at)


def lateness(
    heartbeat: Heartbeat, schedule: Schedule, grace: timedelta, now: datetime
) -> CheckRecord | None:
    """What is to be told of a job that is late; None where it is not."""
    late = late_at(schedule, grace, done=heartbeat.awaited_from, started=heartbeat.started_at)
    if now < late:
        return None
    if late < schedule.following(heartbeat.awaited_from) + grace:
        return CheckRecord(now, "late", f"It started and did not end within {_written(grace)}")
    last = f"{heartbeat.awaited_from:%-d %B, %H:%M} UTC"
    return CheckRecord(
        now, "late", f"No call since {last}, within {_written(grace)} after it was due"
    )


def _written(span: timedelta) -> str:
    number, unit = number_and_unit(int(span.total_seconds()))
    return f"{number} {unit}{'' if number == 1 else 's'}"
