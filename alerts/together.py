"""Many messages become one: nothing is told twice, and each knows by what it was told."""

from collections.abc import Sequence

from django.db import transaction

from alerts.digests import digest
from alerts.models import TOGETHER, WAITING, Channel, Notification
from alerts.records import BEGAN, DIGEST, ENDED, Message


def message(notification: Notification) -> Message:
    return Message(notification.title, notification.text, notification.path, notification.facts)


def without_beginnings(due: Sequence[Notification]) -> list[Notification]:
    """Without those whose end is due as well: one message tells both.

    One that waits for its next try is told by its end too; it would come after it otherwise.
    """
    ends = {each.alert_id: each for each in due if each.tells == ENDED and each.alert_id}
    if not ends:
        return list(due)
    begun = list(
        Notification.objects.filter(
            channel=due[0].channel_id, alert__in=ends, tells=BEGAN, state=WAITING
        )
    )
    for each in begun:
        each.state, each.digest = TOGETHER, ends[each.alert_id or 0]
    Notification.objects.bulk_update(begun, ["state", "digest"], batch_size=500)
    told = {each.pk for each in begun}
    return [each for each in due if each.pk not in told]


@transaction.atomic
def in_one(channel: Channel, due: Sequence[Notification]) -> Notification | None:
    """One message for many, which are told by it from now on; None where others took them."""
    mine = Notification.objects.filter(application=channel.application_id, channel=channel)
    ids = [each.pk for each in due]
    held = mine.select_for_update().filter(pk__in=ids, state=WAITING).order_by("created_at", "pk")
    taken = list(held)
    if not taken:
        return None
    # A digest that did not arrive is told anew, with all that is in it.
    undone = [each.pk for each in taken if each.tells == DIGEST]
    within = list(mine.filter(digest__in=undone).exclude(tells=DIGEST)) if undone else []
    told = sorted(
        (each for each in (*within, *taken) if each.tells != DIGEST),
        key=lambda each: (each.created_at, each.pk),
    )
    one = _digest(channel, told)
    one.save()
    changed = [each.pk for each in (*within, *taken)]
    mine.filter(pk__in=changed).update(state=TOGETHER, digest=one)
    return one


def _digest(channel: Channel, told: Sequence[Notification]) -> Notification:
    alerts = {each.alert_id for each in told if each.alert_id}
    named = Notification.objects.filter(channel=channel, alert__in=alerts)
    rules: dict[int | None, str] = dict(named.values_list("alert", "alert__rule__name"))
    path = f"/applications/{channel.application_id}/alerts/"
    messages = [(rules.get(each.alert_id, ""), message(each)) for each in told]
    found = digest(channel.application.name, messages, path)
    return Notification(
        application_id=channel.application_id,
        channel=channel,
        tells=DIGEST,
        title=found.title,
        text=found.text,
        path=path,
        facts=found.facts,
    )
