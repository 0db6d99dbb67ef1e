from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from dashboard.charts import Chart, Series, by_level
from stats.buckets import Interval, bucket_starts

START = datetime(2026, 10, 24, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def chart(interval: Interval, until: datetime, *values: int, zoom: str = "") -> Chart:
    zone = timezone.get_current_timezone()
    starts = bucket_starts(START, until, interval, zone)
    counts = [*values, *[0] * (len(starts) - len(values))]
    return Chart(
        id="course",
        title="Events",
        starts=starts,
        interval=interval,
        until=until,
        series=[Series("ERROR", counts, 40)],
        zoom=zoom,
    )


def test_a_last_bucket_that_goes_on_is_marked() -> None:
    assert chart(Interval.HOUR, START + 1.5 * HOUR).incomplete
    assert not chart(Interval.HOUR, START + 2 * HOUR).incomplete


def test_the_table_tells_what_the_canvas_draws_newest_first_and_without_empty_rows() -> None:
    made = chart(Interval.HOUR, START + 3 * HOUR, 5, 0, 7_000)
    assert [row["counts"] for row in made.rows()] == [["7,000"], ["5"]]
    assert made.drawn()["series"] == [{"label": "ERROR", "level": 40, "values": [5, 0, 7_000]}]
    assert made.total == 7_005


def test_rows_lead_to_their_bucket() -> None:
    made = chart(Interval.HOUR, START + HOUR, 1, zoom="?level=ERROR")
    part = "since=2026-10-24T00:00:00Z&until=2026-10-24T01:00:00Z"
    assert made.rows()[0]["zoom"] == f"?level=ERROR&{part}"


def test_a_minute_can_not_be_zoomed_into() -> None:
    made = chart(Interval.MINUTE, START + timedelta(minutes=1), 1, zoom="?")
    assert made.rows()[0]["zoom"] == ""


@pytest.mark.parametrize(("zone", "hours"), [("UTC", 24), ("Europe/Warsaw", 25)])
def test_a_day_ends_at_midnight_of_the_viewer(zone: str, hours: int) -> None:
    with timezone.override(ZoneInfo(zone)):
        made = chart(Interval.DAY, datetime(2026, 10, 25, 12, tzinfo=UTC))
        # Warsaw puts its clocks back on 25 October 2026.
        assert made.ends[-1] - made.starts[-1] == timedelta(hours=hours)
        assert made.starts[-1].astimezone(ZoneInfo(zone)).hour == 0


def test_of_hours_of_several_days_the_first_of_each_day_is_named() -> None:
    ticks = chart(Interval.HOUR, START + 2 * DAY).drawn()["ticks"]
    assert ticks == ["24 Oct", *[""] * 23, "25 Oct", *[""] * 23]


def test_hours_of_one_day_are_all_named() -> None:
    assert chart(Interval.HOUR, START + 2 * HOUR).drawn()["ticks"] == ["00:00", "01:00"]


def test_a_chart_without_buckets_is_empty() -> None:
    made = Chart(
        id="x", title="x", starts=[], interval=Interval.HOUR, until=START, series=by_level({})
    )
    assert (made.drawn()["series"], made.rows(), made.incomplete, made.total) == ([], [], False, 0)


def test_levels_are_drawn_with_the_least_severe_at_the_bottom() -> None:
    assert [one.label for one in by_level({40: [1], 10: [2], 20: [3]})] == [
        "DEBUG",
        "INFO",
        "ERROR",
    ]
