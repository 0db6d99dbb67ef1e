"""Sends what waits for a channel: each message is noted before it goes, and when it has gone.

Who is killed in between leaves it noted as being sent: it is sent once more, and says so of itself.
"""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from alerts import kinds, notifying, retries
from alerts.channels import Envelope, NotSent, apprise, email, webhook
from alerts.models import FAILED, SENDING, SENT, WAITING, Channel, Notification
from alerts.pacing import HOUR, Plan, QuietHours, plan
from alerts.records import TEST, Apprise, Email, Webhook
from alerts.together import in_one, message, without_beginnings
from loghandler import queue
from loghandler.texts import storable

logger = logging.getLogger(__name__)
# Of a storm, so many at once: what is more is told in the same message or the next one.
MOST_TOGETHER = 10_000
# While a receiver is away its other messages are put off, but for no longer.
MOST_PUT_OFF = timedelta(minutes=5)
MOST_OF_FAILURE = 1_000  # characters of why one was not sent, in which the receiver has a say


def deliver(channel_id: int) -> None:
    """Send what may be sent now, and have the rest sent when it may be."""
    channel = Channel.objects.filter(pk=channel_id).select_related("application").first()
    if channel is None or channel.application.deleted_at:
        return
    _take_up(channel)
    while _turn(channel):
        pass


def due_channels(now: datetime) -> list[int]:
    """The channels for which something has waited since before a moment."""
    waiting = Notification.objects.filter(state__in=[WAITING, SENDING], due_at__lte=now)
    told = waiting.filter(Q(channel__active=True) | Q(tells=TEST), application__deleted_at=None)
    return list(told.order_by().values_list("channel", flat=True).distinct())


def _take_up(channel: Channel) -> None:
    """Nobody else sends for this channel now: what is noted as being sent was interrupted."""
    Notification.objects.filter(channel=channel, state=SENDING).update(
        state=WAITING, maybe_sent=True
    )


def _waiting(channel: Channel) -> QuerySet[Notification]:
    """What is to be sent, oldest first; of a channel that is off what somebody wants to see."""
    waiting = Notification.objects.filter(channel=channel, state=WAITING)
    if not channel.active:
        waiting = waiting.filter(tells=TEST)
    return waiting.order_by("created_at", "pk")


def _turn(channel: Channel) -> bool:
    """Send what is due now as it is planned; whether to look again."""
    now = timezone.now()
    due = without_beginnings(list(_waiting(channel).filter(due_at__lte=now)[:MOST_TOGETHER]))
    quiet = _quiet(channel)
    # Who tries a channel out looks at it now: that waits for no quiet hours to end.
    if tests := [each for each in due if each.tells == TEST]:
        due, quiet = tests, None
    # What was interrupted says that of itself: it goes alone, within no other message.
    due = [each for each in due if each.maybe_sent][:1] or due
    planned = plan(now, len(due), _sent(channel, now), channel.most_per_hour, quiet)
    if not planned.count:
        _look_again(channel, planned)
        return False
    if planned.together:
        one = in_one(channel, due)
        due = [one] if one else []
    return send_apart(channel, due)


def _look_again(channel: Channel, planned: Plan) -> None:
    following = _waiting(channel).order_by("due_at").values_list("due_at", flat=True)
    if moment := planned.later or following.first():
        notifying.defer([channel.pk], moment)


def send_apart(channel: Channel, due: Sequence[Notification]) -> bool:
    """Send them one by one, while the receiver is there; whether to go on after that."""
    for notification in due:
        if queue.ending.is_set() or not _send(channel, notification):
            break
    return not queue.ending.is_set()


def _sent(channel: Channel, now: datetime) -> list[datetime]:
    """When messages arrived within the last hour, and when those perhaps did that were interrupted.

    Each attempt of one that was interrupted counts: any of them may be the one that arrived.
    """
    mine = Notification.objects.filter(channel=channel)
    sent = mine.filter(sent_at__gt=now - HOUR)
    unsure = mine.filter(state=WAITING, maybe_sent=True, attempted_at__gt=now - HOUR)
    arrived = [
        *sent.values_list("sent_at", "maybe_sent", "attempts"),
        *unsure.values_list("attempted_at", "maybe_sent", "attempts"),
    ]
    return [
        moment
        for moment, maybe, attempts in arrived
        if moment
        for _ in range(attempts if maybe else 1)
    ]


def _quiet(channel: Channel) -> QuietHours | None:
    if channel.quiet_from is None or channel.quiet_until is None:
        return None
    return QuietHours(channel.quiet_from, channel.quiet_until, ZoneInfo(channel.zone))


def _send(channel: Channel, notification: Notification) -> bool:
    """Send it; False where the receiver takes no others now, which are put off."""
    if not _claim(notification):
        return True
    try:
        left_out = _hand_over(channel, notification)
    except NotSent as error:
        _note_failure(notification, error)
        if error.away:
            until = min(notification.due_at, timezone.now() + MOST_PUT_OFF)
            _waiting(channel).filter(due_at__lt=until).update(due_at=until)
        return not error.away
    except Exception as error:  # a mistake of ours must not hold up what comes after it
        logger.exception("Notification %d could not be sent", notification.pk)
        _note_failure(notification, NotSent(f"Log Handler could not send it: {error}"))
    else:
        same = Notification.objects.filter(pk=notification.pk)
        failure = storable(left_out, MOST_OF_FAILURE)
        same.update(state=SENT, failure=failure, sent_at=timezone.now())
    return True


def _claim(notification: Notification) -> bool:
    """Note that it is being sent. False where somebody else did: who seemed killed may be slow."""
    notification.attempts += 1
    same = Notification.objects.filter(pk=notification.pk, state=WAITING)
    return bool(
        same.update(state=SENDING, attempts=notification.attempts, attempted_at=timezone.now())
    )


def _note_failure(notification: Notification, error: NotSent) -> None:
    pause = None if error.permanent else retries.pause(notification.attempts, error.after)
    notification.due_at = timezone.now() + (pause or timedelta())
    # What somebody else has sent meanwhile stays sent.
    same = Notification.objects.filter(pk=notification.pk).exclude(state=SENT)
    same.update(
        state=FAILED if pause is None else WAITING,
        failure=storable(str(error), MOST_OF_FAILURE),
        due_at=notification.due_at,
        maybe_sent=notification.maybe_sent or error.unsure,
    )


def _hand_over(channel: Channel, notification: Notification) -> str:
    """Who did not get it where others did, in words. Raises NotSent."""
    address = kinds.address(channel.kind, channel.address)
    envelope = Envelope(
        id=notification.pk,
        application=channel.application.name,
        tells=notification.tells,
        message=message(notification),
        url=settings.URL + notification.path,
        at=notification.created_at,
        attempt=notification.attempts,
        maybe_sent=notification.maybe_sent,
    )
    if isinstance(address, Email):
        return email.send(address, envelope)
    if isinstance(address, Webhook):
        webhook.send(address, envelope)
    else:
        assert isinstance(address, Apprise)
        apprise.send(address, envelope)
    return ""
