"""What waits is sent, noted before and after, retried, told together; nothing is lost."""

import json
import socket
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from alerts import delivering, notifying
from alerts.channels import webhook
from alerts.factories import create_alert, create_channel, create_rule
from alerts.models import FAILED, SENDING, SENT, TOGETHER, WAITING, Alert, Channel, Notification
from alerts.records import BEGAN, DIGEST, ENDED, Webhook
from alerts.tests.receivers import Receiver, receiver
from loghandler import queue

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def hook(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs CASCADE")
    with receiver() as running, time_machine.travel(NOON, tick=False):
        yield running


@pytest.fixture
def channel(hook: Receiver) -> Channel:
    return create_channel(Webhook(hook.url))


def titles(hook: Receiver) -> list[str]:
    return [json.loads(received.body)["title"] for received in hook.received]


def titled(alert: Alert) -> str:
    return f"{alert.application.name}: {alert.title}"


def states() -> Counter[str]:
    return Counter(Notification.objects.values_list("state", flat=True))


def later() -> list[datetime | None]:
    """When it is to be looked again, beside the jobs that are due."""
    found = ProcrastinateJob.objects.filter(task_name=queue.SENDING, status="todo")
    scheduled = found.exclude(scheduled_at=None).order_by("scheduled_at")
    return list(scheduled.values_list("scheduled_at", flat=True))


def raise_alerts(channel: Channel, count: int) -> None:
    rule = create_rule(channel)
    notifying.began([create_alert(rule, title=f"alert {n}") for n in range(count)])


def deliver_at(channel: Channel, moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        delivering.deliver(channel.pk)


def test_an_alert_is_told_by_the_channels_of_its_rule(hook: Receiver, channel: Channel) -> None:
    others = [
        create_channel(Webhook(hook.url), application=channel.application, active=False),
        create_channel(Webhook(hook.url), application=channel.application),
    ]
    alert = create_alert(create_rule(channel, others[0]))
    notifying.began([alert])
    assert ProcrastinateJob.objects.filter(task_name=queue.SENDING).count() == 1
    for each in (channel, *others):
        delivering.deliver(each.pk)
    [received] = hook.received
    told = json.loads(received.body)
    assert (told["title"], told["type"]) == (titled(alert), "alert.began")
    notification = Notification.objects.get()
    assert (notification.state, notification.sent_at, notification.attempts) == (SENT, NOON, 1)


def test_an_end_tells_how_long_it_lasted(hook: Receiver, channel: Channel) -> None:
    alert = create_alert(create_rule(channel), begin=NOON - 65 * MINUTE, end=NOON)
    notifying.ended([alert])
    delivering.deliver(channel.pk)
    told = json.loads(hook.received[0].body)
    assert told["title"] == f"Over: {titled(alert)}"
    assert told["text"].startswith("It is over, after 1 hour 5 minutes.")


@pytest.mark.parametrize("count", [1, 50])
def test_many_alerts_are_noted_in_as_many_statements_as_one(
    count: int, channel: Channel, django_assert_num_queries: Any
) -> None:
    rule = create_rule(channel)
    for _ in range(count):
        create_alert(rule, end=NOON)
    stored = list(Alert.objects.all())
    with django_assert_num_queries(8):
        assert len(notifying.ended(stored)) == count


def test_what_fails_is_tried_again_later(hook: Receiver, channel: Channel) -> None:
    hook.answers = [(503, {}), (503, {"Retry-After": "90"}), (200, {})]
    notifying.test(channel)
    delivering.deliver(channel.pk)
    assert later() == [NOON + timedelta(seconds=10)]
    deliver_at(channel, NOON + timedelta(seconds=10))
    found = Notification.objects.get()
    assert (found.state, found.failure) == (WAITING, "Status 503")
    assert found.due_at == NOON + timedelta(seconds=100)
    deliver_at(channel, NOON + timedelta(seconds=99))
    assert len(hook.received) == 2
    deliver_at(channel, NOON + timedelta(seconds=100))
    found.refresh_from_db()
    assert (found.state, found.failure, found.attempts) == (SENT, "", 3)


def test_what_fails_for_good_is_not_tried_again(hook: Receiver, channel: Channel) -> None:
    hook.answers = [(410, {})]
    notifying.test(channel)
    delivering.deliver(channel.pk)
    assert (states(), later()) == ({FAILED: 1}, [])


def test_a_receiver_may_answer_what_no_database_stores(hook: Receiver, channel: Channel) -> None:
    hook.answers, hook.body = [(500, {}), (200, {})], b"\0" * 9 + b"away"
    sent = notifying.test(channel)
    delivering.deliver(channel.pk)
    sent.refresh_from_db()
    assert (sent.state, sent.failure) == (WAITING, f"Status 500: {9 * chr(0xFFFD)}away")


def test_one_that_fails_holds_nobody_up(hook: Receiver, channel: Channel) -> None:
    hook.answers = [(503, {}), (200, {})]
    raise_alerts(channel, 2)
    delivering.deliver(channel.pk)
    assert states() == {SENT: 1, WAITING: 1}


def test_a_storm_is_told_in_one_message_and_nothing_is_lost(
    hook: Receiver, channel: Channel
) -> None:
    raise_alerts(channel, 224)
    delivering.deliver(channel.pk)
    [received] = hook.received
    told = json.loads(received.body)
    assert told["type"] == "alert.digest"
    assert "alert 0\n" in told["text"]
    assert "and 214 more" in told["text"]
    digest = Notification.objects.get(tells=DIGEST)
    assert digest.together.filter(state=TOGETHER).count() == 224
    assert states() == {SENT: 1, TOGETHER: 224}


def test_a_channel_gets_no_more_than_its_limit_within_an_hour(
    hook: Receiver, channel: Channel
) -> None:
    Channel.objects.filter(pk=channel.pk).update(most_per_hour=3)
    for minute in range(0, 120, 5):
        with time_machine.travel(NOON + minute * MINUTE, tick=False):
            raise_alerts(channel, 1)
            delivering.deliver(channel.pk)
    sent = Notification.objects.filter(state=SENT).values_list("sent_at", flat=True)
    minutes = sorted((moment - NOON) // MINUTE for moment in sent if moment)
    assert minutes == [0, 5, 10, 60, 65, 70]
    assert Notification.objects.filter(state=TOGETHER).count() == 10
    assert later() == [NOON + minute * MINUTE for minute in (60, 120)]
    deliver_at(channel, NOON + 120 * MINUTE)
    assert states()[WAITING] == 0


def test_quiet_hours_are_waited_for(hook: Receiver, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(quiet_from=time(11), quiet_until=time(13))
    raise_alerts(channel, 2)
    delivering.deliver(channel.pk)
    assert hook.received == []
    assert later() == [NOON + 60 * MINUTE]
    deliver_at(channel, NOON + 60 * MINUTE)
    assert [title.partition(": ")[2] for title in titles(hook)] == ["alert 0", "alert 1"]


def test_what_began_and_ended_before_it_could_be_told_is_told_once(
    hook: Receiver, channel: Channel
) -> None:
    alert = create_alert(create_rule(channel), begin=NOON - MINUTE)
    notifying.began([alert])
    alert.end = NOON
    notifying.ended([alert])
    delivering.deliver(channel.pk)
    assert titles(hook) == [f"Over: {titled(alert)}"]
    told = dict(Notification.objects.values_list("tells", "state"))
    assert told == {BEGAN: TOGETHER, ENDED: SENT}


def test_what_was_interrupted_is_sent_once_more_and_says_so(
    hook: Receiver, channel: Channel
) -> None:
    notification = notifying.test(channel)
    Notification.objects.update(state=SENDING, attempts=1, attempted_at=NOON)
    delivering.deliver(channel.pk)
    told = json.loads(hook.received[0].body)
    assert (told["id"], told["maybe_sent"], told["attempt"]) == (notification.pk, True, 2)
    assert states() == {SENT: 1}


def test_what_nobody_answered_is_sent_once_more_and_says_so(
    hook: Receiver, channel: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhook, "TIMEOUT", 0.3)
    hook.hold.clear()
    notifying.test(channel)
    delivering.deliver(channel.pk)
    hook.hold.set()
    deliver_at(channel, NOON + MINUTE)
    told = [json.loads(each.body) for each in hook.received]
    assert [each["maybe_sent"] for each in told] == [False, True]
    assert states() == {SENT: 1}


def test_an_end_does_not_overtake_a_beginning_that_waits_for_its_next_try(
    hook: Receiver, channel: Channel
) -> None:
    hook.answers = [(500, {}), (200, {})]
    alert = create_alert(create_rule(channel), begin=NOON)
    notifying.began([alert])
    delivering.deliver(channel.pk)
    alert.end = NOON + timedelta(seconds=5)
    notifying.ended([alert])
    deliver_at(channel, alert.end)
    deliver_at(channel, NOON + MINUTE)
    assert titles(hook) == [titled(alert), f"Over: {titled(alert)}"]
    told = dict(Notification.objects.values_list("tells", "state"))
    assert told == {BEGAN: TOGETHER, ENDED: SENT}


def test_what_did_not_arrive_takes_no_room(hook: Receiver, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(most_per_hour=1)
    hook.answers = [(500, {}), (200, {})]
    notifying.test(channel)
    delivering.deliver(channel.pk)
    deliver_at(channel, NOON + timedelta(seconds=10))
    assert states() == {SENT: 1}


def test_what_perhaps_arrived_takes_room(hook: Receiver, channel: Channel) -> None:
    Channel.objects.filter(pk=channel.pk).update(most_per_hour=2)
    notifying.test(channel)
    Notification.objects.update(state=SENDING, attempts=1, attempted_at=NOON)
    deliver_at(channel, NOON + MINUTE)
    notifying.test(channel)
    deliver_at(channel, NOON + 2 * MINUTE)
    assert len(hook.received) == 1
    assert later() == [NOON + 61 * MINUTE]


def test_what_was_interrupted_is_sent_alone_also_within_a_storm(
    hook: Receiver, channel: Channel
) -> None:
    raise_alerts(channel, 9)
    first = Notification.objects.earliest("created_at", "pk")
    Notification.objects.filter(pk=first.pk).update(state=SENDING, attempts=1, attempted_at=NOON)
    delivering.deliver(channel.pk)
    told = [json.loads(each.body) for each in hook.received]
    assert [(each["type"], each["maybe_sent"]) for each in told] == [
        ("alert.began", True),
        ("alert.digest", False),
    ]
    assert told[1]["facts"]["count"] == 8


def test_a_digest_that_failed_is_told_with_all_that_is_in_it_by_the_next(
    hook: Receiver, channel: Channel
) -> None:
    hook.answers = [(500, {}), (200, {})]
    raise_alerts(channel, 20)
    delivering.deliver(channel.pk)
    with time_machine.travel(NOON + timedelta(seconds=10), tick=False):
        raise_alerts(channel, 8)
        delivering.deliver(channel.pk)
    told = json.loads(hook.received[-1].body)
    assert told["facts"]["count"] == 28
    assert "and 18 more" in told["text"]
    last = Notification.objects.get(state=SENT)
    assert last.together.exclude(tells=DIGEST).count() == 28
    assert states() == {SENT: 1, TOGETHER: 29}


@pytest.mark.parametrize("after", ["60", "Fri, 27 Nov 2026 12:01:00 GMT"])
def test_a_receiver_that_asks_for_it_is_left_alone(
    after: str, hook: Receiver, channel: Channel
) -> None:
    hook.answers = [(429, {"Retry-After": after}), (200, {})]
    raise_alerts(channel, 3)
    delivering.deliver(channel.pk)
    assert (len(hook.received), states()) == (1, {WAITING: 3})
    assert later() == [NOON + MINUTE]
    deliver_at(channel, NOON + MINUTE)
    assert [title.rpartition(" ")[2] for title in titles(hook)] == ["0", "0", "1", "2"]


def test_a_receiver_that_is_away_is_asked_once_not_for_each_message(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    channel = create_channel(Webhook(f"http://127.0.0.1:{port}/"))
    raise_alerts(channel, 3)
    delivering.deliver(channel.pk)
    attempts = Notification.objects.order_by("created_at", "pk").values_list("attempts", flat=True)
    assert list(attempts) == [1, 0, 0]
    assert Notification.objects.filter(due_at__gt=timezone.now()).count() == 3


def test_two_who_send_for_a_channel_send_a_message_once(hook: Receiver, channel: Channel) -> None:
    """Who was thought to be killed may only have been slow."""
    raise_alerts(channel, 3)
    one, *_ = waiting = list(Notification.objects.order_by("created_at", "pk"))
    Notification.objects.filter(pk=one.pk).update(state=SENT, sent_at=NOON)
    delivering.send_apart(channel, waiting)
    delivering.send_apart(channel, waiting)
    assert [title.rpartition(" ")[2] for title in titles(hook)] == ["1", "2"]


def test_a_trial_is_not_held_by_quiet_hours_nor_by_a_channel_that_is_off(
    hook: Receiver, channel: Channel
) -> None:
    Channel.objects.filter(pk=channel.pk).update(quiet_from=time(11), quiet_until=time(13))
    raise_alerts(channel, 1)
    notifying.test(channel)
    delivering.deliver(channel.pk)
    assert titles(hook) == [f"{channel.application.name}: a test of {channel.name}"]
    assert later() == [NOON + 60 * MINUTE]
    Channel.objects.filter(pk=channel.pk).update(active=False)
    notifying.test(channel)
    assert delivering.due_channels(NOON) == [channel.pk]
    delivering.deliver(channel.pk)
    assert (len(hook.received), states()) == (2, {SENT: 2, WAITING: 1})
    assert delivering.due_channels(NOON) == []


def test_a_message_is_sent_again_when_somebody_wants_that(hook: Receiver, channel: Channel) -> None:
    first = notifying.test(channel)
    delivering.deliver(channel.pk)
    notifying.again(first)
    delivering.deliver(channel.pk)
    assert titles(hook) == [first.title] * 2


def test_what_waits_without_a_job_is_found(hook: Receiver, channel: Channel) -> None:
    raise_alerts(channel, 1)
    create_channel(Webhook(hook.url), active=False)
    assert delivering.due_channels(NOON) == [channel.pk]
    assert delivering.due_channels(NOON - MINUTE) == []


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 seconds"), (45, "45 seconds"), (60, "1 minute"), (3_599, "59 minutes"),
        (3_600, "1 hour"), (11_100, "3 hours 5 minutes"), (187_200, "2 days 4 hours"),
    ],
)  # fmt: skip
def test_durations_are_told_in_words(seconds: float, words: str) -> None:
    assert notifying.duration(timedelta(seconds=seconds)) == words
