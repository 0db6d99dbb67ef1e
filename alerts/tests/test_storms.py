"""Hours of storms, failures and killed workers: the limit holds, nothing is lost, twice is said."""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import time_machine

from alerts import delivering, notifying
from alerts.factories import create_alert, create_channel, create_rule
from alerts.models import SENDING, SENT, TOGETHER, Channel, Notification
from alerts.records import DIGEST, Webhook
from alerts.tests.receivers import Receiver, receiver

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
MOST = 4


@pytest.fixture
def hook(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with receiver() as running:
        yield running


class Story:
    """What happens to a channel, minute by minute; `arrived` has what its receiver took."""

    def __init__(self, seed: int, hook: Receiver) -> None:
        self.random, self.hook = Random(seed), hook
        self.channel = create_channel(Webhook(hook.url), most_per_hour=MOST)
        self.rule = create_rule(self.channel)
        self.arrived: list[tuple[datetime, dict[str, Any]]] = []
        self.alerts = 0

    def minute(self, now: datetime, *, calm: bool) -> None:
        with time_machine.travel(now, tick=False):
            if not calm and self.random.random() < 0.3:
                self._storm(self.random.choice([1, 1, 1, 3, 40]))
            works = calm or self.random.random() < 0.6
            self.hook.answers = [(200, {}) if works else (503, {})]
            delivering.deliver(self.channel.pk)
            if works:
                received = (json.loads(each.body) for each in self.hook.received)
                self.arrived += [(now, each) for each in received]
                if not calm and self.hook.received and self.random.random() < 0.3:
                    kill_before_it_is_noted(self.channel)
            self.hook.received.clear()

    def _storm(self, count: int) -> None:
        self.alerts += count
        notifying.began([create_alert(self.rule) for _ in range(count)])


def kill_before_it_is_noted(channel: Channel) -> None:
    """What the worker had just sent is left as it was when it went."""
    last = Notification.objects.filter(channel=channel, state=SENT).latest("sent_at", "pk")
    Notification.objects.filter(pk=last.pk).update(state=SENDING, sent_at=None)


@pytest.mark.parametrize("seed", range(2))
def test_hours_of_everything_at_once(seed: int, hook: Receiver) -> None:
    story = Story(seed, hook)
    for number in (*range(180), *range(180, 600, 10)):
        story.minute(NOON + number * MINUTE, calm=number >= 180)
    assert not Notification.objects.exclude(state__in=[SENT, TOGETHER]).exists()
    moments = [moment for moment, _ in story.arrived]
    for index, moment in enumerate(moments):
        assert sum(each < moment + HOUR for each in moments[index:]) <= MOST
    told = sum(each["facts"].get("count", 1) for _, each in story.arrived)
    assert told >= story.alerts == Notification.objects.exclude(tells=DIGEST).count()
    unmarked = Counter(each["id"] for _, each in story.arrived if not each["maybe_sent"])
    assert set(unmarked.values()) <= {1}
