"""The admin of refusals: a list to look at, newest first."""

from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.utils.functional import cached_property

from applications.only_to_look_at import OnlyToLookAt
from events.display import visible
from ingest.models import RefusalCount

MOST_LISTED = 1_000


class Newest(Paginator):  # type: ignore[type-arg]
    """Pages of the newest rows: counting all of them would read the whole table."""

    @cached_property
    def count(self) -> int:
        newest: Any = self.object_list
        return int(newest.order_by()[:MOST_LISTED].count())


@admin.register(RefusalCount)
class RefusalCountAdmin(OnlyToLookAt):
    list_display = [
        "application", "status", "words", "n", "first_seen", "last_seen", "key_prefix", "sender",
    ]  # fmt: skip
    list_display_links = None
    list_filter = ["application", "status"]
    list_select_related = ["application"]
    ordering = ["-hour", "-last_seen"]
    sortable_by = ()  # by count, for example, would read and sort the whole table
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # they would be counts over the whole table
    paginator = Newest

    @admin.display(description="Reason")
    def words(self, refusal: RefusalCount) -> str:
        return visible(refusal.reason)

    @admin.display(description="Client")
    def sender(self, refusal: RefusalCount) -> str:
        return visible(refusal.client)

    def get_object(self, *args: Any) -> None:
        """No row has a page of its own: its primary key is of several columns."""
