"""Fields of the forms of monitors: what people write, and what a target holds."""

from typing import Any

from django import forms

from monitors.expectations import status_ranges

UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}


class AddressField(forms.CharField):
    """An address as it is pasted; without a scheme it is one of https."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(
            {
                "inputmode": "url",
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "placeholder": "https://service.example/health",
            }
        )
        super().__init__(max_length=2_000, widget=widget, **options)

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        return text if "://" in text or not text else f"https://{text}"


class StatusesField(forms.CharField):
    """Ranges such as `200-299, 401`."""

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        return ", ".join(str(a) if a == b else f"{a}-{b}" for a, b in value)

    def clean(self, value: Any) -> tuple[tuple[int, int], ...]:
        try:
            return status_ranges(super().clean(value))
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class HeadersField(forms.CharField):
    """Headers, one in a line: `Name: value`."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(
            {"rows": 3, "spellcheck": "false", "placeholder": "Authorization: Bearer …"}
        )
        super().__init__(required=False, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, tuple):
            return value
        return "\n".join(f"{name}: {of_it}" for name, of_it in value)

    def clean(self, value: Any) -> tuple[tuple[str, str], ...]:
        headers = []
        for line in filter(str.strip, super().clean(value).splitlines()):
            name, colon, of_it = line.partition(":")
            if not colon:
                raise forms.ValidationError(f"Write {line.strip()[:50]!r} as Name: value.")
            headers.append((name.strip(), of_it.strip()))
        return tuple(headers)


class BodyField(forms.CharField):
    """What is sent with the request, as UTF-8."""

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea({"rows": 3, "spellcheck": "false"})
        super().__init__(required=False, strip=False, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    def clean(self, value: Any) -> bytes:
        return str(super().clean(value)).encode()


class TagsField(forms.CharField):
    """Words, with commas between them."""

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput({"autocomplete": "off", "autocapitalize": "none"})
        super().__init__(required=False, widget=widget, **options)

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        tags = (tag.strip() for tag in super().clean(value).split(","))
        return list(dict.fromkeys(filter(None, tags)))
