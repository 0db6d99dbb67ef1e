"""What the calls of a job mean."""

from datetime import UTC, datetime, timedelta

import pytest

from monitors.heartbeats import FAIL, START, SUCCESS, Call, Heartbeat, call, called, lateness
from monitors.records import FAILURES
from monitors.schedules import Every, cron

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HOURLY = Every(60 * MINUTE)


@pytest.mark.parametrize(
    ("word", "kind", "status"),
    [
        ("", SUCCESS, None),
        ("success", SUCCESS, None),
        ("start", START, None),
        ("fail", FAIL, None),
        ("0", SUCCESS, 0),
        ("1", FAIL, 1),
        ("255", FAIL, 255),
    ],
)
def test_the_last_word_of_an_address_is_a_call(word: str, kind: str, status: int | None) -> None:
    assert call(word, NOON) == Call(kind, NOON, status)


@pytest.mark.parametrize("word", ["256", "-1", "1_0", "²", "0001", "stop", "Start"])
def test_others_are_none(word: str) -> None:
    with pytest.raises(ValueError, match="neither start, fail nor an exit status"):
        call(word, NOON)


def test_a_success_is_what_the_next_one_is_awaited_from() -> None:
    heartbeat, check = called(Heartbeat(NOON), call("", NOON + MINUTE))
    assert heartbeat == Heartbeat(NOON + MINUTE)
    assert check is not None
    assert (check.failure, check.checked_at) == (None, NOON + MINUTE)


def test_a_start_tells_nothing_until_the_job_ends() -> None:
    started, check = called(Heartbeat(NOON), call("start", NOON + MINUTE))
    assert (started, check) == (Heartbeat(NOON, NOON + MINUTE), None)
    ended, _ = called(started, call("", NOON + 2 * MINUTE))
    assert ended == Heartbeat(NOON + 2 * MINUTE)


@pytest.mark.parametrize(
    ("word", "words"), [("fail", "The job said that it failed"), ("137", "Exit status 137")]
)
def test_a_failure_is_down_at_once_and_success_still_awaited(word: str, words: str) -> None:
    heartbeat, check = called(Heartbeat(NOON, NOON + MINUTE), call(word, NOON + 2 * MINUTE))
    assert heartbeat == Heartbeat(NOON)
    assert check is not None
    assert (check.failure, check.words) == ("reported", words)
    assert check.failure in FAILURES


def test_a_job_is_late_once_its_grace_has_passed() -> None:
    def late(minutes: float) -> str | None:
        found = lateness(Heartbeat(NOON), HOURLY, 5 * MINUTE, NOON + minutes * MINUTE)
        return None if found is None else found.words

    assert late(64.9) is None
    assert late(65) == "No call since 27 November, 12:00 UTC, within 5 minutes after it was due"


def test_so_is_one_that_started_and_does_not_end() -> None:
    heartbeat = Heartbeat(NOON, NOON + 10 * MINUTE)
    assert lateness(heartbeat, HOURLY, 60 * MINUTE, NOON + 69 * MINUTE) is None
    found = lateness(heartbeat, HOURLY, 60 * MINUTE, NOON + 70 * MINUTE)
    assert found is not None
    assert (found.failure, found.words) == ("late", "It started and did not end within 1 hour")
    assert found.failure in FAILURES


def test_a_cron_job_is_late_after_its_time() -> None:
    nightly = cron("0 3 * * *", "Europe/Berlin")  # 2:00 UTC
    night = datetime(2026, 11, 28, 2, tzinfo=UTC)
    heartbeat = Heartbeat(NOON)
    assert lateness(heartbeat, nightly, MINUTE / 2, night) is None
    found = lateness(heartbeat, nightly, MINUTE / 2, night + MINUTE / 2)
    assert found is not None
    assert found.words.endswith("within 30 seconds after it was due")
