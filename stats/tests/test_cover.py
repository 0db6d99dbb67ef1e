"""How a range is taken apart. No database."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from stats.cover import (
    DAY,
    HOUR,
    MINUTE,
    QUARTER,
    Cover,
    Range,
    cover,
    cover_by_minute,
    cover_by_rows,
    cover_messages,
    floor,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.timedeltas(timedelta(0), timedelta(days=3)).map(lambda offset: START + offset)


def seconds(pieces: tuple[Range, ...]) -> float:
    return sum((high - low).total_seconds() for low, high in pieces)


def joined(pieces: list[Range]) -> list[Range]:
    """The pieces in order, those that touch made one."""
    whole: list[Range] = []
    for low, high in sorted(pieces):
        if whole and whole[-1][1] == low:
            whole[-1] = (whole[-1][0], high)
        else:
            whole.append((low, high))
    return whole


@given(moments, moments)
def test_the_pieces_make_up_the_range_without_overlap(one: datetime, other: datetime) -> None:
    since, until = sorted((one, other))
    for covering in (cover, cover_by_minute, cover_messages, cover_by_rows):
        pieces = covering(since, until)
        every = [*pieces.rows, *pieces.minutes, *pieces.hours, *pieces.tail]
        assert joined(every) == ([(since, until)] if since < until else [])
        assert all(floor(moment, MINUTE) == moment for piece in pieces.minutes for moment in piece)
        assert all(floor(moment, HOUR) == moment for piece in pieces.hours for moment in piece)


@given(moments, moments)
def test_little_is_left_to_the_raw_rows(one: datetime, other: datetime) -> None:
    since, until = sorted((one, other))
    pieces = cover(since, until)
    assert seconds(pieces.rows) < 120
    assert seconds(pieces.minutes) < 7_200


@given(moments, moments, st.lists(moments.map(lambda moment: floor(moment, MINUTE))))
def test_an_hour_that_a_bucket_cuts_is_not_read_as_a_whole(
    one: datetime, other: datetime, starts: list[datetime]
) -> None:
    since, until = sorted((one, other))
    cut = [start for start in starts if start != floor(start, HOUR)]
    for pieces in (cover(since, until, starts), cover_messages(since, until, starts)):
        every = [*pieces.rows, *pieces.minutes, *pieces.hours, *pieces.tail]
        assert joined(every) == ([(since, until)] if since < until else [])
        assert not any(low <= start < high for low, high in pieces.hours for start in cut)


@given(
    moments,
    moments,
    st.lists(moments.map(lambda moment: floor(moment, HOUR))),
    st.sets(st.integers(-1, 3).map(lambda number: (START + number * DAY).date())),
)
def test_closed_days_stand_for_their_hours(
    one: datetime, other: datetime, starts: list[datetime], closed: set[date]
) -> None:
    since, until = sorted((one, other))
    for covering in (cover, cover_messages):
        pieces = covering(since, until, starts, closed)
        every = [
            *pieces.rows,
            *pieces.minutes,
            *pieces.hours,
            *pieces.days,
            *pieces.cut_days,
            *pieces.tail,
        ]
        assert joined(every) == ([(since, until)] if since < until else [])
        assert set(days_in(pieces.days + pieces.cut_days)) == {
            day for day in closed if since <= midnight(day) <= until - DAY
        }
        uncut = set(days_in(pieces.days))
        assert not any(start.date() in uncut for start in starts if start != floor(start, DAY))


def test_a_closed_day_tells_of_parts_that_are_short_enough() -> None:
    next_day = START + DAY
    half_past = START + timedelta(hours=18, minutes=30)
    closed = [START.date()]
    by_quarter = cover(START, next_day, [START, half_past], closed, QUARTER)
    assert by_quarter == Cover((), (), (), cut_days=((START, next_day),))
    assert cover(START, next_day, [START, half_past], closed).cut_days == ()
    odd = half_past + timedelta(minutes=7)
    assert cover(START, next_day, [START, odd], closed, QUARTER).cut_days == ()


def days_in(pieces: tuple[Range, ...]) -> list[date]:
    return [day for low, high in pieces for day in days_of(low, high)]


def days_of(low: datetime, high: datetime) -> list[date]:
    assert floor(low, DAY) == low
    assert floor(high, DAY) == high
    return [(low + number * DAY).date() for number in range((high - low) // DAY)]


def midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def test_nothing_else_is_read_by_the_minute() -> None:
    midnight = START + timedelta(hours=18, minutes=30)
    pieces = cover(START, START + timedelta(days=1), [START, midnight])
    six, seven = START + timedelta(hours=18), START + timedelta(hours=19)
    assert pieces == Cover((), ((six, seven),), ((START, six), (seven, START + timedelta(days=1))))
