"""Rules find what they look for, once, and tell when it is over."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from threading import Barrier, BrokenBarrierError, Thread
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from alerts import evaluating, seen
from alerts.findings import Asked, Finding, findings
from alerts.messages import findings_of
from alerts.models import Alert, Notification, Rule, Watch
from alerts.records import (
    CertificateEnds,
    Condition,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NewMessage,
    NoEvent,
    ReturnedMessage,
    SlowRequests,
)
from alerts.tests.happenings import (
    DAY,
    MINUTE,
    NOON,
    asked,
    check,
    evaluate,
    rule_for,
    said,
    spans,
    told,
)
from applications.factories import create_application, create_user
from applications.models import Application
from ingest import pipeline
from ingest.factories import create_batch, create_record
from ingest.tests.committing import CommitHere
from loghandler import partitions
from monitors.factories import create_monitor
from monitors.models import Monitor
from monitors.records import CheckRecord
from monitors.storing import Found, store
from stats.models import HourCount, MinuteCount

pytestmark = pytest.mark.django_db

# --- Messages --------------------------------------------------------------------------------


def test_a_new_message_is_told_once(shop: Application) -> None:
    said(shop, NOON - 3 * DAY, "Old")
    rule_for(shop, NewMessage())
    evaluate(0)
    for minute in (1, 1.2, 30):
        said(shop, NOON + minute * MINUTE, "Old")
        said(shop, NOON + minute * MINUTE, "New\nline")
        said(shop, NOON + minute * MINUTE, "Too mild", level=30)
        evaluate(minute + 0.5)
    assert told() == ["shop: ERROR: New line"]
    alert = Alert.objects.get()
    assert alert.begin == alert.end == NOON + MINUTE
    assert alert.path == f"/applications/{shop.pk}/events/{alert.facts['event_id']}/"


def test_only_what_contains_the_text_is_told(shop: Application) -> None:
    rule_for(shop, NewMessage(contains="pay"))
    evaluate(0)
    said(shop, NOON + MINUTE, "Payment failed")
    said(shop, NOON + MINUTE, "Login failed")
    evaluate(2)
    assert told() == ["shop: ERROR: Payment failed"]


def test_a_message_that_returns_after_days_is_told(shop: Application) -> None:
    said(shop, NOON - 8 * DAY, "Long ago")
    said(shop, NOON - 6 * DAY, "Lately")
    rule_for(shop, ReturnedMessage(days=7))
    evaluate(0)
    for message in ("Long ago", "Lately", "New"):
        said(shop, NOON + MINUTE, message)
    evaluate(2, 3)
    said(shop, NOON + 4 * MINUTE, "Long ago")
    evaluate(5)
    assert told() == ["shop: ERROR: Long ago"]
    assert Alert.objects.get().text == "It was not seen for 8 days."


def test_what_is_committed_a_moment_after_it_was_received_is_found(shop: Application) -> None:
    rule_for(shop, NewMessage())
    evaluate(0, 1)
    said(shop, NOON + MINUTE - timedelta(seconds=15), "Late")
    evaluate(1.25)
    assert told() == ["shop: ERROR: Late"]


def test_a_rule_tells_nothing_of_before_it_was_made(shop: Application) -> None:
    rule_for(shop, NewMessage())
    evaluate(0)
    said(shop, NOON + MINUTE, "New")
    later = rule_for(shop, NewMessage(), evaluated_until=NOON + 2 * MINUTE)
    evaluate(3)
    assert told() == ["shop: ERROR: New"]
    assert not later.alerts.exists()


def test_a_flood_of_new_messages_is_told_one_by_one(
    shop: Application, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    rule = rule_for(shop, NewMessage())
    evaluate(0)
    records = [create_record(f"New {number}") for number in range(2_500)]
    pipeline.accept(shop.pk, create_batch(*records), received_at=NOON + MINUTE)
    with django_assert_max_num_queries(24):
        evaluate(2)
    assert rule.alerts.count() == Notification.objects.count() == 2_500


def test_a_flood_is_noted_and_told_in_parts(
    shop: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = rule_for(shop, NewMessage())
    evaluate(0)
    monkeypatch.setattr(seen, "AT_ONCE", 10)
    records = [create_record(f"New {number}") for number in range(25)]
    pipeline.accept(shop.pk, create_batch(*records), received_at=NOON + MINUTE)
    calls = count(1)

    def fails(*arguments: Any) -> list[Finding]:
        if next(calls) == 2:
            raise RuntimeError("killed")
        return findings_of(*arguments)

    monkeypatch.setattr(evaluating, "findings_of", fails)
    evaluate(2)
    assert rule.alerts.count() == Notification.objects.count() == 10
    evaluate(2.25, 2.5)
    assert rule.alerts.count() == Notification.objects.count() == len(set(told())) == 25


def test_who_was_away_for_long_looks_back_six_hours_for_messages_too(shop: Application) -> None:
    rule = rule_for(shop, NewMessage())
    evaluate(0)
    for minute, message in [(5, "History"), (600, "Old"), (610, "New"), (720, "History")]:
        said(shop, NOON + minute * MINUTE, message)
    evaluate(16 * 60)
    assert sorted(told()) == ["shop: ERROR: New", "shop: ERROR: Old"]
    evaluate(16 * 60 + 1)
    assert rule.alerts.count() == 2


# --- The clock -------------------------------------------------------------------------------


def test_a_clock_that_was_ahead_silences_no_rule(shop: Application) -> None:
    rule_for(shop, ManyEvents(more_than=0, minutes=1), evaluated_until=NOON + 400 * DAY)
    rule_for(shop, NewMessage(), evaluated_until=NOON + 400 * DAY)
    evaluate(0)
    said(shop, NOON + MINUTE, "New")
    evaluate(3)
    assert sorted(told()) == [
        "shop: 1 events of ERROR and above within a minute", "shop: ERROR: New",
    ]  # fmt: skip


# --- Events by the minute ----------------------------------------------------------------------


def test_many_events_begin_and_end(shop: Application) -> None:
    rule = rule_for(shop, ManyEvents(more_than=3, minutes=2))
    for minute in (1, 1, 2, 2, 2, 3):
        said(shop, NOON + minute * MINUTE)
    said(shop, NOON + 2 * MINUTE, level=30)
    evaluate(*range(1, 12))
    assert spans(rule) == [(3, 6)]
    assert told() == [
        "shop: 5 events of ERROR and above within 2 minutes",
        "Over: shop: 5 events of ERROR and above within 2 minutes",
    ]
    assert "after 3 minutes." in Notification.objects.get(tells="ended").text


def test_only_events_with_the_text_count(shop: Application) -> None:
    rule = rule_for(shop, ManyEvents(more_than=2, minutes=2, contains="pay"))
    for minute, message in ((1, "Login"), (1, "Login"), (2, "Login"), (4, "Payment 1")):
        said(shop, NOON + minute * MINUTE, message)
    evaluate(*range(1, 5))
    assert spans(rule) == []
    for message in ("PAYMENT 2", "Payment 3", "Login"):
        said(shop, NOON + 5 * MINUTE, message)
    said(shop, NOON + 5 * MINUTE, "Paying", level=30)
    evaluate(*range(5, 12))
    assert spans(rule) == [(6, 8)]
    assert told()[0] == "shop: 3 events of ERROR and above with “pay” within 2 minutes"


def test_an_alert_leads_to_what_happened(shop: Application, client: Client) -> None:
    rule_for(shop, ManyEvents(more_than=0, minutes=1, contains="Boom & co"))
    rule_for(shop, ErrorRate(1, 1, 1))
    said(shop, NOON + MINUTE, "Boom & co")
    asked(shop, NOON + MINUTE, status=503)
    evaluate(5)
    client.force_login(create_user(is_staff=True))
    paths = list(Alert.objects.order_by("pk").values_list("path", flat=True))
    pages = [client.get(path).content.decode() for path in paths]
    assert "since=2026-11-27T11%3A32Z" in paths[0]
    assert all("Boom &amp; co" in pages[0] and "2026-11-27T11:32" in page for page in pages)


@pytest.mark.parametrize("step", [1, 3, 60])
def test_who_was_away_finds_the_same(shop: Application, step: int) -> None:
    rule = rule_for(shop, ManyEvents(more_than=0, minutes=1))
    for minute in (5, 6, 20, 21):
        said(shop, NOON + minute * MINUTE)
    evaluate(*range(1, 61, step), 61)
    assert spans(rule) == [(6, 8), (21, 23)]
    assert len(told()) == 4


def test_silence_is_told_and_ends_with_the_next_event(shop: Application) -> None:
    rule = rule_for(shop, NoEvent(minutes=10))
    evaluate(*range(1, 20))
    assert spans(rule) == []  # it never said anything
    said(shop, NOON - 90 * MINUTE)
    Rule.objects.filter(pk=rule.pk).update(evaluated_until=NOON)
    said(shop, NOON)
    said(shop, NOON + 30 * MINUTE)
    evaluate(*range(1, 36))
    assert spans(rule) == [(11, 31)]
    assert told()[0] == "shop: no event for 10 minutes"


def test_silence_goes_on_when_no_event_is_kept_any_more(shop: Application) -> None:
    rule = rule_for(shop, NoEvent(minutes=10))
    said(shop, NOON)
    evaluate(20)
    assert spans(rule) == [(11, None)]
    for counts in (MinuteCount, HourCount):
        counts.objects.all().delete()
    evaluate(30)
    assert spans(rule) == [(11, None)]


def test_there_is_no_silence_before_the_first_event(shop: Application) -> None:
    rule = rule_for(shop, NoEvent(minutes=10))
    said(shop, NOON + 25 * MINUTE)
    evaluate(1, 50)
    assert spans(rule) == [(36, None)]


# --- Requests ----------------------------------------------------------------------------------


def test_an_error_rate_must_last(shop: Application) -> None:
    rule = rule_for(shop, ErrorRate(percent=10, minutes=2, least_requests=10))
    for minute, failed in ((1, 5), (2, 0), (3, 5), (4, 5), (5, 0)):
        asked(shop, NOON + minute * MINUTE, count=15)
        asked(shop, NOON + minute * MINUTE, status=503, count=failed)
    evaluate(*range(1, 15))
    assert spans(rule) == [(5, 7)]
    assert told()[0] == "shop: 25 % of requests fail"
    assert Alert.objects.get().text == "10 of 40 within 2 minutes."


def test_a_few_requests_tell_nothing(shop: Application) -> None:
    rule = rule_for(shop, ErrorRate(percent=10, minutes=2, least_requests=10))
    for minute in (1, 2, 3):
        asked(shop, NOON + minute * MINUTE, status=503, count=4)
    evaluate(10)
    assert spans(rule) == []


def test_slow_requests_are_told(shop: Application) -> None:
    rule = rule_for(shop, SlowRequests(p95_ms=500, minutes=2, least_requests=2))
    for minute, ms in ((1, 400), (2, 900), (3, 900), (4, 100)):
        asked(shop, NOON + minute * MINUTE, ms=ms, count=3)
    evaluate(*range(1, 15))
    assert spans(rule) == [(4, 6)]
    assert "p95 up to" in told()[0]


# --- Monitors ----------------------------------------------------------------------------------


def test_a_monitor_that_is_down_and_up_again_is_told(shop: Application) -> None:
    monitor = create_monitor(application=shop, name="page", retries=1)
    rule = rule_for(shop, MonitorDown())
    for minute, failure in ((1, None), (2, "status"), (3, "status"), (5, None)):
        check(monitor, minute, failure)
        evaluate(minute)
    assert spans(rule) == [(2, 5)]
    assert told() == ["shop: page is down", "Over: shop: page is down"]
    assert "after 3 minutes" in Notification.objects.get(tells="ended").text


def test_an_outage_between_two_looks_is_not_missed(shop: Application) -> None:
    monitor = create_monitor(application=shop, name="page", retries=0)
    rule = rule_for(shop, MonitorDown())
    evaluate(1)
    check(monitor, 2, "status")
    check(monitor, 3, None)
    evaluate(4, 5)
    assert spans(rule) == [(2, 3)]
    assert len(told()) == 2


def test_an_outage_that_was_over_before_the_rule_was_made_is_not_told(shop: Application) -> None:
    for name, ends in (("over", True), ("page", False)):
        monitor = create_monitor(application=shop, name=name, retries=0)
        check(monitor, 1, "status")
        if ends:
            check(monitor, 2, None)
    with time_machine.travel(NOON + 3 * MINUTE, tick=False):
        rule_for(shop, MonitorDown(), evaluated_until=NOON + 3 * MINUTE)
    evaluate(4, 5)
    assert told() == ["shop: page is down"]


def test_only_chosen_monitors_are_told_of(shop: Application) -> None:
    page, other = (create_monitor(application=shop, name=n, retries=0) for n in ("a", "b"))
    rule_for(shop, MonitorDown((page.pk,)))
    for monitor in (page, other):
        check(monitor, 1, "dns")
    evaluate(2)
    assert told() == ["shop: a is down"]


def test_an_outage_that_goes_with_its_monitor_is_over(shop: Application) -> None:
    monitor = create_monitor(application=shop, name="page", retries=0)
    rule = rule_for(shop, MonitorDown())
    check(monitor, 1, "dns")
    evaluate(2)
    monitor.delete()
    evaluate(3)
    assert spans(rule) == [(1, 3)]


def test_a_certificate_is_told_of_once_and_until_it_is_renewed(shop: Application) -> None:
    monitor = create_monitor(application=shop, name="page", certificate_until=NOON + 5 * DAY)
    rule = rule_for(shop, CertificateEnds(days=14))
    evaluate(1, 2, 60 * 24)
    assert told() == ["shop: the certificate of page ends in 4 days"]
    Monitor.objects.filter(pk=monitor.pk).update(certificate_until=NOON + 95 * DAY)
    evaluate(60 * 25)
    assert spans(rule) == [(0, 60 * 25)]


def test_a_certificate_is_told_of_from_the_day_on_that_the_rule_names(shop: Application) -> None:
    create_monitor(application=shop, name="page", certificate_until=NOON + 15 * DAY)
    rule = rule_for(shop, CertificateEnds(days=14))
    evaluate(1, 60 * 23)
    assert spans(rule) == []
    evaluate(60 * 25)
    assert spans(rule) == [(60 * 24, None)]


# --- All ---------------------------------------------------------------------------------------


def test_a_rule_that_is_off_or_of_a_deleted_application_is_not_evaluated(
    shop: Application,
) -> None:
    off = rule_for(shop, ManyEvents(more_than=0, minutes=1), active=False)
    gone = create_application(deleted_at=NOON)
    rules = [off, rule_for(gone, ManyEvents(more_than=0, minutes=1))]
    for application in (shop, gone):
        said(application, NOON + MINUTE)
    evaluate(3)
    assert not any(spans(rule) for rule in rules)


@pytest.mark.parametrize("condition", [ManyEvents(more_than=0, minutes=1), NewMessage()])
def test_a_rule_that_fails_holds_up_no_other(
    shop: Application, condition: Condition, caplog: pytest.LogCaptureFixture
) -> None:
    broken = rule_for(shop, condition)
    Rule.objects.filter(pk=broken.pk).update(condition={"level": 5})
    rule_for(shop, condition)
    evaluate(0)
    said(shop, NOON + MINUTE)
    evaluate(3)
    assert len(told()) == 1
    assert f"[{broken.pk}] could not be evaluated" in caplog.text


@pytest.mark.django_db(transaction=True)
def test_who_evaluate_at_once_tell_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """All of it is over already: no constraint of open alerts would refuse a second one."""
    monkeypatch.setattr(pipeline, "committer", CommitHere)
    partitions.ensure()
    now = datetime.now(UTC)
    shop = create_application("shop")
    monitor = create_monitor(application=shop, retries=0)
    conditions = (MonitorDown(), ManyEvents(more_than=0, minutes=1), NewMessage())
    fields = {"evaluated_until": now - 9 * MINUTE, "created_at": now - 9 * MINUTE}
    rules = [rule_for(shop, each, **fields) for each in conditions]
    Watch.objects.create(application=shop, seen_until=now - 9 * MINUTE)
    with transaction.atomic():
        said(shop, now - 6 * MINUTE)
    for minutes, failure in ((6, "dns"), (5, None)):
        record = CheckRecord(now - minutes * MINUTE, failure, "No address" if failure else "")
        store([Found(shop.pk, monitor.pk, record)])
    together = Barrier(4)

    def find_together(condition: Condition, asked: Asked) -> list[Finding]:
        found = findings(condition, asked)
        with suppress(BrokenBarrierError):  # whoever came later finds it done
            together.wait(5)
        return found

    monkeypatch.setattr(evaluating, "findings", find_together)

    def work() -> None:
        evaluating.evaluate()
        connection.close()

    threads = [Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [rule.alerts.filter(end__isnull=False).count() for rule in rules] == [1, 1, 1]
    assert Notification.objects.count() == 5  # both ends of what lasted
    assert "could not be evaluated" not in caplog.text
