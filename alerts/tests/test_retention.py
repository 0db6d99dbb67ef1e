"""Alerts and messages go with what they tell of."""

from datetime import timedelta

import pytest
from django.utils import timezone

from alerts import retention
from alerts.factories import create_alert, create_channel, create_rule
from alerts.models import SENT, WAITING, Alert, Notification

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_what_is_past_the_retention_goes_unless_it_goes_on() -> None:
    now = timezone.now()
    channel = create_channel()
    channel.application.retention_days = 10
    channel.application.save()
    rule = create_rule(channel)
    for days in (12, 5):
        create_alert(rule, begin=now - days * DAY, end=now - days * DAY)
        for state in (SENT, WAITING):
            Notification.objects.create(
                application=channel.application, channel=channel, state=state, title="", text="",
                tells="began", path="", created_at=now - days * DAY,
            )  # fmt: skip
    going_on = create_alert(rule, begin=now - 20 * DAY)
    assert retention.prune(now) == 2
    assert Alert.objects.count() == 2
    assert Alert.objects.filter(pk=going_on.pk).exists()
    assert sorted(Notification.objects.values_list("state", flat=True)) == [SENT, WAITING, WAITING]
