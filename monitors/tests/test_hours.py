"""Sums of hours equal the checks, however late they are stored."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loghandler import partitions
from loghandler.outbound.connections import Timings
from monitors import hours
from monitors.durations import bucket
from monitors.factories import create_monitor
from monitors.models import Check, HourOfChecks, Monitor
from monitors.records import CheckRecord
from monitors.response_times import Checks, steps, total
from monitors.storing import Found, store
from monitors.uptime import Span

pytestmark = pytest.mark.django_db
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)


def check(at: datetime, ms: float | None) -> CheckRecord:
    """One that took so long, or failed."""
    if ms is None:
        return CheckRecord(at, "timeout", "No answer")
    return CheckRecord(at, timings=Timings(1.0, 2.0, None, ms - 3.0, None))


def checked(monitor: Monitor, since: datetime, until: datetime, every: timedelta) -> None:
    random = Random(since.isoformat())
    at = since
    while at < until:
        ms = None if random.random() < 0.2 else random.lognormvariate(5, 1) + 4
        with time_machine.travel(at, tick=False):
            store([Found(monitor.application_id, monitor.pk, check(at, ms))])
        at += every


@pytest.fixture
def monitor() -> Monitor:
    partitions.ensure(*((NOON + n * HOUR).date() for n in (-24, 0, 24)))
    return create_monitor()


@pytest.mark.parametrize("summed", [False, True])
def test_steps_are_the_same_from_sums_and_from_checks(monitor: Monitor, summed: bool) -> None:
    checked(monitor, NOON - 14 * HOUR, NOON + 25 * MINUTE, 7 * MINUTE)
    checked(create_monitor(), NOON - HOUR, NOON, 20 * MINUTE)
    if summed:
        hours.sum_up(NOON + 25 * MINUTE)
        assert HourOfChecks.objects.filter(monitor=monitor).count() == 14
    span = Span(NOON - 24 * HOUR, NOON + 25 * MINUTE)
    found = steps(monitor, span, 4 * HOUR)
    fine = steps(monitor, Span(NOON - 24 * HOUR + MINUTE, span.end), 30 * MINUTE)
    assert [begin for begin, _ in found[:2]] == [NOON - 24 * HOUR, NOON - 20 * HOUR]
    assert [each.checks for _, each in found] == [0, 0, 18, 34, 34, 34, 4]
    assert total(found) == total(fine)
    failed = Check.objects.filter(monitor=monitor).exclude(failure=None).count()
    assert 0 < failed < 60
    assert (total(found).checks, total(found).failures) == (124, failed)
    assert sum(total(found).durations.values()) == 124 - failed


def test_the_bucket_of_the_database_is_ours(monitor: Monitor) -> None:
    durations = [3.05, 4.0, 17.3, 99.0, 1_234.5, 59_000.0]
    for number, ms in enumerate(durations):
        at = NOON + number * MINUTE
        store([Found(monitor.application_id, monitor.pk, check(at, ms))])
    ((_, found),) = steps(monitor, Span(NOON, NOON + HOUR), HOUR)
    assert found.durations == {bucket(ms): 1 for ms in durations}
    assert found.percentile(50) == pytest.approx(17.3, rel=0.025)
    assert Checks(1, 1, {}).percentile(50) is None


def test_what_is_stored_late_is_counted(monitor: Monitor) -> None:
    checked(monitor, NOON - 3 * HOUR, NOON, 10 * MINUTE)
    hours.sum_up(NOON + 20 * MINUTE)
    span = Span(NOON - 3 * HOUR, NOON)
    before = total(steps(monitor, span, HOUR))
    with time_machine.travel(NOON + 30 * MINUTE, tick=False):
        late = check(NOON - 95 * MINUTE, 50)
        store([Found(monitor.application_id, monitor.pk, late)])
    after = total(steps(monitor, span, HOUR))
    assert after.checks == before.checks + 1
    assert HourOfChecks.objects.count() == 3


def test_an_hour_is_summed_up_once_nothing_is_stored_in_it_any_more(monitor: Monitor) -> None:
    checked(monitor, NOON - 2 * HOUR, NOON, 10 * MINUTE)
    hours.sum_up(NOON + 14 * MINUTE)
    assert HourOfChecks.objects.count() == 1
    hours.sum_up(NOON + 15 * MINUTE)
    hours.sum_up(NOON + 15 * MINUTE)
    assert [each.checks for each in HourOfChecks.objects.order_by("hour")] == [6, 6]


def test_days_without_checks_are_passed_by(monitor: Monitor) -> None:
    checked(monitor, NOON - 20 * HOUR, NOON - 19 * HOUR, 10 * MINUTE)
    hours.sum_up(NOON)
    checked(monitor, NOON + 20 * HOUR, NOON + 21 * HOUR, 10 * MINUTE)
    hours.sum_up(NOON + 22 * HOUR)
    assert HourOfChecks.objects.count() == 2


def test_months_are_read_from_sums(monitor: Monitor) -> None:
    checked(monitor, NOON - HOUR, NOON, 10 * MINUTE)
    hours.sum_up(NOON + HOUR)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        steps(monitor, Span(NOON - 24 * HOUR, NOON), 6 * HOUR)
    assert len(queries) == 3
