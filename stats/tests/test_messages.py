from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import partitions
from stats.buckets import Interval
from stats.messages import (
    distinct_messages,
    distinct_messages_series,
    message_sparklines,
    message_text,
)
from stats.models import MessageCount
from stats.rollups import digest
from stats.series import by_level

pytestmark = pytest.mark.django_db

DAY = datetime.combine(partitions.today(), datetime.min.time(), UTC)


def accept(application_id: int, moment: datetime, message: str = "Boom", level: int = 40) -> None:
    record = create_record(message, level=level)
    pipeline.accept(application_id, create_batch(record), received_at=moment)


def test_a_digest_names_a_message_of_its_application() -> None:
    application, other = create_application(), create_application()
    accept(application.pk, DAY, "Żółć 😀")
    accept(application.pk, DAY + timedelta(hours=3), "Żółć 😀", level=10)
    assert message_text(application.pk, digest("Żółć 😀")) == "Żółć 😀"
    assert message_text(other.pk, digest("Żółć 😀")) is None
    assert message_text(application.pk, digest("never said")) is None


def test_a_message_of_several_levels_is_one() -> None:
    application = create_application()
    for level in (10, 40):
        accept(application.pk, DAY + timedelta(hours=2), level=level)
    end = DAY + timedelta(hours=4)
    assert distinct_messages(application.pk, DAY, end) == 1
    assert distinct_messages_series(application.pk, DAY, end, Interval.HOUR) == [0, 0, 1, 0]
    sparkline = message_sparklines(application.pk, [digest("Boom")], DAY, end, Interval.HOUR)
    assert sparkline == {digest("Boom"): [0, 0, 2, 0]}


def test_messages_cost_two_queries_at_most_whatever_the_range(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    application = create_application()
    accept(application.pk, DAY + timedelta(hours=2))
    for since in (DAY, DAY - timedelta(days=80, seconds=7)):
        until = DAY + timedelta(hours=20, seconds=1)
        with django_assert_max_num_queries(2):
            distinct_messages(application.pk, since, until)
        with django_assert_max_num_queries(2):
            distinct_messages_series(application.pk, since, until, Interval.DAY)
        with django_assert_max_num_queries(2):
            digests = [digest("Boom"), digest("another")]
            message_sparklines(application.pk, digests, since, until, Interval.DAY)


def test_whole_hours_of_a_message_are_read_from_its_rollups() -> None:
    application = create_application()
    accept(application.pk, DAY + timedelta(hours=2, minutes=30))
    MessageCount.objects.update(n=100)
    end = DAY + timedelta(hours=6)
    (count,) = by_level(application.pk, DAY, end, message="Boom")
    assert count.count == 100
    sparkline = message_sparklines(application.pk, [digest("Boom")], DAY, end, Interval.DAY)
    assert sparkline == {digest("Boom"): [100]}
