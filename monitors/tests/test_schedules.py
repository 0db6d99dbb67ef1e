"""When a heartbeat is due, and late."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitors.schedules import Cron, Every, cron, late_at

MINUTE = timedelta(minutes=1)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def times(schedule: Cron, since: datetime, count: int = 3) -> list[str]:
    found = []
    for _ in range(count):
        since = schedule.following(since)
        found.append(f"{since.astimezone(schedule.zone):%d %H:%M %z}")
    return found


def test_every_so_often_it_is_late_after_the_grace() -> None:
    assert late_at(Every(10 * MINUTE), MINUTE, done=NOON) == NOON + 11 * MINUTE


def test_a_cron_expression_goes_by_its_zone() -> None:
    schedule = cron("30 6 * * 1-5", "America/New_York")
    friday = datetime(2026, 11, 27, 11, 30, tzinfo=UTC)
    assert schedule.following(friday - MINUTE) == friday
    assert schedule.following(friday) == friday + timedelta(days=3)
    assert late_at(schedule, 5 * MINUTE, done=friday) == friday + timedelta(days=3, minutes=5)


def test_a_time_that_is_left_out_in_spring_comes_with_the_next_hour() -> None:
    schedule = cron("30 2 * * *", "Europe/Berlin")
    since = datetime(2026, 3, 27, 12, tzinfo=UTC)
    assert times(schedule, since) == ["28 02:30 +0100", "29 03:00 +0200", "30 02:30 +0200"]


def test_a_time_that_comes_twice_in_autumn_counts_once() -> None:
    schedule = cron("30 2 * * *", "Europe/Berlin")
    since = datetime(2026, 10, 24, 12, tzinfo=UTC)
    assert times(schedule, since, 2) == ["25 02:30 +0200", "26 02:30 +0100"]


@pytest.mark.parametrize("expression", ["30 2 * * *", "*/30 * * * *", "0 3 * * *", "*/7 2 * * *"])
@pytest.mark.parametrize(
    "day", [datetime(2026, 3, 28, 22, tzinfo=UTC), datetime(2026, 10, 24, 22, tzinfo=UTC)]
)
def test_what_follows_is_later_in_each_minute_of_a_change(expression: str, day: datetime) -> None:
    schedule = cron(expression, "Europe/Berlin")
    following, end = day, day + timedelta(hours=8)
    while day < end:
        if following <= day:
            following = schedule.following(following)
        assert schedule.following(day) == following > day
        day += MINUTE


def test_a_job_that_ends_in_the_hour_that_comes_twice_is_not_late() -> None:
    schedule = cron("30 2 * * *", "Europe/Berlin")
    done = datetime(2026, 10, 25, 1, 5, tzinfo=UTC)  # 2:05 for the second time, 35 minutes later
    assert late_at(schedule, MINUTE, done=done) == datetime(2026, 10, 26, 1, 31, tzinfo=UTC)


def test_a_job_that_started_must_end_within_the_grace() -> None:
    def late(started: datetime) -> datetime:
        return late_at(Every(60 * MINUTE), 5 * MINUTE, done=NOON, started=started)

    assert late(NOON + 10 * MINUTE) == NOON + 15 * MINUTE
    assert late(NOON + 63 * MINUTE) == NOON + 65 * MINUTE
    assert late(NOON - MINUTE) == NOON + 65 * MINUTE  # that one is done


@pytest.mark.parametrize(
    ("expression", "zone", "wrong"),
    [
        ("* * * *", "UTC", "is no cron expression"),
        ("61 * * * *", "UTC", "is no cron expression"),
        ("", "UTC", "is no cron expression"),
        ("0 0 30 2 *", "UTC", "30 2"),
        ("* * * * *", "Mars/Base", "Mars/Base is no time zone"),
        ("* * * * *", "", "is no time zone"),
        ("* * * * *", "../etc/passwd", "is no time zone"),
    ],
)
def test_what_is_no_schedule_is_said(expression: str, zone: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        cron(expression, zone)


def test_a_schedule_is_a_value() -> None:
    assert cron("* * * * *", "UTC") == Cron("* * * * *", ZoneInfo("UTC"))
