"""Statistics equal a GROUP BY over the raw rows, whatever was sent, resent, refused and deleted."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from applications.factories import create_application
from applications.models import Application
from events.models import Event
from events.records import EventRecord, Json
from ingest import pipeline
from ingest.factories import create_batch
from loghandler import partitions
from stats import closing, rebuilding, retention
from stats.buckets import Interval, bucket_starts
from stats.cover import HOUR, MINUTE, floor
from stats.messages import distinct_messages, distinct_messages_series, message_sparklines
from stats.models import HourCount, MessageCount, MinuteCount
from stats.rankings import top_messages
from stats.rollups import digest
from stats.series import active_series, by_level, series_by_level, timeseries

pytestmark = pytest.mark.django_db

START = datetime(2026, 3, 28, tzinfo=UTC)  # a weekend of daylight saving in Warsaw
POISON = Json(b"1e999999")
LEVELS = [10, 20, 30, 40, 50]

# Borders of days in the zones asked for, which cut hours.
BORDERS = [START + timedelta(hours=h, minutes=m) for h, m in ((18, 15), (18, 30), (23, 0), (24, 0))]
MESSAGES = ["Payment failed", "Timed out", "Żółć 😀", "x" * 300]


def moment(random: Random) -> datetime:
    """Anywhere in three days, or near a border."""
    if random.random() < 0.5:
        return START + timedelta(milliseconds=random.randrange(3 * 86_400_000))
    return random.choice(BORDERS) + timedelta(minutes=random.randint(-30, 30))


def record(random: Random) -> EventRecord:
    return EventRecord(
        message=random.choice(MESSAGES),
        level=random.choice(LEVELS),
        event_id=UUID(int=random.randint(1, 8)) if random.random() < 0.4 else None,
        user=POISON if random.random() < 0.1 else None,
    )


def sendings(random: Random) -> list[tuple[datetime, list[EventRecord]]]:
    return [
        (moment(random), [record(random) for _ in range(random.randrange(7))])
        for _ in range(random.randrange(12))
    ]


# From a seed: hypothesis itself would draw mostly small and empty ones.
seeds = st.integers(0, 2**32).map(Random)
moments = seeds.map(moment)
levels = st.none() | st.lists(st.sampled_from(LEVELS), min_size=1, max_size=3)
zones = st.sampled_from(["UTC", "Europe/Warsaw", "Asia/Kolkata", "Asia/Kathmandu"]).map(ZoneInfo)


@pytest.fixture(scope="module", autouse=True)
def _partitions(django_db_setup: None, django_db_blocker: Any) -> None:
    """Once, not healed in each of the many examples."""
    with django_db_blocker.unblock():
        partitions.ensure(*(START.date() + timedelta(days=n) for n in range(-1, 4)))


class TestExactness(TestCase):
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        seeds.map(sendings),
        st.none() | moments,
        seeds,
        st.just((START, START + timedelta(days=3))) | st.tuples(moments, moments),
        st.sampled_from([Interval.DAY, *Interval]),
        zones,
        levels,
    )
    def test_statistics_equal_the_rows(
        self,
        sent: list[tuple[datetime, list[EventRecord]]],
        deleted_before: datetime | None,
        closing_days: Random,
        asked: tuple[datetime, datetime],
        interval: Interval,
        zone: ZoneInfo,
        chosen: list[int] | None,
    ) -> None:
        application, other = create_application(), create_application()
        for number, (received_at, batch) in enumerate(sent):
            if number == len(sent) // 2:  # what comes after opens some of them again
                close_some(closing_days)
            for receiver in (application, other):
                pipeline.accept(receiver.pk, create_batch(*batch), received_at=received_at)
        if deleted_before:
            retention.delete_events(application, deleted_before)
        close_some(closing_days)
        since, until = min(asked), max(asked) + timedelta(milliseconds=1)
        if interval == Interval.MINUTE:
            until = min(until, since + timedelta(hours=30))
        check_range(application, since, until, interval, zone, chosen)
        check_series(application, since, until, interval, zone, chosen)
        check_together([application, other], since, until, interval, zone)
        before = rollups()
        for day in rebuilding.days():
            rebuilding.rebuild(day)
        assert rollups() == before


def close_some(random: Random) -> None:
    for number in range(3):
        if random.random() < 0.5:
            closing.close(START.date() + timedelta(days=number))


def check_range(
    application: Application,
    since: datetime,
    until: datetime,
    interval: Interval,
    zone: ZoneInfo,
    chosen: Sequence[int] | None,
) -> None:
    events = received([application], since, until, chosen)
    starts = bucket_starts(since, until, interval, zone)
    series = Counter(max(s for s in starts if s <= event.received_at) for event in events)
    points = timeseries(application.pk, since, until, interval, zone=zone, levels=chosen, fill=True)
    assert {point.bucket_start: point.count for point in points} == {
        start: series[start] for start in starts
    }
    counts = by_level(application.pk, since, until, levels=chosen)
    assert {item.level: item.count for item in counts} == Counter(e.level for e in events)
    ranked = top_messages(application.pk, since, until, levels=chosen)
    assert [(item.message, item.count, item.last_id) for item in ranked] == ranking(events)


def check_series(
    application: Application,
    since: datetime,
    until: datetime,
    interval: Interval,
    zone: ZoneInfo,
    chosen: Sequence[int] | None,
) -> None:
    events = received([application], since, until, chosen)
    starts = bucket_starts(since, until, interval, zone)
    buckets = [
        [event for event in events if low <= event.received_at < high]
        for low, high in zip(starts, [*starts[1:], until], strict=True)
    ]
    asked: Any = (application.pk, since, until, interval)
    options: Any = {"zone": zone, "levels": chosen}
    for message in (None, *MESSAGES):
        series = series_by_level(*asked, message=message, **options)
        assert series.starts == starts
        assert series.counts == levels_of(buckets, message)
        counts = by_level(application.pk, since, until, levels=chosen, message=message)
        assert {item.level: item.count for item in counts} == {
            level: sum(column) for level, column in series.counts.items()
        }
    said = [Counter(event.message for event in bucket) for bucket in buckets]
    assert distinct_messages(*asked[:3], levels=chosen) == len({e.message for e in events})
    assert distinct_messages_series(*asked, **options) == [len(counter) for counter in said]
    check_sparklines(events, starts, asked, options)
    unit = MINUTE if interval in {Interval.MINUTE, Interval.HOUR} else HOUR
    assert active_series(*asked, **options) == [
        len({floor(event.received_at, unit) for event in bucket}) for bucket in buckets
    ]


def check_sparklines(
    events: Sequence[Event], starts: Sequence[datetime], asked: Any, options: Any
) -> None:
    """Those of half an hour's zone start with the hour."""
    application_id, since, until, interval = asked
    unit = MINUTE if interval == Interval.MINUTE else HOUR
    whole = [floor(start, unit) for start in starts]
    expected = {message: [0] * len(starts) for message in [*MESSAGES, "never said"]}
    for event in events:
        expected[event.message][bisect_right(whole, event.received_at) - 1] += 1
    digests = [digest(message) for message in expected]
    assert message_sparklines(application_id, digests, since, until, interval, **options) == {
        digest(message): counts for message, counts in expected.items()
    }


