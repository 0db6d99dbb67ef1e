"""Rows are stored as their model wants them."""

from typing import Any

from django.db import IntegrityError, models, transaction


def save_valid(row: models.Model, **options: Any) -> None:
    """Check and store it. Raises ValidationError, also where another took its name meanwhile."""
    row.full_clean()
    try:
        with transaction.atomic():
            row.save(**options)
    except IntegrityError:
        row.full_clean()  # says that another one has its name, since a moment ago
        raise
