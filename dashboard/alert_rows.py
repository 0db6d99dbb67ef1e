"""What the page of an application's alerts lists: alerts, rules, channels, what was sent."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from alerts import kinds
from alerts.models import Alert, Channel, Notification, Rule
from applications.models import Application
from dashboard.alert_forms import monitor_names
from dashboard.alert_words import destination, sentence

MOST_ALERTS = 20
MOST_NOTIFICATIONS = 30


@dataclass(frozen=True, slots=True)
class RuleRow:
    rule: Rule
    sentence: str
    channels: Sequence[Channel]
    last: datetime | None  # when it held last


@dataclass(frozen=True, slots=True)
class ChannelRow:
    channel: Channel
    kind: str
    destination: str


@dataclass(frozen=True, slots=True)
class AlertsPage:
    open: Sequence[Alert]
    past: Sequence[Alert]
    rules: Sequence[RuleRow]
    channels: Sequence[ChannelRow]
    log: Sequence[Notification]


def alerts_page(application: Application) -> AlertsPage:
    alerts = Alert.objects.filter(application=application).select_related("rule")
    notifications = Notification.objects.filter(application=application)
    return AlertsPage(
        list(alerts.filter(end=None)),
        list(alerts.exclude(end=None)[:MOST_ALERTS]),
        _rules(application, monitor_names(application)),
        [_channel(channel) for channel in application.channels.all()],
        list(notifications.select_related("channel")[:MOST_NOTIFICATIONS]),
    )


def _rules(application: Application, monitors: Mapping[int, str]) -> list[RuleRow]:
    rules = application.rules.prefetch_related("channels")
    held = Alert.objects.filter(application=application).values("rule").annotate(last=Max("begin"))
    last = dict(held.values_list("rule", "last"))
    return [
        RuleRow(
            rule,
            sentence(kinds.condition(rule.kind, rule.condition), monitors),
            list(rule.channels.all()),
            last.get(rule.pk),
        )
        for rule in rules
    ]


def _channel(channel: Channel) -> ChannelRow:
    to = destination(kinds.address(channel.kind, channel.address))
    return ChannelRow(channel, channel.get_kind_display(), to)
