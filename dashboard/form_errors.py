"""What is wrong with a form, as storing what was filled in told it, beside its fields."""

from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import BaseForm


def tell(form: BaseForm, errors: ValidationError | ValueError, *, otherwise: str | None) -> None:
    """Show each next to its field; what is of none of them next to `otherwise`, or above all."""
    by_field: dict[str, Any] = {NON_FIELD_ERRORS: [str(errors)]}
    if isinstance(errors, ValidationError):
        by_field = errors.message_dict
    for name, sentences in by_field.items():
        for sentence in sentences:
            form.add_error(name if name in form.fields else otherwise, sentence)
