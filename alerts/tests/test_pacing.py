"""Never more than so many messages an hour, nothing lost, quiet hours kept."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.pacing import APART, HOUR, Plan, QuietHours, plan

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours(time(22), time(7), BERLIN)


def test_few_are_sent_one_by_one() -> None:
    assert plan(NOON, APART, [], 20) == Plan(APART)


def test_more_are_told_together() -> None:
    assert plan(NOON, APART + 1, [], 20) == Plan(APART + 1, together=True)
    assert plan(NOON, 3, [NOON - MINUTE] * 18, 20) == Plan(3, together=True)


def test_where_there_is_no_room_it_is_looked_again_when_there_is() -> None:
    sent = [NOON - n * MINUTE for n in (10, 50, 20, 61)]
    assert plan(NOON, 1, sent, 3) == Plan(later=NOON + 10 * MINUTE)
    assert plan(NOON + 10 * MINUTE, 1, sent, 3) == Plan(1)


@given(
    st.lists(st.integers(0, 20_000), max_size=80).map(sorted),
    st.integers(1, 12),
    st.booleans(),
)
def test_however_they_come(arrivals: list[int], most: int, at_night: bool) -> None:
    quiet = QuietHours(time(13), time(14, 30), ZoneInfo("UTC")) if at_night else None
    coming = [NOON + timedelta(seconds=second) for second in arrivals]
    now, waiting, told, sent = NOON, 0, 0, list[datetime]()
    while coming or waiting:
        while coming and coming[0] <= now:
            coming.pop(0)
            waiting += 1
        found = plan(now, waiting, sent, most, quiet)
        if found.count:
            assert quiet is None or quiet.until(now) is None
            sent += [now] * (1 if found.together else found.count)
            told += found.count
            waiting -= found.count
        moments = [each for each in (found.later, *coming[:1]) if each]
        assert not moments or min(moments) > now or found.count
        now = max(now, min(moments, default=now))
    assert told == len(arrivals)
    for index, moment in enumerate(sent):
        assert sum(moment <= each < moment + HOUR for each in sent[index:]) <= most


@pytest.mark.parametrize(
    ("moment", "until"),
    [
        (datetime(2026, 11, 27, 21, 59, tzinfo=BERLIN), None),
        (datetime(2026, 11, 27, 22, tzinfo=BERLIN), datetime(2026, 11, 28, 7, tzinfo=BERLIN)),
        (datetime(2026, 11, 28, 3, tzinfo=BERLIN), datetime(2026, 11, 28, 7, tzinfo=BERLIN)),
        (datetime(2026, 11, 28, 7, tzinfo=BERLIN), None),
        # The clocks are put forward in this night, and back in that one.
        (datetime(2026, 3, 28, 23, tzinfo=BERLIN), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (datetime(2026, 10, 24, 23, tzinfo=BERLIN), datetime(2026, 10, 25, 6, tzinfo=UTC)),
    ],
)
def test_quiet_hours_are_those_of_their_zone(moment: datetime, until: datetime | None) -> None:
    assert NIGHT.until(moment.astimezone(UTC)) == until


def test_quiet_hours_of_one_day() -> None:
    lunch = QuietHours(time(12), time(13), ZoneInfo("UTC"))
    assert lunch.until(NOON) == NOON + HOUR
    assert lunch.until(NOON + HOUR) is None


@given(
    st.sampled_from([(3, 28), (10, 24)]),
    st.integers(0, 144),
    st.integers(0, 1_000),
    st.sampled_from([time(22), time(1), time(2), time(2, 30), time(0)]),
    st.sampled_from([time(7), time(2, 30), time(3), time(0)]),
)
def test_what_is_quiet_stays_so_until_its_end(
    day: tuple[int, int], tens: int, part: int, begin: time, end: time
) -> None:
    """Also in the nights in which the clocks are changed."""
    quiet = QuietHours(begin, end, BERLIN)
    moment = datetime(2026, *day, 12, tzinfo=UTC) + tens * timedelta(minutes=10)
    if until := quiet.until(moment):
        assert moment < until <= moment + timedelta(hours=26)
        assert quiet.until(moment + (until - moment) * part / 1_001) == until
        assert quiet.until(until) is None
