"""A worker is killed in the middle of its deliveries: nothing is lost, one message comes twice."""

import json
from collections import Counter

import pytest
from django.db import connection

from alerts import notifying
from alerts.factories import create_channel
from alerts.models import SENT, Notification
from alerts.records import Webhook
from alerts.tests.receivers import receiver
from loghandler import partitions
from loghandler.tests.running import eventually
from loghandler.tests.working import no_jobs, worker

__all__ = ["no_jobs"]

pytestmark = pytest.mark.django_db(transaction=True)


def all_sent() -> bool:
    return not Notification.objects.exclude(state=SENT).exists()


@pytest.mark.usefixtures("no_jobs")
def test_no_notification_is_lost_and_at_most_one_comes_twice_marked_as_such() -> None:
    partitions.ensure()
    with receiver() as hook:
        channel = create_channel(Webhook(hook.url))
        with worker() as killed:
            notifying.test(channel)
            assert eventually(lambda: len(hook.received) == 1)
            hook.hold.clear()
            for _ in range(3):
                notifying.test(channel)
            assert eventually(lambda: len(hook.received) == 2)
            killed.kill()
        hook.hold.set()
        with connection.cursor() as cursor:  # nobody wants to wait until it counts as gone
            cursor.execute("UPDATE procrastinate_workers SET last_heartbeat = 'yesterday'")
        with worker():
            assert eventually(all_sent)
    received = [json.loads(each.body) for each in hook.received]
    times = Counter(each["id"] for each in received)
    assert sorted(times.values()) == [1, 1, 1, 2]
    assert [each["maybe_sent"] for each in received].count(True) == 1
    [twice] = [each for each in received if each["maybe_sent"]]
    assert times[twice["id"]] == 2
