"""Pages of checks, as the description of the REST API tells them; the view pages."""

from typing import Any

from loghandler.api import CursorPagination


class CheckPagination(CursorPagination):
    """`?limit=&cursor=` and `{"items": […], "next_cursor": …}`; a cursor is a check's moment."""

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        next_cursor = {
            "type": "string",
            "format": "date-time",
            "nullable": True,
            "example": "2026-11-20T10:00:00.123456Z",
            "description": "The `cursor` of the next page; null at the end.",
        }
        return {
            "type": "object",
            "required": ["items", "next_cursor"],
            "properties": {"items": schema, "next_cursor": next_cursor},
        }
