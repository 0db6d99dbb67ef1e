"""What the admin shows and never changes."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

_WITH = "admin:applications_application_"


class OnlyToLookAt(admin.ModelAdmin):  # type: ignore[type-arg]
    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OfApplications(OnlyToLookAt):
    """What applications have, of which there is much."""

    list_select_related = ["application"]
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER
    page_view = ""  # of what has a page of its own: shown by a link, `page`

    @admin.display(description="Page")
    def page(self, row: Any) -> str:
        address = reverse(self.page_view, args=[row.application_id, row.pk])
        return format_html('<a href="{}">{}</a>', address, address)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """They go with their application, of which Django asks here, and not by themselves."""
        match = request.resolver_match
        return match is not None and match.view_name.startswith(_WITH)