def levels_of(buckets: list[list[Event]], message: str | None) -> dict[int, list[int]]:
    counters = [
        Counter(event.level for event in bucket if message in (None, event.message))
        for bucket in buckets
    ]
    return {
        level: [counter[level] for counter in counters]
        for level in sorted({level for counter in counters for level in counter}, reverse=True)
    }


def check_together(
    applications: Sequence[Application],
    since: datetime,
    until: datetime,
    interval: Interval,
    zone: ZoneInfo,
) -> None:
    ids = [application.pk for application in applications]
    events = received(applications, since, until, None)
    series = series_by_level(ids, since, until, interval, zone=zone)
    assert sum(map(sum, series.counts.values())) == len(events)
    counts = Counter((event.application_id, event.message) for event in events)
    ranked = top_messages(ids, since, until)
    assert {(item.application_id, item.message): item.count for item in ranked} == counts
    assert all(item.digest == digest(item.message) for item in ranked)


def received(
    applications: Sequence[Application],
    since: datetime,
    until: datetime,
    chosen: Sequence[int] | None,
) -> list[Event]:
    events = Event.objects.filter(application__in=applications).since(since).until(until)
    return [event for event in events if chosen is None or event.level in chosen]


def ranking(events: Sequence[Event]) -> list[tuple[str, int, UUID]]:
    counts = Counter(event.message for event in events)
    last = {message: max(e.id for e in events if e.message == message) for message in counts}
    ranked = [(message, n, last[message]) for message, n in counts.items()]
    return sorted(ranked, key=lambda item: (item[1], item[2]), reverse=True)


def rollups() -> list[list[dict[str, object]]]:
    return [
        list(model.objects.order_by("application_id", *columns).values("application_id", *columns))
        for model, columns in (
            (MinuteCount, ["minute", "level", "n"]),
            (HourCount, ["hour", "level", "n", "last_id"]),
            (MessageCount, ["hour", "level", "digest", "n", "last_id"]),
        )
    ]
