from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings

from applications.factories import create_application
from events.models import Event
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import partitions

pytestmark = pytest.mark.django_db

TABLES = [
    "events_seeneventid",
    "events_event",
    "traffic_seenrequestid",
    "traffic_useragent",
    "traffic_request",
    "monitors_check",
    "monitors_hourofchecks",
    "stats_trafficminute",
    "stats_trafficvaluehour",
    "stats_traffichour",
    "stats_traffictotal",
    "stats_trafficday",
    "stats_traffictotalday",
    "stats_trafficvalueday",
    "stats_trafficusersday",
    "stats_trafficcolumn",
    "stats_messagecount",
    "stats_minutecount",
    "stats_hourcount",
    "stats_messagedaycount",
    "stats_daycount",
    "ingest_refusalcount",
]
BY_MONTH = [
    "monitors_hourofchecks",
    "traffic_useragent",
    "stats_trafficday",
    "stats_traffictotalday",
    "stats_trafficvalueday",
    "stats_trafficusersday",
    "stats_messagedaycount",
    "stats_daycount",
]


def test_the_tables_that_grow_are_partitioned_in_the_order_of_the_writers_locks() -> None:
    assert [model._meta.db_table for model in partitions.partitioned_models()] == TABLES


def test_ensure_makes_what_is_missing_once() -> None:
    day = date(2031, 5, 6)
    names = [f"{table}_203105{'01' if table in BY_MONTH else '06'}" for table in TABLES]
    assert partitions.missing(day) == names
    assert partitions.ensure(day, day) == names
    assert partitions.missing(day) == []
    assert partitions.ensure(day) == []


def test_today_and_the_coming_week_are_made_ahead() -> None:
    with time_machine.travel(datetime(2031, 5, 6, 23, 59, tzinfo=UTC)):
        days = partitions.ahead()
    assert days == [date(2031, 5, 6) + timedelta(days=n) for n in range(8)]
    assert len(days) == settings.PARTITIONS_AHEAD_DAYS + 1


def test_a_missing_partition_heals_itself_at_the_write() -> None:
    application = create_application()
    moment = datetime(2031, 5, 6, 0, 0, 30, tzinfo=UTC)
    outcome = pipeline.accept(application.pk, create_batch(create_record()), received_at=moment)
    assert len(outcome.accepted) == 1
    assert Event.objects.get().received_at == moment
    # In the first minute of a day the ledger of the day before is written to as well.
    assert partitions.missing(date(2031, 5, 5)) == []


def test_a_partition_tells_its_day() -> None:
    assert partitions.day_of(partitions.name("events_event", date(2031, 5, 6))) == date(2031, 5, 6)


def test_a_month_is_made_once_and_dropped_when_its_last_day_is_past_its_keeping(
    settings: Any,
) -> None:
    settings.RETENTION_DAYS = 10
    partitions.ensure(date(2031, 5, 6), date(2031, 5, 31))
    month = {f"{table}_20310501" for table in BY_MONTH}

    def dropped(at: datetime) -> set[str]:
        return {name for names in partitions.expired(at).values() for name in names}

    assert not month & dropped(datetime(2031, 6, 10, tzinfo=UTC))
    assert month <= dropped(datetime(2031, 6, 11, tzinfo=UTC))
    assert partitions.missing(date(2031, 5, 30)) == [
        f"{table}_20310530" for table in TABLES if table not in BY_MONTH
    ]
