"""Each monitor that is due is claimed once per interval, and keeps its phase."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from monitors.claiming import claim
from monitors.factories import create_heartbeat, create_monitor
from monitors.models import Monitor
from monitors.records import HeartbeatTarget, TcpTarget

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def claimed(now: datetime, most: int = 100) -> list[int]:
    return sorted(due.monitor_id for due in claim(now, most))


@pytest.mark.django_db
def test_what_is_due_is_claimed_with_all_that_a_check_needs() -> None:
    monitor = create_monitor(TcpTarget("db.example", 5432), due_at=NOON, timeout_seconds=2.5)
    (due,) = claim(NOON, 10)
    assert (due.application_id, due.monitor_id) == (monitor.application_id, monitor.pk)
    assert (due.target(), due.timeout) == (TcpTarget("db.example", 5432), 2.5)
    assert claimed(NOON) == []


@pytest.mark.django_db
@pytest.mark.parametrize("late", [0, 1, 59, 60, 61, 3_600.5])
def test_the_next_check_keeps_the_phase_however_late_one_began(late: float) -> None:
    monitor = create_monitor(due_at=NOON, interval_seconds=60)
    now = NOON + late * SECOND
    assert claimed(now) == [monitor.pk]
    monitor.refresh_from_db()
    assert monitor.due_at is not None
    assert now < monitor.due_at <= now + 60 * SECOND
    assert (monitor.due_at - NOON) % (60 * SECOND) == timedelta(0)


@pytest.mark.django_db
def test_a_claim_of_a_worker_that_died_is_due_again_after_one_interval() -> None:
    monitor = create_monitor(due_at=NOON, interval_seconds=30)
    assert claimed(NOON + SECOND) == [monitor.pk]  # and the worker is killed
    assert claimed(NOON + 29 * SECOND) == []
    assert claimed(NOON + 30 * SECOND) == [monitor.pk]


@pytest.mark.django_db
def test_what_is_paused_or_of_a_deleted_application_is_not_due() -> None:
    create_monitor(due_at=NOON, paused=True)
    of_deleted = create_monitor(due_at=NOON)
    of_deleted.application.deleted_at = timezone.now()
    of_deleted.application.save()
    later = create_monitor(due_at=NOON + SECOND)
    assert claimed(NOON) == []
    assert claimed(NOON + SECOND) == [later.pk]


@pytest.mark.django_db
def test_what_was_claimed_by_a_clock_that_was_ahead_is_due_now() -> None:
    ahead = create_monitor(due_at=NOON + 3_600 * SECOND)
    create_monitor(due_at=NOON + 115 * SECOND)  # of a worker whose clock differs a bit
    create_heartbeat(HeartbeatTarget(86_400), NOON)
    assert claimed(NOON) == [ahead.pk]
    assert claimed(NOON) == []
    ahead.refresh_from_db()
    assert ahead.due_at == NOON + 60 * SECOND


@pytest.mark.django_db
def test_of_more_than_can_be_checked_the_longest_due_come_first() -> None:
    pks = [create_monitor(due_at=NOON - n * SECOND).pk for n in range(5)]
    assert claimed(NOON, most=2) == pks[3:]
    assert claimed(NOON, most=2) == pks[1:3]


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_claim_different_ones() -> None:
    pks = sorted(create_monitor(due_at=NOON).pk for _ in range(10))
    claims: list[list[int]] = []

    def other() -> None:
        try:
            claims.append(claimed(NOON))  # it does not wait for the first one's
        finally:
            connection.close()

    with transaction.atomic():
        claims.append(claimed(NOON, most=4))
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(20)
    assert [len(each) for each in claims] == [4, 6]
    assert sorted(claims[0] + claims[1]) == pks
    assert Monitor.objects.filter(due_at=NOON).count() == 0
