from typing import Any

from django.db.models import QuerySet
from django_filters import CharFilter, FilterSet

from applications.models import Application, ApplicationQuerySet


class ApplicationFilter(FilterSet):  # type: ignore[misc]
    q = CharFilter(method="named_like", help_text="A part of the name.")

    class Meta:
        model = Application
        fields: list[str] = []

    def named_like(
        self, applications: ApplicationQuerySet, name: str, text: str
    ) -> QuerySet[Application, Any]:
        return applications.named_like(text)
