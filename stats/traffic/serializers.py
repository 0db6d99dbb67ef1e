"""Shapes of the traffic's statistics, for the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from stats.buckets import Interval
from stats.traffic.parameters import BREAKDOWNS


class TrafficPointOutput(serializers.Serializer[Any]):
    """A bucket, with the measures that were asked for."""

    bucket_start = serializers.DateTimeField(help_text="UTC; may precede `since`.")
    requests = serializers.IntegerField(required=False)
    errors = serializers.IntegerField(required=False, help_text="Status 400 and above.")  # type: ignore[assignment]
    client_errors = serializers.IntegerField(required=False)
    server_errors = serializers.IntegerField(required=False)
    users = serializers.IntegerField(required=False)
    request_bytes = serializers.IntegerField(required=False)
    response_bytes = serializers.IntegerField(required=False)
    max = serializers.FloatField(required=False, allow_null=True, help_text="ms")
    p50 = serializers.FloatField(
        required=False, allow_null=True, help_text="ms; and any other, such as p99.9."
    )


class TrafficSeriesOutput(serializers.Serializer[Any]):
    """Requests by bucket, oldest first; without `fill` only the buckets that have any."""

    interval = serializers.ChoiceField(choices=list(Interval))
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    series = TrafficPointOutput(many=True)


class RouteOutput(serializers.Serializer[Any]):
    method = serializers.CharField()
    route = serializers.CharField()
    requests = serializers.IntegerField()
    client_errors = serializers.IntegerField(help_text="Status 400 to 499.")
    server_errors = serializers.IntegerField(help_text="Status 500 and above.")
    error_rate = serializers.FloatField(help_text="0 to 1; status 400 and above.")
    p50 = serializers.FloatField(help_text="ms")
    p95 = serializers.FloatField(help_text="ms")
    p99 = serializers.FloatField(help_text="ms")
    request_bytes = serializers.IntegerField()
    response_bytes = serializers.IntegerField()
    apdex = serializers.FloatField(help_text="0 to 1, as apdex.org defines it.")
    apdex_ms = serializers.FloatField(help_text="The threshold.")


class RoutesOutput(serializers.Serializer[Any]):
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    distinct = serializers.IntegerField(help_text="Routes altogether.")
    items = RouteOutput(many=True)


class ValueOutput(serializers.Serializer[Any]):
    value = serializers.CharField()
    requests = serializers.IntegerField()
    client_errors = serializers.IntegerField(help_text="Status 400 to 499.")
    server_errors = serializers.IntegerField(help_text="Status 500 and above.")
    first_seen = serializers.DateTimeField(allow_null=True)
    last_seen = serializers.DateTimeField(allow_null=True)


class BreakdownOutput(serializers.Serializer[Any]):
    """The values of a dimension by frequency; requests without a value are left out."""

    by = serializers.ChoiceField(choices=list(BREAKDOWNS))
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    distinct = serializers.IntegerField(help_text="Values altogether.")
    items = ValueOutput(many=True)
