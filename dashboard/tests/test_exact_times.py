from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from dashboard.exact_times import delay, exact

MOMENT = datetime(2026, 10, 4, 22, 1, 2, 345_678, tzinfo=UTC)


def test_a_moment_is_told_to_the_millisecond_in_the_viewers_zone_and_in_utc() -> None:
    with timezone.override(ZoneInfo("Europe/Warsaw")):
        found = exact(MOMENT)
    assert found.words == "5 Oct 2026, 00:01:02.345"
    assert found.utc == "2026-10-04 22:01:02.345 UTC"
    assert found.iso == "2026-10-05T00:01:02.345+02:00"


@pytest.mark.parametrize(
    ("late", "words"),
    [
        (timedelta(), ""),
        (timedelta(seconds=0.9), ""),
        (timedelta(seconds=-0.9), ""),
        (timedelta(seconds=1.24), "1.2 s later"),
        (timedelta(seconds=59), "59 s later"),
        (timedelta(minutes=5), "5 min later"),
        (timedelta(hours=3), "3 h later"),
        (timedelta(days=5000), "5,000 days later"),
        (timedelta(minutes=-3), "3 min earlier: the sender’s clock is ahead"),
    ],
)
def test_a_delay_is_told_where_it_is_notable(late: timedelta, words: str) -> None:
    assert delay(MOMENT, MOMENT + late) == words
