from datetime import datetime
from uuid import UUID

from django_filters import CharFilter, FilterSet, UUIDFilter

from events.models import Event, EventQuerySet
from events.parameters import LevelFilter, LevelsFilter, MomentFilter, RangeForm, TagsFilter


class EventFilter(FilterSet):  # type: ignore[misc]
    """The filters of the list of events; each is a method of its QuerySet."""

    since = MomentFilter(method="_since", help_text="Received at or after this time.")
    until = MomentFilter(method="_until", help_text="Received before this time.")
    level = LevelsFilter(method="_level", help_text="One level or several.")
    min_level = LevelFilter(method="_min_level", help_text="This level or a more severe one.")
    q = CharFilter(method="_q", strip=False, help_text="A part of the message, in any case.")
    tag = TagsFilter(method="_tag", help_text="name:value; repeat it for several.")
    environment = CharFilter(field_name="environment")
    release = CharFilter(field_name="release")
    logger = CharFilter(field_name="logger")
    cursor = UUIDFilter(method="_cursor", help_text="`next_cursor` of the page before.")

    class Meta:
        model = Event
        fields: list[str] = []
        form = RangeForm

    def _since(self, events: EventQuerySet, name: str, moment: datetime) -> EventQuerySet:
        return events.since(moment)

    def _until(self, events: EventQuerySet, name: str, moment: datetime) -> EventQuerySet:
        return events.until(moment)

    def _level(self, events: EventQuerySet, name: str, levels: list[int]) -> EventQuerySet:
        return events.filter(level__in=levels)

    def _min_level(self, events: EventQuerySet, name: str, level: int) -> EventQuerySet:
        return events.filter(level__gte=level)

    def _q(self, events: EventQuerySet, name: str, text: str) -> EventQuerySet:
        return events.saying(text)

    def _tag(self, events: EventQuerySet, name: str, tags: list[tuple[str, str]]) -> EventQuerySet:
        for key, value in tags:
            events = events.tagged(key, value)
        return events

    def _cursor(self, events: EventQuerySet, name: str, identifier: UUID) -> EventQuerySet:
        return events.before(identifier)
