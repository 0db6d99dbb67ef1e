"""Requests as the OpenAPI document describes them."""

from typing import Any

from rest_framework import serializers

from traffic.models import Request, WantedDeletion


class RequestOutput(serializers.ModelSerializer[Request]):
    """A stored request. Times are UTC, durations milliseconds; what was not sent is null."""

    application_id = serializers.IntegerField(read_only=True)
    user_agent = serializers.CharField(read_only=True, allow_null=True)

    class Meta:
        model = Request
        fields = [
            "id",
            "application_id",
            "occurred_at",
            "received_at",
            "method",
            "route",
            "path",
            "status",
            "duration_ms",
            "request_bytes",
            "response_bytes",
            "hostname",
            "version",
            "framework",
            "release",
            "environment",
            "referrer",
            "ip_address",
            "country",
            "user_agent",
            "client",
            "system",
            "device",
            "user",
            "trace_id",
            "event_id",
            "request_id",
        ]


class RequestInput(serializers.Serializer[Any]):
    """What a sender tells of a request; read by ingest/protocols/native_requests.py."""

    method = serializers.CharField()
    status = serializers.IntegerField(min_value=0, max_value=999)
    path = serializers.CharField(required=False, help_text="With its query, if you like.")
    route = serializers.CharField(
        required=False, help_text="The template, such as /users/{id}; inferred where it is absent."
    )
    duration_ms = serializers.FloatField(required=False, min_value=0, default=0)
    occurred_at = serializers.DateTimeField(required=False, help_text="Default: now.")
    hostname = serializers.CharField(required=False)
    ip_address = serializers.IPAddressField(required=False)
    user_agent = serializers.CharField(required=False)
    user_id = serializers.CharField(required=False)
    framework = serializers.CharField(required=False)
    request_bytes = serializers.IntegerField(required=False, min_value=0)
    response_bytes = serializers.IntegerField(required=False, min_value=0)
    referrer = serializers.CharField(required=False)
    release = serializers.CharField(required=False)
    environment = serializers.CharField(required=False)
    trace_id = serializers.CharField(required=False)
    event_id = serializers.UUIDField(
        required=False, help_text="The `event_id` of the error that the request raised."
    )
    request_id = serializers.UUIDField(
        required=False, help_text="Your own id: a request that is sent again is stored once."
    )
    privacy_level = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=2,
        default=0,
        help_text="0 keeps the address, 1 only its country, 2 nothing of it.",
    )


class WantedDeletionOutput(serializers.ModelSerializer[WantedDeletion]):
    """What the worker is going to delete."""

    class Meta:
        model = WantedDeletion
        fields = ["before", "user", "ip_address"]
