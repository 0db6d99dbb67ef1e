"""The shapes in which applications enter and leave the REST API."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from applications.models import Application, Key


@extend_schema_serializer(component_name="Key")
class KeyOutput(serializers.ModelSerializer[Key]):
    class Meta:
        model = Key
        fields = ["prefix", "kind", "label", "created_at", "expires_at", "last_used_at"]
        read_only_fields = fields


@extend_schema_serializer(component_name="Application")
class ApplicationOutput(serializers.ModelSerializer[Application]):
    keys = KeyOutput(source="valid_keys", many=True, read_only=True, help_text="Those that work.")

    class Meta:
        model = Application
        fields = ["id", "name", "description", "created_at", "retention_days", "active", "keys"]
        read_only_fields = fields


@extend_schema_serializer(component_name="NewApplication")
class CreationInput(serializers.Serializer[Any]):
    description = serializers.CharField(required=False, allow_blank=True, max_length=10_000)
    retention_days = serializers.IntegerField(
        required=False, allow_null=True, min_value=1, max_value=36_500
    )


@extend_schema_serializer(component_name="CreatedApplication")
class CreatedOutput(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="application.id")
    name = serializers.CharField(source="application.name")
    ingest_key = serializers.CharField(help_text="32 hex digits. Shown here and never again.")
    created_at = serializers.DateTimeField(source="application.created_at")
