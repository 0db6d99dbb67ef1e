"""Hours that are over are encoded, days are merged, and what is old or deleted is not read."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from applications.models import Application
from ingest import pipeline
from ingest.factories import create_requests
from stats import once
from stats.models import TrafficColumn
from stats.traffic import (
    block_reading,
    block_writing,
    blocks,
    closing,
    deletions,
    encoding,
    slicing,
)
from stats.traffic.breakdowns import breakdown
from stats.traffic.columns import MINUTE_ENDS, STORED
from stats.traffic.criteria import Criteria
from stats.traffic.dimensions import Dimension
from stats.traffic.measures import total
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 19, 10, 30, tzinfo=UTC)
DAY = date(2026, 11, 18)
MORNING = datetime(2026, 11, 18, 6, 30, tzinfo=UTC)
CHOSEN = Criteria(MORNING - timedelta(days=2), NOW, included={"user": ["ann"]})


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def application() -> Application:
    return create_application()


def accept(application: Application, *moments: datetime, user_id: str = "ann") -> None:
    records = [create_request_record(occurred_at=each, user_id=user_id) for each in moments]
    pipeline.accept(application.pk, create_requests(*records))


def stored(application: Application) -> list[tuple[datetime, int, int]]:
    """Start, hours and requests of each part of the application's blocks."""
    found = TrafficColumn.objects.filter(application=application, number=STORED[MINUTE_ENDS])
    return list(found.order_by("start", "part").values_list("start", "hours", "n"))


def open_hours(application: Application) -> int:
    return sum(blocks.planned(application.pk, CHOSEN.since, NOW).open.values())


def test_hours_that_are_over_are_encoded(application: Application) -> None:
    hours = [MORNING.replace(minute=0), NOW.replace(hour=9, minute=0)]
    accept(application, MORNING, MORNING, *hours, NOW)
    encoding.encode_hours()
    assert stored(application) == [(hours[0], 1, 3), (hours[1], 1, 1)]
    assert open_hours(application) == 1  # now
    assert total(application.pk, CHOSEN).requests == 4


@pytest.mark.parametrize(("minute", "encoded"), [(1, 0), (2, 1)])
def test_who_sends_late_is_waited_for(application: Application, minute: int, encoded: int) -> None:
    accept(application, NOW.replace(hour=9))
    with time_machine.travel(NOW.replace(minute=minute), tick=False):
        encoding.encode_hours()
    assert len(stored(application)) == encoded


def test_an_hour_is_encoded_once(
    application: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    accept(application, MORNING)
    encoding.encode_hours()
    with django_assert_num_queries(2):
        encoding.encode_hours()


def test_what_comes_later_is_counted_at_once_and_encoded_next(application: Application) -> None:
    accept(application, MORNING)
    encoding.encode_hours()
    accept(application, MORNING)
    assert open_hours(application) == 2
    assert total(application.pk, CHOSEN).requests == 2
    encoding.encode_hours()
    assert open_hours(application) == 0
    assert total(application.pk, CHOSEN).requests == 2


def test_a_closed_day_is_one_block(application: Application) -> None:
    other = create_application()
    accept(application, MORNING)
    accept(other, MORNING)
    encoding.encode_hours()
    accept(application, MORNING + timedelta(hours=3), user_id="bob")
    closing.close(DAY)
    midnight = MORNING.replace(hour=0, minute=0)
    assert stored(application) == [(midnight, 24, 2)]
    assert stored(other) == [(midnight, 24, 1)]
    assert total(application.pk, CHOSEN).requests == 1


def test_a_request_for_a_closed_day_makes_it_hours_again(application: Application) -> None:
    accept(application, MORNING, MORNING + timedelta(hours=1))
    closing.close(DAY)
    accept(application, MORNING)
    assert total(application.pk, CHOSEN).requests == 3
    encoding.encode_hours()
    assert [(hours, n) for _, hours, n in stored(application)] == [(1, 2), (1, 1)]
    closing.close(DAY)
    assert [(hours, n) for _, hours, n in stored(application)] == [(24, 3)]
    assert total(application.pk, CHOSEN).requests == 3


def test_who_is_deleted_is_in_no_block(application: Application) -> None:
    other = create_application()
    for receiver in (application, other):
        accept(receiver, MORNING)
        accept(receiver, MORNING, user_id="bob")
    closing.close(DAY)
    sum(deletions.batches(application.pk, user="ann"))
    assert stored(application) == []
    accept(application, MORNING, user_id="cy")  # as many as there were
    assert total(application.pk, CHOSEN).requests == 0
    closing.close(DAY)
    assert b"ann" not in contents(application)
    assert b"ann" in contents(other)


def contents(application: Application) -> bytes:
    found = TrafficColumn.objects.filter(application=application)
    return b"".join(bytes(each) for each in found.values_list("dictionary", flat=True))


def test_long_blocks_are_stored_in_parts(application: Application) -> None:
    moments = [MORNING + timedelta(minutes=each) for each in range(90)]
    accept(application, *moments)
    accept(application, *moments[::2], user_id="bob")
    with (
        patch.object(block_writing, "MOST_ROWS", 50),
        patch.object(block_reading, "BATCH_ROWS", 20),
    ):
        closing.close(DAY)
    assert [n for _, _, n in stored(application)] == [45, 40, 50]
    assert total(application.pk, CHOSEN).requests == 90
    users = breakdown(
        application.pk, Criteria(MORNING, NOW, included={"status": [200]}), Dimension.USER, limit=9
    )
    assert [(one.value, one.requests) for one in users.values] == [("ann", 90), ("bob", 45)]
    assert (users.values[0].first_at, users.values[0].last_at) == (moments[0], moments[-1])


def test_requests_without_blocks_are_read_some_at_a_time(application: Application) -> None:
    accept(application, *(NOW - timedelta(minutes=each) for each in range(5)))
    with patch.object(block_reading, "BATCH_ROWS", 2):
        assert total(application.pk, CHOSEN).requests == 4  # before now


def test_columns_are_read_some_at_a_time(application: Application) -> None:
    accept(application, *(MORNING + timedelta(hours=each) for each in range(5)))
    encoding.encode_hours()
    with patch.object(block_reading, "BATCH_NUMBERS", 1):
        assert total(application.pk, CHOSEN).requests == 5


def test_a_block_that_is_replaced_while_it_is_read_is_read_from_the_requests(
    application: Application,
) -> None:
    accept(application, MORNING, MORNING + timedelta(hours=1))
    encoding.encode_hours()
    chosen = slicing.sliced(application.pk, CHOSEN)
    assert chosen is not None
    closing.close(DAY)  # the hours are one block now
    assert chosen.total().requests == 2


def test_many_requests_without_blocks_are_counted_by_the_database(
    application: Application,
) -> None:
    accept(application, MORNING, MORNING)
    with patch.object(slicing, "MOST_OPEN", 1):
        assert slicing.sliced(application.pk, CHOSEN) is None
        assert total(application.pk, CHOSEN).requests == 2


def test_a_page_finds_out_once_what_is_chosen(
    application: Application, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    accept(application, MORNING)
    encoding.encode_hours()
    with once.for_a_page(), django_assert_num_queries(2):
        assert total(application.pk, CHOSEN).requests == 1
        assert breakdown(application.pk, CHOSEN, Dimension.CLIENT, limit=9).distinct == 0
