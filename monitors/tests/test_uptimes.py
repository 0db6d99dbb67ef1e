"""Uptime as it is stored: of outages, without pauses and maintenance."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from monitors.factories import create_maintenance, create_monitor
from monitors.models import Monitor, Outage, Pause
from monitors.schedules import Cron
from monitors.uptime import Span
from monitors.uptimes import histories, uptimes

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NOW = datetime(2026, 11, 27, 12, tzinfo=UTC)
QUARTER = Span(NOW - 90 * 24 * HOUR, NOW)


@pytest.fixture
def monitor() -> Monitor:
    return create_monitor(created_at=NOW - 20 * 24 * HOUR)


def outage(monitor: Monitor, begin: float, end: float | None) -> None:
    """So many hours ago, until so many hours ago."""
    Outage.objects.create(
        application_id=monitor.application_id, monitor=monitor, failure="dns", words="",
        begin=NOW - begin * HOUR, end=None if end is None else NOW - end * HOUR,
    )  # fmt: skip


def test_ranges_are_exact_and_begin_with_the_monitor(monitor: Monitor) -> None:
    outage(monitor, 100, 99)
    outage(monitor, 25, 23)
    outage(monitor, 1.5, None)
    outage(create_monitor(), 50, None)
    found = uptimes(histories([monitor], QUARTER)[monitor.pk], NOW)
    assert {name: each.down / HOUR for name, each in found.items()} == {
        "24 h": 2.5, "7 days": 4.5, "30 days": 4.5, "90 days": 4.5,
    }  # fmt: skip
    assert [each.watched / HOUR for each in found.values()] == [24, 168, 480, 480]


def test_pauses_and_maintenance_do_not_count(monitor: Monitor) -> None:
    outage(monitor, 10, 4)
    Pause.objects.create(
        application_id=monitor.application_id, monitor=monitor,
        begin=NOW - 6 * HOUR, end=NOW - 5 * HOUR,
    )  # fmt: skip
    create_maintenance(monitor.application, NOW - 9 * HOUR, NOW - 8 * HOUR)
    create_maintenance(create_monitor().application, NOW - 9 * HOUR, NOW)
    day = histories([monitor], QUARTER)[monitor.pk].uptime(Span(NOW - 24 * HOUR, NOW))
    assert (day.watched, day.down) == (22 * HOUR, 4 * HOUR)


def test_maintenance_of_chosen_monitors_is_theirs_alone(monitor: Monitor) -> None:
    other = create_monitor(application=monitor.application, created_at=monitor.created_at)
    window = create_maintenance(monitor.application, NOW - 2 * HOUR, NOW - HOUR)
    window.monitors.add(other)
    found = histories([monitor, other], Span(NOW - 24 * HOUR, NOW))
    watched = [
        found[each.pk].uptime(Span(NOW - 24 * HOUR, NOW)).watched for each in (monitor, other)
    ]
    assert watched == [24 * HOUR, 23 * HOUR]


def test_windows_come_again_until_they_are_ended(monitor: Monitor) -> None:
    create_maintenance(
        monitor.application, NOW - 72 * HOUR, NOW - 20 * HOUR, cron="0 2 * * *", minutes=60
    )
    week = histories([monitor], QUARTER)[monitor.pk].uptime(Span(NOW - 168 * HOUR, NOW))
    assert week.watched == (168 - 2) * HOUR


def test_bars_have_equal_width(monitor: Monitor) -> None:
    outage(monitor, 12.5, 11)
    bars = histories([monitor], QUARTER)[monitor.pk].bars(Span(NOW - 24 * HOUR, NOW), 24)
    assert {span.end - span.begin for span, _ in bars} == {HOUR}
    assert [n for n, (_, each) in enumerate(bars) if each.down] == [11, 12]
    assert [each.down for _, each in bars[11:13]] == [HOUR / 2, HOUR]


def test_many_monitors_take_no_more_statements(monitor: Monitor) -> None:
    monitors = [monitor, *(create_monitor(application=monitor.application) for _ in range(3))]
    create_maintenance(monitor.application, NOW - 2 * HOUR, NOW - HOUR).monitors.add(monitor)
    with CaptureQueriesContext(connection) as queries:
        histories(monitors, QUARTER)
    assert len(queries) == 4


def test_windows_are_computed_once_however_many_monitors_they_are_of(
    monitor: Monitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    following = Cron.following

    def counted(cron: Cron, moment: datetime) -> datetime:
        asked.append(moment)
        return following(cron, moment)

    monkeypatch.setattr(Cron, "following", counted)
    application = monitor.application
    monitors = [monitor, *(create_monitor(application=application) for _ in range(4))]
    for of in ([], monitors):
        begin = NOW - 10 * 24 * HOUR
        window = create_maintenance(application, begin, cron="0 3 * * *", minutes=30)
        window.monitors.set(of)
    found = histories(monitors, QUARTER)
    assert found[monitor.pk].uptime(Span(NOW - 24 * HOUR, NOW)).watched == 23.5 * HOUR
    assert len(asked) < 2 * 15


def test_a_window_whose_time_zone_is_gone_hides_no_other(monitor: Monitor) -> None:
    application = monitor.application
    create_maintenance(application, NOW - 9 * HOUR, cron="0 2 * * *", zone="Gone", minutes=60)
    create_maintenance(application, NOW - HOUR, NOW)
    (_, window) = histories([monitor], Span(NOW - 24 * HOUR, NOW))[monitor.pk].unwatched
    assert window == Span(NOW - HOUR, NOW)
