"""Sends what waits for a channel: each message is noted before it goes, and when it has gone.

Who is killed in between leaves it noted as being sent: it is sent once more, and says so of itself.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from alerts import kinds, notifying, retries
from alerts.channels import Envelope, NotSent, apprise, email, webhook
from alerts.digests import digest
from alerts.models import FAILED, SENDING, SENT, TOGETHER, WAITING, Channel, Notification
from alerts.pacing import HOUR, QuietHours, plan
from alerts.records import BEGAN, DIGEST, ENDED, Apprise, Email, Message, Webhook
from loghandler import queue

logger = logging.getLogger(__name__)
# Of a storm, so many at once: what is more is told in the same message or the next one.
MOST_TOGETHER = 10_000


def deliver(channel_id: int) -> None:
    """Send what may be sent now, and have the rest sent when it may be."""
    channel = Channel.objects.filter(pk=channel_id).select_related("application").first()
    if channel is None or not channel.active or channel.application.deleted_at:
        return
    _take_up(channel)
    while _turn(channel):
        pass


def due_channels(now: datetime) -> list[int]:
    """The channels for which something has waited since before a moment."""
    waiting = Notification.objects.filter(state__in=[WAITING, SENDING], due_at__lte=now)
    active = waiting.filter(channel__active=True, application__deleted_at=None)
    return list(active.order_by().values_list("channel", flat=True).distinct())


def _take_up(channel: Channel) -> None:
    """Nobody else sends for this channel now: what is noted as being sent was interrupted."""
    Notification.objects.filter(channel=channel, state=SENDING).update(
        state=WAITING, maybe_sent=True
    )


def _turn(channel: Channel) -> bool:
    """Send what is due now as it is planned; whether to look again."""
    now = timezone.now()
    everything = Notification.objects.filter(channel=channel, state=WAITING)
    waiting = list(everything.filter(due_at__lte=now).order_by("created_at", "pk")[:MOST_TOGETHER])
    planned = plan(now, len(waiting), _sent(channel, now), channel.most_per_hour, _quiet(channel))
    if planned.later:
        notifying.defer([channel.pk], planned.later)
        return False
    if not planned.count:
        if following := everything.order_by("due_at").values_list("due_at", flat=True).first():
            notifying.defer([channel.pk], following)
        return False
    if planned.together:
        _send(channel, _together(channel, waiting))
    else:
        for notification in _paired(waiting):
            if not queue.ending.is_set():
                _send(channel, notification)
    return not queue.ending.is_set()


def _sent(channel: Channel, now: datetime) -> list[datetime]:
    """When messages went out within the last hour; those that perhaps did, too."""
    attempted = Notification.objects.filter(channel=channel, attempted_at__gt=now - HOUR)
    return [each for each in attempted.values_list("attempted_at", flat=True) if each]


def _quiet(channel: Channel) -> QuietHours | None:
    if channel.quiet_from is None or channel.quiet_until is None:
        return None
    return QuietHours(channel.quiet_from, channel.quiet_until, ZoneInfo(channel.zone))


def _paired(waiting: Sequence[Notification]) -> list[Notification]:
    """Without the beginnings whose end is to be told as well: one message tells both."""
    ends = {each.alert_id: each for each in waiting if each.tells == ENDED and each.alert_id}
    told = []
    for each in waiting:
        end = ends.get(each.alert_id or 0) if each.tells == BEGAN else None
        if end is None:
            told.append(each)
        else:
            Notification.objects.filter(pk=each.pk).update(state=TOGETHER, digest=end)
    return told


@transaction.atomic
def _together(channel: Channel, waiting: Sequence[Notification]) -> Notification:
    """One message for many, which are told by it from now on."""
    ids = [each.pk for each in waiting]
    named = Notification.objects.filter(pk__in=ids).values_list("pk", "alert__rule__name")
    rules: dict[int, str | None] = dict(named)
    path = f"/applications/{channel.application_id}/alerts/"
    messages = [(rules[each.pk] or "", _message(each)) for each in waiting]
    message = digest(channel.application.name, messages, path)
    one = Notification.objects.create(
        application_id=channel.application_id,
        channel=channel,
        tells=DIGEST,
        title=message.title,
        text=message.text,
        path=path,
        facts=message.facts,
    )
    Notification.objects.filter(pk__in=ids).update(state=TOGETHER, digest=one)
    return one


def _message(notification: Notification) -> Message:
    return Message(notification.title, notification.text, notification.path, notification.facts)


def _send(channel: Channel, notification: Notification) -> None:
    notification.attempts += 1
    notification.attempted_at = timezone.now()
    notification.state = SENDING
    notification.save(update_fields=["attempts", "attempted_at", "state"])
    try:
        _hand_over(channel, notification)
    except NotSent as error:
        _note_failure(notification, error)
    except Exception as error:  # a mistake of ours must not hold up what comes after it
        logger.exception("Notification %d could not be sent", notification.pk)
        _note_failure(notification, NotSent(f"Log Handler could not send it: {error}"))
    else:
        notification.state, notification.failure = SENT, ""
        notification.sent_at = timezone.now()
    notification.save(update_fields=["state", "failure", "sent_at", "due_at"])


def _note_failure(notification: Notification, error: NotSent) -> None:
    notification.failure = str(error)
    pause = None if error.permanent else retries.pause(notification.attempts, error.after)
    notification.state = FAILED if pause is None else WAITING
    notification.due_at = timezone.now() + (pause or timedelta())


def _hand_over(channel: Channel, notification: Notification) -> None:
    address = kinds.address(channel.kind, channel.address)
    envelope = Envelope(
        id=notification.pk,
        application=channel.application.name,
        tells=notification.tells,
        message=_message(notification),
        url=settings.URL + notification.path,
        at=notification.created_at,
        attempt=notification.attempts,
        maybe_sent=notification.maybe_sent,
    )
    if isinstance(address, Email):
        email.send(address, envelope)
    elif isinstance(address, Webhook):
        webhook.send(address, envelope)
    else:
        assert isinstance(address, Apprise)
        apprise.send(address, envelope)
