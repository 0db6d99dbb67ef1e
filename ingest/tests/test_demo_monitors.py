"""The monitors of the demo: believable, and nobody is asked."""

from datetime import UTC, datetime, timedelta

import pytest

from applications.factories import create_application
from applications.models import Application
from ingest import demo_monitors
from ingest.demo_services import payments, shop
from ingest.demo_services.plot import plot
from loghandler import partitions
from monitors import hours
from monitors.claiming import claim
from monitors.factories import create_monitor
from monitors.models import Check, HourOfChecks, Monitor
from monitors.response_times import steps
from monitors.uptime import Span
from monitors.uptimes import histories
from monitors.verdicts import UP

pytestmark = pytest.mark.django_db
DAYS = 2
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def now() -> datetime:
    now = datetime.now(UTC)
    partitions.ensure(*((now - n * DAY).date() for n in range(6)))
    return now


@pytest.fixture
def application() -> Application:
    return create_application()


def test_they_have_ninety_days_of_outages_and_the_checks_of_the_last(
    application: Application, now: datetime
) -> None:
    demo_monitors.watch(application, shop.NAME, now, days=DAYS)
    monitors = list(Monitor.objects.filter(application=application))
    assert [monitor.name for monitor in monitors] == ["Nightly stock import", "Shop", "Shop API"]
    assert {monitor.state for monitor in monitors} == {UP}
    found = histories(monitors, Span(now - 90 * DAY, now))
    for monitor in monitors:
        uptime = found[monitor.pk].uptime(Span(now - 90 * DAY, now))
        assert uptime.ratio is not None
        assert 0.99 < uptime.ratio < 1
    checks = Check.objects.filter(monitor=monitors[1])
    assert checks.count() == DAYS * 288
    assert monitors[0].checked_at
    assert monitors[0].checked_at.hour == 2  # when its cron starts it
    assert monitors[1].checked_at
    difference = monitors[1].checked_at - checks.latest("checked_at").checked_at
    assert abs(difference) <= timedelta(milliseconds=1)  # which is what a check's moment keeps


def test_no_worker_claims_one(application: Application, now: datetime) -> None:
    demo_monitors.watch(application, shop.NAME, now, days=DAYS)
    assert claim(now + 100 * DAY, 10) == []


def test_what_failed_tells_the_same_as_the_outage(application: Application, now: datetime) -> None:
    """That of the story, in which the payments' database runs out of connections."""
    demo_monitors.watch(application, payments.NAME, now, days=4)
    story = plot(now)
    for monitor in Monitor.objects.filter(application=application):
        failed = Check.objects.filter(monitor=monitor).exclude(failure=None)
        moments = list(failed.values_list("checked_at", flat=True))
        assert len(moments) == 8  # 40 minutes, every 5
        assert all(story.outage <= moment < story.outage_end for moment in moments)


def test_its_checks_are_summed_up_where_others_are_already(
    application: Application, now: datetime
) -> None:
    demo_monitors.watch(application, payments.NAME, now, days=1)
    hours.sum_up(now)
    other = create_application()
    create_monitor(application=other)
    demo_monitors.watch(other, payments.NAME, now, days=1)
    sums = HourOfChecks.objects.filter(application=other, monitor__name="Payments API")
    assert sums.count() >= 22
    monitor = Monitor.objects.get(application=other, name="Payments API")
    until = hours.hour(now) + HOUR
    found = steps(monitor, Span(until - 26 * HOUR, until), HOUR)
    assert (
        sum(checks.checks for _, checks in found) == Check.objects.filter(monitor=monitor).count()
    )
