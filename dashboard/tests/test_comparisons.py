"""The period that a range is told against: its buckets lie beside those of the range."""

from datetime import UTC, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest

from dashboard.comparisons import BEFORE, WEEK, Choice, Comparison, comparison
from dashboard.ranges import RANGES, Span, custom
from stats.buckets import Interval, bucket_starts

NOW = datetime(2026, 11, 25, 10, 30, 12, tzinfo=UTC)
WARSAW = ZoneInfo("Europe/Warsaw")
HOUR, DAY, WEEK_LONG = timedelta(hours=1), timedelta(days=1), timedelta(days=7)


def beside(choice: Choice, span: Span, zone: tzinfo = UTC) -> Comparison:
    starts = bucket_starts(span.since, span.until, span.interval, zone)
    found = comparison(choice, span, starts, zone)
    assert len(found.starts) == len(starts)
    return found


def local(moment: datetime, zone: tzinfo = WARSAW) -> str:
    return f"{moment.astimezone(zone):%d %b %H:%M}"


@pytest.mark.parametrize(("name", "shift"), [("1h", HOUR), ("24h", DAY), ("7d", WEEK_LONG)])
def test_the_period_before_has_as_many_buckets_and_as_much_of_them(
    name: str, shift: timedelta
) -> None:
    span = RANGES[name].span(NOW, UTC)
    found = beside(BEFORE, span)
    assert found.since == span.since - shift
    assert found.until == NOW.replace(second=0) - shift
    assert found.starts[0] == span.since - shift
    assert found.end == span.until - shift


@pytest.mark.parametrize("name", RANGES)
def test_a_week_ago_it_was_the_same_time_of_the_same_weekday(name: str) -> None:
    span = RANGES[name].span(NOW, UTC)
    found = beside(WEEK, span)
    assert (found.since, found.end) == (span.since - WEEK_LONG, span.until - WEEK_LONG)
    assert found.until == NOW.replace(second=0) - WEEK_LONG


def test_days_begin_at_midnight_on_either_side_of_a_change_of_the_clocks() -> None:
    now = datetime(2026, 10, 28, 10, tzinfo=UTC)  # Warsaw put its clocks back on 25 October
    span = RANGES["30d"].span(now, WARSAW)
    found = beside(BEFORE, span, WARSAW)
    assert {local(start)[-5:] for start in found.starts} == {"00:00"}
    assert (local(span.since), local(found.since)) == ("29 Sep 00:00", "30 Aug 00:00")
    assert local(found.until) == "28 Sep 11:00"


def test_a_day_that_was_shorter_ends_where_the_next_one_begins() -> None:
    # Beside the 25 hours of 25 October there are 23 of 29 March.
    span = custom(
        datetime(2026, 10, 17, 22, tzinfo=UTC), datetime(2026, 10, 25, 22, 30, tzinfo=UTC), NOW
    )
    assert span.interval == Interval.DAY
    starts = bucket_starts(span.since, span.until, span.interval, WARSAW)
    found = comparison(datetime(2026, 3, 22, 12, tzinfo=UTC), span, starts, WARSAW)
    assert [local(start) for start in found.starts] == [f"{n} Mar 00:00" for n in range(22, 30)]
    assert local(span.until) == "25 Oct 23:30"
    assert local(found.end) == "30 Mar 00:00"


def test_hours_of_a_week_ago_begin_by_the_clock_and_pass_evenly() -> None:
    now = datetime(2026, 10, 26, 10, 30, tzinfo=UTC)
    span = RANGES["24h"].span(now, WARSAW)
    found = beside(WEEK, span, WARSAW)
    assert local(span.since) == "25 Oct 12:00"
    assert local(found.since) == "18 Oct 12:00"
    assert found.starts[-1] - found.starts[0] == 23 * HOUR
    now = datetime(2026, 10, 25, 10, 30, tzinfo=UTC)
    span = RANGES["24h"].span(now, WARSAW)  # its night had 25 hours
    found = beside(WEEK, span, WARSAW)
    assert (local(span.since), local(found.since)) == ("24 Oct 13:00", "17 Oct 13:00")
    assert (local(span.until), local(found.end)) == ("25 Oct 12:00", "18 Oct 13:00")


def test_a_custom_range_keeps_its_place_within_its_buckets() -> None:
    span = custom(NOW - 5 * HOUR, NOW - HOUR, NOW)  # 5:30:12 to 9:30:12: five buckets
    found = beside(BEFORE, span)
    assert found.starts[0] == datetime(2026, 11, 25, 0, tzinfo=UTC)
    assert (found.since, found.until) == (NOW - 10 * HOUR, NOW - 6 * HOUR)


def test_a_period_of_ones_own_begins_with_the_bucket_of_its_date() -> None:
    chosen = datetime(2026, 11, 1, 8, 45, tzinfo=UTC)
    assert beside(chosen, RANGES["24h"].span(NOW, UTC)).since == chosen.replace(minute=0)
    assert beside(chosen, RANGES["1h"].span(NOW, UTC)).since == chosen
    days = beside(chosen, RANGES["30d"].span(NOW, WARSAW), WARSAW)
    assert local(days.since) == "01 Nov 00:00"


def test_of_a_range_that_is_all_to_come_nothing_has_passed() -> None:
    span = custom(NOW + HOUR, NOW + 2 * HOUR, NOW)
    found = beside(BEFORE, span)
    assert found.since == found.until < found.end
