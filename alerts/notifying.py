"""Writes down whom an alert is to be told, in the transaction that found it; workers send it.

The notification is what must not get lost: a job only says that there is one.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from alerts.models import Alert, Channel, Notification
from alerts.records import BEGAN, ENDED, TEST
from applications.models import Application
from loghandler import queue


def began(alerts: Sequence[Alert]) -> list[Notification]:
    """Tell the channels of each alert's rule that it began."""
    return _tell(alerts, BEGAN)


def ended(alerts: Sequence[Alert]) -> list[Notification]:
    """Tell them that it is over, and how long it lasted."""
    return _tell(alerts, ENDED)


def test(channel: Channel) -> Notification:
    """Somebody wants to see what arrives."""
    application = channel.application
    return _queued(
        Notification(
            application=application,
            channel=channel,
            tells=TEST,
            title=f"{application.name}: a test of {channel.name}",
            text="If you can read this, alerts arrive here.",
            path=f"/applications/{application.pk}/alerts/",
        )
    )


def again(notification: Notification) -> Notification:
    """Somebody wants a message to be sent once more."""
    return _queued(
        Notification(
            application_id=notification.application_id,
            channel_id=notification.channel_id,
            alert_id=notification.alert_id,
            tells=notification.tells,
            title=notification.title,
            text=notification.text,
            path=notification.path,
            facts=notification.facts,
        )
    )


def defer(channel_ids: Iterable[int], at: datetime | None = None) -> None:
    """Have a worker send what waits for these channels; two never do for the same one."""
    for channel_id in sorted(set(channel_ids)):
        lock = f"{queue.SENDING} {channel_id}"
        queue.defer(queue.SENDING, at=at, lock=lock, channel_id=channel_id)


def _queued(notification: Notification) -> Notification:
    with transaction.atomic():
        notification.save()
        defer([notification.channel_id])
    return notification


def _tell(alerts: Sequence[Alert], tells: str) -> list[Notification]:
    channels = _channels({alert.rule_id for alert in alerts})
    owners = Application.objects.filter(pk__in={alert.application_id for alert in alerts})
    names = dict(owners.values_list("pk", "name"))
    with transaction.atomic():
        found = Notification.objects.bulk_create(
            Notification(
                application_id=alert.application_id,
                channel_id=channel,
                alert=alert,
                tells=tells,
                title=_title(names[alert.application_id], alert, tells),
                text=_text(alert, tells),
                path=alert.path,
                facts=alert.facts,
            )
            for alert in alerts
            for channel in channels[alert.rule_id]
        )
        defer(notification.channel_id for notification in found)
    return found


def _channels(rule_ids: set[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    through = Channel.rules.through.objects.filter(rule__in=rule_ids, channel__active=True)
    for rule_id, channel_id in through.values_list("rule", "channel").order_by("channel"):
        found[rule_id].append(channel_id)
    return found


def _title(application: str, alert: Alert, tells: str) -> str:
    over = "Over: " if tells == ENDED else ""
    return f"{over}{application}: {alert.title}"


def _text(alert: Alert, tells: str) -> str:
    if tells != ENDED or alert.end is None:
        return alert.text
    return f"It is over, after {duration(alert.end - alert.begin)}.\n\n{alert.text}"


def duration(span: timedelta) -> str:
    """`45 seconds`, `12 minutes`, `3 hours 5 minutes`, `2 days 4 hours`."""
    seconds = int(span.total_seconds())
    units = [("day", 86_400), ("hour", 3_600), ("minute", 60), ("second", 1)]
    first = next((n for n, (_, unit) in enumerate(units) if seconds >= unit), 3)
    words: list[str] = []
    for name, unit in units[first : first + (2 if first < 2 else 1)]:
        count, seconds = divmod(seconds, unit)
        if count or not words:
            words.append(f"{count} {name}{'' if count == 1 else 's'}")
    return " ".join(words)
