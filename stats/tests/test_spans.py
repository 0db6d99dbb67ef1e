"""Where a search looks. No database."""

from datetime import UTC, datetime, timedelta

from events.records import EPOCH, uuid7s
from stats.cover import HOUR
from stats.spans import MILLISECOND, Unit, plan

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RANGE = (NOON - 10 * HOUR, NOON + HOUR)


def unit(hours_ago: int, n: int, total: int = 1_000, minute: int = 30) -> Unit:
    hour = NOON - hours_ago * HOUR
    newest = hour + timedelta(minutes=minute)
    return Unit(hour, n, uuid7s((newest - EPOCH) // MILLISECOND, 1)[0], total)


def test_the_newest_hours_that_hold_enough_are_read_up_to_their_newest_event() -> None:
    planned = plan([unit(0, 3), unit(4, 3), unit(5, 3)], HOUR, RANGE, enough=5)
    half = timedelta(minutes=30) + MILLISECOND
    assert planned.spans == [(NOON, NOON + half), (NOON - 4 * HOUR, NOON - 4 * HOUR + half)]
    assert planned.floor == NOON - 4 * HOUR


def test_the_only_event_of_an_hour_is_known_to_the_millisecond() -> None:
    planned = plan([unit(2, 1)], HOUR, RANGE, enough=5)
    at = NOON - 2 * HOUR + timedelta(minutes=30)
    assert planned.spans == [(at, at + MILLISECOND)]
    assert planned.rows == 1
    assert planned.floor is None


def test_hours_that_the_range_cuts_count_for_nothing() -> None:
    within = (RANGE[0], NOON + timedelta(minutes=10))
    planned = plan([unit(0, 9), unit(1, 9), unit(2, 9)], HOUR, within, enough=5)
    assert [span[0] for span in planned.spans] == [NOON, NOON - HOUR]
    assert planned.spans[0][1] == within[1]


def test_rows_to_look_at_are_bounded() -> None:
    units = [unit(hours, 2, total=400) for hours in range(8)]
    planned = plan(units, HOUR, RANGE, enough=100, most_rows=1_000)
    assert planned.floor == NOON - 2 * HOUR
    assert planned.rows == 1_200


def test_what_is_frequent_is_found_among_few_rows() -> None:
    planned = plan([unit(0, 500, total=1_000)], HOUR, RANGE, enough=50)
    assert planned.rows == 100


def test_a_finer_plan_searches_as_far_back_as_the_coarse_one() -> None:
    coarse = plan([unit(0, 3), unit(1, 3)], HOUR, RANGE, enough=3)
    minutes = [Unit(NOON + timedelta(minutes=m), 1, None, 20) for m in (29, 28, 3)]
    minute = timedelta(minutes=1)
    finer = coarse.then(minutes, minute, RANGE, enough=9, most_rows=100)
    assert finer.floor == NOON
    assert finer.spans == [
        (NOON + 28 * minute, NOON + 30 * minute),
        (NOON + 3 * minute, NOON + 4 * minute),
    ]
