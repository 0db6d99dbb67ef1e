"""Rules and channels are made, changed and deleted."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.db.models.functions import Greatest
from django.utils import timezone

from alerts import kinds
from alerts.models import Channel, Rule
from alerts.records import Address, Condition
from alerts.suggestions import suggestions
from alerts.validity import require_valid
from applications.models import Application
from loghandler import queue
from loghandler.saving import save_valid


def require_possible(
    application: Application, condition: Condition, known: Iterable[int] = ()
) -> None:
    """Raises ValueError where it can't hold, or names monitors that are not the application's.

    `known`: monitors that it names already, which may be gone.
    """
    require_valid(condition)
    ids = set(getattr(condition, "monitors", ())) - set(known)
    there = application.monitors.filter(pk__in=ids).values_list("pk", flat=True)
    if missing := sorted(ids - set(there)):
        raise ValueError(f"There is no monitor {missing[0]}.")


def save_rule(
    rule: Rule, condition: Condition, channels: Iterable[Channel], **settings: Any
) -> Rule:
    """Store a rule, new or changed. Raises ValueError, or ValidationError by field.

    What it looks for is another thing from now on: nothing of before is told.
    """
    known = rule.condition.get("monitors", ()) if rule.pk else ()
    require_possible(rule.application, condition, known)
    kind, fields = kinds.stored(condition)
    was = (rule.kind, rule.condition, rule.active)
    if (kind, fields, settings.get("active", True)) != was:
        rule.evaluated_until = timezone.now()
    rule.kind, rule.condition = kind, fields
    for name, value in settings.items():
        setattr(rule, name, value)
    with transaction.atomic():
        save_valid(rule)
        rule.channels.set(channels)
        if not rule.active or kind != was[0]:
            # Nobody looks whether it is over: it is, and who wanted that need not be told.
            rule.alerts.filter(end=None).update(end=Greatest("begin", timezone.now()))
        if rule.active:  # at once: what comes from now on is new
            queue.defer(queue.EVALUATING)
    return rule


def save_channel(channel: Channel, address: Address, **settings: Any) -> Channel:
    """Store a channel, new or changed. Raises ValueError, or ValidationError by field."""
    require_valid(address)
    channel.kind, channel.address = kinds.stored(address)
    for name, value in settings.items():
        setattr(channel, name, value)
    save_valid(channel)
    return channel


@transaction.atomic
def take_usual_rules(application: Application) -> list[Rule]:
    """Make those of the suggested rules that are of kinds it has none of; all its channels tell."""
    Application.objects.select_for_update(no_key=True).get(pk=application.pk)  # clicked twice
    there = set(application.rules.values_list("kind", flat=True))
    names = set(application.rules.values_list("name", flat=True))
    channels = list(application.channels.filter(active=True))
    return [
        save_rule(Rule(application=application), each.condition, channels, name=each.name)
        for each in suggestions(there)
        if each.name not in names
    ]
