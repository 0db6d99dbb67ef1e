from typing import Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

from events.packing import packed, unpacked
from events.records import json_of


class PackedJSONField(models.JSONField):
    """JSON that is kept, not searched: packed, in a column of bytes."""

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        return "bytea"

    def from_db_value(
        self, value: Any, expression: models.Expression, connection: BaseDatabaseWrapper
    ) -> Any:
        text = None if value is None else unpacked(value).decode()
        return super().from_db_value(text, expression, connection)

    def get_db_prep_value(
        self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False
    ) -> bytes | None:
        return None if value is None else packed(json_of(value))

    def get_transform(self, lookup_name: str) -> Any:
        raise FieldError(f"{self.name} is packed: no query looks into it.")
