"""Shapes of the statistics' answers, for the OpenAPI document."""

from typing import Any

from rest_framework import serializers

from events.records import LEVELS
from stats.buckets import Interval


class PointOutput(serializers.Serializer[Any]):
    bucket_start = serializers.DateTimeField(help_text="UTC; may precede `since`.")
    count = serializers.IntegerField()


class TimeseriesOutput(serializers.Serializer[Any]):
    """Events by bucket, oldest first; without `fill` only the buckets that have any."""

    interval = serializers.ChoiceField(choices=list(Interval))
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    series = PointOutput(many=True)


class LevelCountOutput(serializers.Serializer[Any]):
    level = serializers.ChoiceField(choices=list(LEVELS))
    count = serializers.IntegerField()


class ByLevelOutput(serializers.Serializer[Any]):
    """Events by level, the most severe first."""

    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    items = LevelCountOutput(many=True)


class RankedMessageOutput(serializers.Serializer[Any]):
    message = serializers.CharField()
    count = serializers.IntegerField()
    last_seen = serializers.DateTimeField()
    last_id = serializers.UUIDField(help_text="The newest event with this message.")


class TopMessagesOutput(serializers.Serializer[Any]):
    """Messages by frequency; of equally frequent ones the one seen last comes first."""

    limit = serializers.IntegerField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    items = RankedMessageOutput(many=True)
