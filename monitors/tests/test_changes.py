"""Monitors are made, changed, paused and resumed."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from applications.factories import create_application
from loghandler import partitions
from monitors import calling, changes
from monitors.factories import create_maintenance, create_monitor
from monitors.heartbeats import Call
from monitors.models import Maintenance, Monitor, Outage, Pause
from monitors.records import CheckRecord, HeartbeatTarget, HttpTarget, TcpTarget
from monitors.storing import Found, store
from monitors.verdicts import DOWN, UNKNOWN

pytestmark = pytest.mark.django_db
PAGE = HttpTarget("https://service.example/")


def soon() -> datetime:
    return datetime.now(UTC) + timedelta(seconds=1)


def fail(monitor: Monitor) -> None:
    partitions.ensure()
    check = CheckRecord(datetime.now(UTC), "timeout", "No answer")
    store([Found(monitor.application_id, monitor.pk, check)])
    monitor.refresh_from_db()


def test_a_new_monitor_is_due_at_once() -> None:
    monitor = changes.create(create_application(), "page", PAGE, interval_seconds=30, tags=["eu"])
    monitor.refresh_from_db()
    assert monitor.due_at is not None
    assert monitor.due_at < soon()
    assert (monitor.kind, monitor.state, monitor.ping_key) == ("http", UNKNOWN, None)


def test_a_new_heartbeat_has_an_address_and_is_awaited_from_now_on() -> None:
    target = HeartbeatTarget(600, grace_seconds=60)
    job = changes.create(create_application(), "backup", target)
    assert job.ping_key is not None
    assert (job.retries, job.due_at) == (0, job.awaited_from + timedelta(seconds=660))  # type: ignore[operator]


def test_a_heartbeat_is_never_tried_again_whatever_is_asked() -> None:
    partitions.ensure()
    job = changes.create(create_application(), "backup", HeartbeatTarget(600), retries=3)
    changes.change(job, retries=3)
    assert job.ping_key is not None
    calling.take(job.ping_key, Call("fail", soon()))
    job.refresh_from_db()
    assert (job.retries, job.state) == (0, DOWN)


@pytest.mark.parametrize(
    ("settings", "field"),
    [({"interval_seconds": 9}, "interval_seconds"), ({"timeout_seconds": 61}, "timeout_seconds")],
)
def test_what_is_out_of_bounds_is_refused(settings: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        changes.create(create_application(), "page", PAGE, **settings)
    assert set(refused.value.message_dict) == {field}
    assert not Monitor.objects.exists()


def test_a_name_is_there_once_in_an_application() -> None:
    application = create_application()
    changes.create(application, "page", PAGE)
    with pytest.raises(ValidationError, match="has a monitor of this name"):
        changes.create(application, "page", PAGE)
    changes.create(create_application(), "page", PAGE)


def test_another_target_is_checked_at_once_and_the_same_one_in_its_time() -> None:
    later = datetime.now(UTC) + timedelta(minutes=9)
    monitor = create_monitor(PAGE, due_at=later)
    changes.change(monitor, PAGE, name="its page")
    monitor.refresh_from_db()
    assert (monitor.name, monitor.due_at) == ("its page", later)
    changes.change(monitor, TcpTarget("db.example", 5432))
    monitor.refresh_from_db()
    assert (monitor.kind, monitor.due_at) != ("http", later)
    assert monitor.due_at is not None
    assert monitor.due_at < soon()


def test_a_pause_ends_an_outage_and_is_remembered() -> None:
    monitor = create_monitor(PAGE, retries=0)
    fail(monitor)
    assert monitor.state == DOWN
    changes.pause(monitor)
    changes.pause(monitor)
    assert (monitor.paused, monitor.state, monitor.failure) == (True, UNKNOWN, None)
    outage, pause = Outage.objects.get(), Pause.objects.get()
    assert outage.end == pause.begin
    changes.resume(monitor)
    changes.resume(monitor)
    assert not monitor.paused
    assert Pause.objects.get().end is not None
    fail(monitor)
    assert Outage.objects.filter(end=None).count() == 1


def test_a_resumed_job_is_awaited_anew() -> None:
    target = HeartbeatTarget(600, grace_seconds=60)
    job = changes.create(create_application(), "backup", target, paused=True)
    Monitor.objects.filter(pk=job.pk).update(awaited_from=datetime(2026, 1, 1, tzinfo=UTC))
    changes.resume(job)
    assert job.due_at is not None
    assert job.due_at > datetime.now(UTC) + timedelta(seconds=600)


def test_maintenance_of_what_is_deleted_does_not_become_that_of_all() -> None:
    application = create_application()
    gone, stays = (create_monitor(application=application) for _ in range(2))
    now = datetime.now(UTC)
    for names, monitors in {"its": [gone], "both": [gone, stays], "all": []}.items():
        window = create_maintenance(application, now, now + timedelta(hours=1))
        Maintenance.objects.filter(pk=window.pk).update(name=names)
        window.monitors.set(monitors)
    changes.delete(gone)
    windows = Maintenance.objects.prefetch_related("monitors")
    assert {row.name: list(row.monitors.all()) for row in windows} == {"both": [stays], "all": []}


@pytest.mark.django_db(transaction=True)
def test_what_is_deleted_as_a_check_of_it_is_stored_goes_with_its_outage() -> None:
    monitor = create_monitor(PAGE, retries=0)
    errors: list[Exception] = []

    def deleting() -> None:
        try:
            changes.delete(monitor)
        except Exception as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=deleting)
    with transaction.atomic():
        fail(monitor)
        thread.start()
        wait_for_lock()
    thread.join(20)
    assert not errors
    assert not Monitor.objects.exists()
    assert not Outage.objects.exists()


def wait_for_lock() -> None:
    """Until somebody waits for what this transaction holds."""
    waiting = "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"
    with connection.cursor() as cursor:
        for _ in range(1_000):
            cursor.execute(waiting)
            if cursor.fetchone() == (True,):
                return
            threading.Event().wait(0.01)
    raise AssertionError("Nobody waits.")
