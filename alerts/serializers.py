"""The shapes in which rules, channels, alerts and messages enter and leave the REST API."""

from typing import Any

from django.conf import settings
from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from alerts import kinds
from alerts.models import Alert, Channel, Notification, Rule
from loghandler.api import Wishes

RULE_KINDS = [kind for kind, _ in kinds.condition_choices()]
CHANNEL_KINDS = [kind for kind, _ in kinds.channel_choices()]
_CONDITION = (
    "What is looked for; what is not named has its usual value. new_message: level, contains. "
    "returned_message: days, level, contains. many_events: more_than, minutes, level, contains. "
    "no_event: minutes. error_rate: percent, minutes, least_requests. slow_requests: p95_ms, "
    "minutes, least_requests. monitor_down: monitors. certificate_ends: days, monitors."
)
_ADDRESS = (
    "Where to. email: to, a list. webhook: url, secret, template, headers as an object. apprise: "
    "url. Null for those who may only look."
)


@extend_schema_serializer(component_name="NewRule")
class RuleInput(Wishes):
    needed = ("name", "kind")

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=RULE_KINDS)
    condition = serializers.DictField(help_text=_CONDITION)
    channels = serializers.ListField(
        child=serializers.IntegerField(), help_text="Who is told; none: it is only on the page."
    )
    active = serializers.BooleanField()


@extend_schema_serializer(component_name="Rule")
class RuleOutput(serializers.ModelSerializer[Rule]):
    channels: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)
    condition = serializers.DictField(help_text=_CONDITION)

    class Meta:
        model = Rule
        fields = ["id", "name", "kind", "condition", "channels", "active", "created_at"]


class PreviewInput(Wishes):
    needed = ("kind",)

    kind = serializers.ChoiceField(choices=RULE_KINDS)
    condition = serializers.DictField(help_text=_CONDITION)


class FindingOutput(serializers.Serializer[Any]):
    begin = serializers.DateTimeField()
    end = serializers.DateTimeField(allow_null=True)
    title = serializers.CharField()
    text = serializers.CharField()


@extend_schema_serializer(component_name="Preview")
class PreviewOutput(serializers.Serializer[Any]):
    total = serializers.IntegerField(help_text="Of the last seven days.")
    since = serializers.DateTimeField(help_text="From when on it could be told.")
    alerts = FindingOutput(many=True, help_text="The newest of them, newest first.")


@extend_schema_serializer(component_name="NewChannel")
class ChannelInput(Wishes):
    needed = ("name", "kind", "address")

    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=CHANNEL_KINDS)
    address = serializers.DictField(help_text=_ADDRESS)
    most_per_hour = serializers.IntegerField(min_value=1, max_value=1_000)
    quiet_from = serializers.TimeField(allow_null=True)
    quiet_until = serializers.TimeField(allow_null=True)
    zone = serializers.CharField(max_length=60, help_text="Of the quiet hours.")
    active = serializers.BooleanField()


@extend_schema_serializer(component_name="Channel")
class ChannelOutput(serializers.ModelSerializer[Channel]):
    """`context["secrets"]`: whether the address is told."""

    address = serializers.SerializerMethodField(help_text=_ADDRESS)

    class Meta:
        model = Channel
        fields = [
            "id", "name", "kind", "address", "most_per_hour", "quiet_from", "quiet_until", "zone",
            "active", "created_at",
        ]  # fmt: skip

    def get_address(self, channel: Channel) -> dict[str, Any] | None:
        return told(channel) if self.context["secrets"] else None


def told(channel: Channel) -> dict[str, Any]:
    """The fields of its address as people write them: headers are an object."""
    fields = dict(channel.address)
    if "headers" in fields:
        fields["headers"] = dict(fields["headers"])
    return fields


@extend_schema_serializer(component_name="Alert")
class AlertOutput(serializers.ModelSerializer[Alert]):
    rule_id = serializers.IntegerField()
    end = serializers.DateTimeField(allow_null=True, help_text="Null: it holds.")
    url = serializers.SerializerMethodField(help_text="Of the page that tells more.")

    class Meta:
        model = Alert
        fields = ["id", "rule_id", "begin", "end", "title", "text", "facts", "url"]

    def get_url(self, alert: Alert) -> str:
        return f"{settings.URL}{alert.path}"


@extend_schema_serializer(component_name="Notification")
class NotificationOutput(serializers.ModelSerializer[Notification]):
    channel_id = serializers.IntegerField()
    alert_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = Notification
        fields = [
            "id", "channel_id", "alert_id", "tells", "title", "text", "created_at", "state",
            "attempts", "sent_at", "failure", "maybe_sent",
        ]  # fmt: skip
