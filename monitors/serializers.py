"""The shapes in which monitors enter and leave the REST API."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from loghandler.api import Wishes
from monitors import targets
from monitors.models import LEAST_SECONDS, MOST_SECONDS, Check, Maintenance, Outage
from monitors.verdicts import STATES

_TARGET = (
    "What is asked and expected. http: url, method, headers, body, statuses, keyword, "
    "keyword_absent, json_path, json_value, redirects, verify. tcp: host, port. tls: host, port, "
    "days. heartbeat: period_seconds, or cron and zone; grace_seconds."
)


class _Settings(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    kind = serializers.ChoiceField(choices=targets.KINDS)
    target = serializers.DictField(help_text=_TARGET)
    interval_seconds = serializers.IntegerField(min_value=LEAST_SECONDS, max_value=MOST_SECONDS)
    timeout_seconds = serializers.FloatField(min_value=0.1, max_value=60)
    retries = serializers.IntegerField(min_value=0, max_value=10)
    paused = serializers.BooleanField()
    tags = serializers.ListField(child=serializers.CharField(max_length=40), max_length=20)


@extend_schema_serializer(component_name="NewMonitor")
class MonitorInput(Wishes, _Settings):
    needed = ("name", "target")


@extend_schema_serializer(component_name="Monitor")
class MonitorOutput(_Settings):
    id = serializers.IntegerField()
    application_id = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    state = serializers.ChoiceField(choices=list(STATES))
    state_since = serializers.DateTimeField(allow_null=True)
    checked_at = serializers.DateTimeField(allow_null=True, help_text="The last check.")
    failure = serializers.CharField(allow_null=True, help_text="Why it fails; null: it does not.")
    words = serializers.CharField(help_text="The same in words.")
    duration_ms = serializers.FloatField(allow_null=True, help_text="Of the last check.")
    certificate_until = serializers.DateTimeField(allow_null=True)
    ping_url = serializers.CharField(allow_null=True, help_text="What a heartbeat’s job calls.")


@extend_schema_serializer(component_name="Check")
class CheckOutput(serializers.ModelSerializer[Check]):
    """What one check found. Durations are in ms; null: the step was not taken."""

    class Meta:
        model = Check
        fields = [
            "checked_at", "failure", "words", "dns_ms", "connect_ms", "tls_ms", "first_byte_ms",
            "body_ms", "status", "address", "certificate_until", "output",
        ]  # fmt: skip


@extend_schema_serializer(component_name="Outage")
class OutageOutput(serializers.ModelSerializer[Outage]):
    monitor_id = serializers.IntegerField()
    duration_seconds = serializers.SerializerMethodField()
    events_url = serializers.SerializerMethodField(help_text="The events of that time.")
    requests_url = serializers.SerializerMethodField(help_text="The requests of that time.")

    class Meta:
        model = Outage
        fields = [
            "id", "monitor_id", "begin", "end", "failure", "words", "duration_seconds",
            "events_url", "requests_url",
        ]  # fmt: skip

    def get_duration_seconds(self, outage: Outage) -> float:
        return outage.duration.total_seconds()

    def get_events_url(self, outage: Outage) -> str:
        return f"/apps/{outage.application_id}/events?{outage.range_query}"

    def get_requests_url(self, outage: Outage) -> str:
        return f"/apps/{outage.application_id}/requests?{outage.range_query}"


@extend_schema_serializer(component_name="Uptime")
class UptimeOutput(serializers.Serializer[Any]):
    ratio = serializers.FloatField(allow_null=True, help_text="0 to 1; null: it was not watched.")
    watched_seconds = serializers.FloatField()
    down_seconds = serializers.FloatField()


class StepOutput(serializers.Serializer[Any]):
    start = serializers.DateTimeField()
    checks = serializers.IntegerField()
    failures = serializers.IntegerField()
    p50_ms = serializers.FloatField(allow_null=True)
    p95_ms = serializers.FloatField(allow_null=True)
    p99_ms = serializers.FloatField(allow_null=True)


class MonitorStatsOutput(serializers.Serializer[Any]):
    uptime = serializers.DictField(child=UptimeOutput(), help_text="By range.")
    step_seconds = serializers.IntegerField()
    series = StepOutput(many=True, help_text="Response times of the checks that succeeded.")


@extend_schema_serializer(component_name="Maintenance")
class MaintenanceOutput(serializers.ModelSerializer[Maintenance]):
    monitors: Any = serializers.PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Maintenance
        fields = ["id", "name", "monitors", "begin", "end", "cron", "zone", "minutes"]


@extend_schema_serializer(component_name="NewMaintenance")
class MaintenanceInput(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=100)
    monitors = serializers.ListField(
        child=serializers.IntegerField(), default=list, help_text="None: all of the application."
    )
    begin = serializers.DateTimeField(required=False, help_text="Default: now.")
    end = serializers.DateTimeField(required=False, allow_null=True)
    cron = serializers.CharField(required=False, allow_blank=True, max_length=100)
    zone = serializers.CharField(required=False, max_length=60)
    minutes = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=7 * 1_440
    )
