"""What checks found becomes rows, states and outages."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from loghandler import partitions, queue
from loghandler.outbound.connections import Timings
from monitors.factories import create_maintenance, create_monitor
from monitors.models import Check, Monitor, Outage
from monitors.records import MOST_CHARACTERS, CheckRecord
from monitors.storing import Found, store
from monitors.verdicts import DOWN, MAINTENANCE, UP

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def now() -> datetime:
    partitions.ensure()
    return datetime.now(UTC).replace(microsecond=123_000)


def check(at: datetime, failure: str | None = None, **fields: Any) -> CheckRecord:
    return CheckRecord(at, failure, f"at {at:%H:%M}" if failure else "", **fields)


def stored(monitor: Monitor, *checks: CheckRecord) -> list[str]:
    """Store checks one by one; the states that the monitor went to."""
    states = []
    for each in checks:
        found = Found(monitor.application_id, monitor.pk, each)
        states += [change.after.state for change in store([found])]
    monitor.refresh_from_db()
    return states


def test_a_check_is_stored_with_all_that_it_found(now: datetime) -> None:
    monitor = create_monitor()
    until = now.replace(microsecond=0) + timedelta(days=5)
    timings = Timings(1.5, 2.5, None, 4.5, 0.5)
    record = CheckRecord(now, "status", "Status 500", timings, 500, "192.0.2.1", until)
    assert stored(monitor, record) == []
    (row,) = Check.objects.values()
    assert row == {
        "application_id": monitor.application_id,
        "monitor_id": monitor.pk,
        "checked_at": now,
        "failure": "status",
        "words": "Status 500",
        "dns_ms": 1.5,
        "connect_ms": 2.5,
        "tls_ms": None,
        "first_byte_ms": 4.5,
        "body_ms": 0.5,
        "status": 500,
        "address": "192.0.2.1",
        "certificate_until": until,
        "output": None,
    }
    assert monitor.certificate_until == until
    assert monitor.duration_ms == 9.0
    assert (monitor.checked_at, monitor.failed, monitor.failure) == (now, 1, "status")


def test_what_a_target_wrote_is_stored_as_far_as_postgresql_takes_it(now: datetime) -> None:
    monitor = create_monitor(retries=0)
    words = "state is \0 \ud800, not up" + " and so on" * 1_000
    assert stored(monitor, CheckRecord(now, "value", words, address="fe80::1%eth0")) == [DOWN]
    row = Check.objects.get()
    assert row.words == Outage.objects.get().words == monitor.words
    assert row.words.startswith("state is \ufffd \ufffd, not up and so on")
    assert len(row.words) == MOST_CHARACTERS
    assert row.address == "fe80::1"


def test_an_outage_begins_and_ends(now: datetime) -> None:
    monitor = create_monitor(retries=1)
    moments = [now + n * MINUTE for n in range(5)]
    failures = [None, "timeout", "refused", "refused", None]
    states = stored(monitor, *map(check, moments, failures))
    assert states == [UP, DOWN, UP]
    (outage,) = Outage.objects.all()
    assert (outage.begin, outage.end) == (moments[1], moments[4])
    assert (outage.failure, outage.words) == ("timeout", f"at {moments[1]:%H:%M}")
    assert outage.duration == 3 * MINUTE
    assert (monitor.state, monitor.state_since, monitor.failure) == (UP, moments[4], None)


def test_rules_are_evaluated_at_once_where_a_state_has_changed(now: datetime) -> None:
    waiting = ProcrastinateJob.objects.filter(task_name=queue.EVALUATING, status="todo")
    monitor = create_monitor(retries=1, state=UP)
    stored(monitor, check(now), check(now + MINUTE, "dns"))
    assert not waiting.exists()  # it is up until one more has failed
    assert stored(monitor, check(now + 2 * MINUTE, "dns")) == [DOWN]
    assert waiting.count() == 1


def test_one_that_goes_on_stays_open(now: datetime) -> None:
    monitor = create_monitor(retries=0)
    stored(monitor, *(check(now + n * MINUTE, "dns") for n in range(3)))
    (outage,) = Outage.objects.all()
    assert (outage.begin, outage.end) == (now, None)
    assert (monitor.state, monitor.failed) == (DOWN, 3)


def test_maintenance_ends_an_outage(now: datetime) -> None:
    monitor = create_monitor(retries=0)
    stored(monitor, check(now, "dns"))
    begin, end = now + MINUTE / 2, now + 3 * MINUTE / 2
    create_maintenance(monitor.application, begin, end)
    assert stored(monitor, check(now + MINUTE, "dns")) == [MAINTENANCE]
    assert Outage.objects.get().end == now + MINUTE
    assert stored(monitor, check(now + 2 * MINUTE, "dns")) == [DOWN]
    assert Outage.objects.filter(end=None).get().begin == now + 2 * MINUTE


def test_a_check_that_comes_too_late_is_stored_and_changes_no_state(now: datetime) -> None:
    monitor = create_monitor(retries=0)
    stored(monitor, check(now))
    assert stored(monitor, check(now - MINUTE, "timeout")) == []
    assert Check.objects.count() == 2
    assert (monitor.state, monitor.checked_at) == (UP, now)


def test_a_clock_that_was_ahead_silences_no_monitor(now: datetime) -> None:
    monitor = create_monitor(retries=0)
    ahead = now + 60 * MINUTE
    assert stored(monitor, check(ahead, "timeout")) == [DOWN]
    assert stored(monitor, check(now)) == [UP]
    assert (monitor.checked_at, monitor.state_since) == (now, now)
    outage = Outage.objects.get()
    assert (outage.begin, outage.end) == (now, now)


def test_storing_twice_changes_nothing(now: datetime) -> None:
    monitor = create_monitor(retries=0)
    assert stored(monitor, check(now, "dns"), check(now, "dns")) == [DOWN]
    assert (Check.objects.count(), Outage.objects.count(), monitor.failed) == (1, 1, 1)


def test_a_monitor_that_was_deleted_meanwhile_is_no_trouble(now: datetime) -> None:
    monitor = create_monitor()
    found = [
        Found(monitor.application_id, monitor.pk + 1, check(now, "dns")),
        Found(monitor.application_id, monitor.pk, check(now)),
    ]
    (change,) = store(found)
    assert change.monitor == monitor


def test_many_are_stored_by_as_many_statements_as_one(now: datetime) -> None:
    def statements(count: int, failure: str | None) -> int:
        found = [
            Found(each.application_id, each.pk, check(now, failure))
            for each in (create_monitor(retries=0) for _ in range(count))
        ]
        with CaptureQueriesContext(connection) as queries:
            assert len(store(found)) == count
        return len(queries)

    statements(1, None)  # rules are to be evaluated: that is said once
    assert statements(1, None) == statements(30, None)
    assert statements(1, "dns") == statements(30, "dns")
    assert store([]) == []
