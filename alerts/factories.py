"""Rules and channels as tests need them."""

from itertools import count
from typing import Any

from django.utils import timezone

from alerts import kinds
from alerts.models import Alert, Channel, Rule
from alerts.records import Address, Condition, NewMessage, Webhook
from applications.factories import create_application
from applications.models import Application

_numbers = count(1)


def create_channel(
    address: Address | None = None, application: Application | None = None, **fields: Any
) -> Channel:
    kind, stored = kinds.stored(address or Webhook("https://hooks.example/"))
    return Channel.objects.create(
        application=application or create_application(),
        kind=kind,
        address=stored,
        **{"name": f"channel-{next(_numbers)}", **fields},
    )


def create_rule(
    *channels: Channel,
    condition: Condition | None = None,
    application: Application | None = None,
    **fields: Any,
) -> Rule:
    """One that tells these channels; of their application."""
    kind, stored = kinds.stored(condition or NewMessage())
    owner = application or (channels[0].application if channels else create_application())
    rule = Rule.objects.create(
        application=owner,
        kind=kind,
        condition=stored,
        **{"name": f"rule-{next(_numbers)}", **fields},
    )
    rule.channels.set(channels)
    return rule


def create_alert(rule: Rule, **fields: Any) -> Alert:
    number = next(_numbers)
    wanted = {
        "subject": f"thing:{number}", "begin": timezone.now(), "title": f"Alert {number}",
        "text": "It is bad.", "path": f"/applications/{rule.application_id}/", **fields,
    }  # fmt: skip
    return Alert.objects.create(application=rule.application, rule=rule, **wanted)
