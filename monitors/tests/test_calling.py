"""Jobs call, and are told of when they are late."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from loghandler import partitions
from monitors import changes
from monitors.calling import OUTPUT_CHARACTERS, UnknownKey, look, take
from monitors.claiming import claim
from monitors.factories import create_heartbeat, create_maintenance
from monitors.heartbeats import call
from monitors.models import Check, Monitor, Outage
from monitors.records import HeartbeatTarget, TcpTarget
from monitors.verdicts import DOWN, MAINTENANCE, UP

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
HOURLY = HeartbeatTarget(period_seconds=3_600, grace_seconds=300)


@pytest.fixture
def now() -> datetime:
    partitions.ensure()
    return datetime.now(UTC).replace(microsecond=0)


def called(monitor: Monitor, word: str, at: datetime, output: str = "") -> list[str]:
    """The states that a call takes a heartbeat to."""
    assert monitor.ping_key
    changes = take(monitor.ping_key, call(word, at), output)
    monitor.refresh_from_db()
    return [change.after.state for change in changes]


def looked_at(monitor: Monitor, now: datetime) -> list[str]:
    """The states that the worker's look takes a heartbeat to, where it is due for one."""
    due = [each.monitor_id for each in claim(now, 10)]
    changes = look(due, now)
    monitor.refresh_from_db()
    return [change.after.state for change in changes]


def test_a_call_says_that_the_job_is_up_and_when_the_next_is_late(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now - 10 * MINUTE)
    assert called(job, "", now) == [UP]
    assert (job.state, job.checked_at) == (UP, now)
    assert job.due_at == now + 65 * MINUTE
    assert looked_at(job, now + 64 * MINUTE) == []
    assert looked_at(job, now + 65 * MINUTE) == [DOWN]


def test_what_is_late_is_told_once_and_up_with_its_next_call(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now - 70 * MINUTE)
    assert looked_at(job, now) == [DOWN]
    assert job.due_at is None
    assert looked_at(job, now + 600 * MINUTE) == []
    outage = Outage.objects.get()
    assert (outage.begin, outage.failure, outage.end) == (now, "late", None)
    assert called(job, "0", now + 3 * MINUTE) == [UP]
    assert job.due_at == now + 68 * MINUTE
    assert Outage.objects.get().end == now + 3 * MINUTE
    assert Check.objects.count() == 2


def test_a_failure_is_an_outage_at_once_with_what_the_job_said(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now)
    assert called(job, "3", now + MINUTE, "x" * OUTPUT_CHARACTERS + "disk full") == [DOWN]
    assert (job.failure, job.words) == ("reported", "Exit status 3")
    output = Check.objects.get().output
    assert output is not None
    assert output.endswith("xdisk full")
    assert len(output) == OUTPUT_CHARACTERS
    assert job.due_at == now + 65 * MINUTE  # it still has to succeed


def test_a_job_that_started_and_does_not_end_is_late_sooner(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now)
    assert called(job, "start", now + MINUTE) == []
    assert job.due_at == now + 6 * MINUTE
    assert looked_at(job, now + 6 * MINUTE) == [DOWN]
    assert "did not end within 5 minutes" in job.words


def test_a_call_between_claim_and_look_counts(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now - 70 * MINUTE)
    due = [each.monitor_id for each in claim(now, 10)]
    called(job, "", now)
    assert look(due, now) == []
    job.refresh_from_db()
    assert (job.state, job.due_at) == (UP, now + 65 * MINUTE)


def test_in_maintenance_it_is_looked_at_until_that_is_over(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now - 70 * MINUTE)
    create_maintenance(job.application, now - MINUTE, now + 90 * MINUTE / 60)
    assert looked_at(job, now) == [MAINTENANCE]
    assert looked_at(job, now + MINUTE) == []
    assert looked_at(job, now + 2 * MINUTE) == [DOWN]
    assert Outage.objects.get().begin == now + 2 * MINUTE


@pytest.mark.parametrize("word", ["start", "fail"])
def test_one_that_calls_late_in_maintenance_is_looked_at_once_that_is_over(
    now: datetime, word: str
) -> None:
    job = create_heartbeat(HOURLY, now - 70 * MINUTE)
    create_maintenance(job.application, now - MINUTE, now + 2 * MINUTE)
    called(job, word, now)
    assert looked_at(job, now + MINUTE) == ([MAINTENANCE] if word == "start" else [])
    assert looked_at(job, now + 2 * MINUTE) == [DOWN]
    assert Outage.objects.get().begin == now + 2 * MINUTE


def test_a_start_before_the_look_does_not_hide_that_it_is_late(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now - 70 * MINUTE)
    called(job, "start", now)
    assert looked_at(job, now + MINUTE) == [DOWN]
    assert looked_at(job, now + 600 * MINUTE) == []


def test_a_late_one_that_says_it_failed_is_told_of_once(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now - 70 * MINUTE)
    assert called(job, "fail", now) == [DOWN]
    assert job.due_at is None


def test_one_whose_time_zone_is_gone_is_told_of_and_holds_up_no_other(now: datetime) -> None:
    job, broken = (create_heartbeat(HOURLY, now - 70 * MINUTE) for _ in range(2))
    broken.target = {"cron": "0 2 * * *", "zone": "Europe/Gone"}
    broken.save()
    assert looked_at(job, now) == [DOWN, DOWN]
    assert {outage.monitor_id: outage.failure for outage in Outage.objects.all()} == {
        job.pk: "late", broken.pk: "error",
    }  # fmt: skip


def test_one_that_is_no_heartbeat_any_more_is_not_late(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now - 70 * MINUTE)
    due = [each.monitor_id for each in claim(now, 10)]
    changes.change(job, TcpTarget("db.example", 5432))
    assert look(due, now) == []


def test_a_paused_one_takes_calls_and_tells_nothing(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now - 70 * MINUTE, paused=True)
    assert looked_at(job, now) == []
    assert called(job, "", now) == []
    assert (job.awaited_from, Check.objects.count()) == (now, 0)


def test_a_stranger_s_key_is_none(now: datetime) -> None:
    with pytest.raises(UnknownKey):
        take(uuid4(), call("", now))


def test_a_deleted_application_s_key_is_none(now: datetime) -> None:
    job = create_heartbeat(HOURLY, now)
    job.application.deleted_at = now
    job.application.save()
    with pytest.raises(UnknownKey):
        called(job, "", now)
