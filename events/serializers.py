from typing import Any

from rest_framework import serializers

from events.models import Event
from events.records import LEVELS, SHORT_TEXT


class EventOutput(serializers.ModelSerializer[Event]):
    """A stored event. Times are UTC; what was not sent is null."""

    application_id = serializers.IntegerField(read_only=True)
    level = serializers.ChoiceField(source="level_name", choices=list(LEVELS), read_only=True)

    class Meta:
        model = Event
        fields = [
            "id",
            "application_id",
            "received_at",
            "occurred_at",
            "level",
            "message",
            "stack",
            "tags",
            "event_id",
            "environment",
            "release",
            "server_name",
            "logger",
            "trace_id",
            "user",
            "data",
        ]


class EventInput(serializers.Serializer[Any]):
    """What a sender tells of an event; read by ingest/protocols/native.py, described here."""

    message = serializers.CharField()
    level = serializers.ChoiceField(
        choices=list(LEVELS), default="INFO", help_text="In any case; WARN, FATAL … are mapped."
    )
    occurred_at = serializers.DateTimeField(required=False, help_text="Default: now.")
    stack = serializers.JSONField(required=False, help_text="Frames, or a traceback as text.")
    tags = serializers.DictField(required=False)
    event_id = serializers.UUIDField(
        required=False, help_text="Your own id: an event that is sent again is stored once."
    )
    environment = serializers.CharField(required=False, max_length=SHORT_TEXT)
    release = serializers.CharField(required=False, max_length=SHORT_TEXT)
    server_name = serializers.CharField(required=False, max_length=SHORT_TEXT)
    logger = serializers.CharField(required=False, max_length=SHORT_TEXT)
    trace_id = serializers.CharField(required=False, max_length=SHORT_TEXT)
    user = serializers.JSONField(required=False, help_text="A name, or an object.")


class RejectionOutput(serializers.Serializer[Any]):
    """An item of a batch that was not stored, and why."""

    index = serializers.IntegerField(help_text="Its place in the body, from 0.")
    errors = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))  # type: ignore[assignment]


class BatchOutput(serializers.Serializer[Any]):
    """What became of many events sent at once."""

    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField(help_text="Their event_id was stored before.")
    rejected = RejectionOutput(many=True)
