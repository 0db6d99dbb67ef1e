from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import partitions
from stats.buckets import Interval
from stats.models import HourCount, MinuteCount
from stats.rankings import top_messages
from stats.series import Point, by_level, timeseries

pytestmark = pytest.mark.django_db

DAY = datetime.combine(partitions.today(), datetime.min.time(), UTC)


def accept(application_id: int, moment: datetime, message: str = "Boom") -> None:
    pipeline.accept(application_id, create_batch(create_record(message)), received_at=moment)


def test_an_hour_that_two_days_of_a_zone_share_is_divided_between_them() -> None:
    application = create_application()
    midnight = DAY + timedelta(hours=18, minutes=30)  # in Kolkata
    accept(application.pk, midnight - timedelta(seconds=1))
    accept(application.pk, midnight)
    accept(application.pk, midnight + timedelta(minutes=29))
    series = timeseries(
        application.pk,
        DAY,
        DAY + timedelta(days=1),
        Interval.DAY,
        zone=ZoneInfo("Asia/Kolkata"),
    )
    assert series == [Point(midnight - timedelta(days=1), 1), Point(midnight, 2)]


def test_since_is_inclusive_and_until_exclusive() -> None:
    application = create_application()
    since, until = DAY + timedelta(minutes=3, seconds=7), DAY + timedelta(hours=5, seconds=9)
    for moment in (since, until, until - timedelta(milliseconds=1)):
        accept(application.pk, moment)
    accept(application.pk, since - timedelta(milliseconds=1))
    (level,) = by_level(application.pk, since, until)
    assert level.count == 2
    assert top_messages(application.pk, since, until)[0].count == 2


def test_another_application_is_never_counted() -> None:
    application, other = create_application(), create_application()
    accept(other.pk, DAY + timedelta(minutes=1))
    since, until = DAY + timedelta(seconds=1), DAY + timedelta(hours=2, seconds=1)
    assert timeseries(application.pk, since, until, Interval.HOUR) == []
    assert by_level(application.pk, since, until) == []
    assert top_messages(application.pk, since, until) == []


def test_statistics_cost_few_queries_whatever_the_range(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    application = create_application()
    for hours in (1, 20):
        accept(application.pk, DAY + timedelta(hours=hours), f"after {hours}")
    for since, until in (
        (DAY, DAY + timedelta(days=1)),
        (DAY - timedelta(days=80, seconds=7), DAY + timedelta(hours=20, seconds=1)),
    ):
        with django_assert_max_num_queries(2):
            timeseries(application.pk, since, until, Interval.DAY, zone=ZoneInfo("Asia/Kolkata"))
        with django_assert_max_num_queries(2):
            by_level(application.pk, since, until)
        with django_assert_max_num_queries(3):
            top_messages(application.pk, since, until)


def test_statistics_read_no_raw_rows_between_the_ends() -> None:
    """The rollups alone are changed: whole minutes and hours must come from there."""
    application = create_application()
    accept(application.pk, DAY + timedelta(hours=3, minutes=30))
    HourCount.objects.update(n=100)
    MinuteCount.objects.update(n=10)
    (hourly,) = by_level(application.pk, DAY, DAY + timedelta(hours=6))
    assert hourly.count == 100
    (minutely,) = by_level(application.pk, DAY, DAY + timedelta(hours=3, minutes=31))
    assert minutely.count == 10
    (raw,) = by_level(application.pk, DAY, DAY + timedelta(hours=3, minutes=30, seconds=1))
    assert raw.count == 1
