"""The forms of the overview: what it lists, and a new application."""

from django import forms
from django.conf import settings
from django.http import QueryDict

from applications.models import Application
from dashboard.overview_rows import ALL_SORTS


class ListForm(forms.Form):
    """The parameters of the overview's address."""

    q = forms.CharField(required=False)
    sort = forms.ChoiceField(choices=list(ALL_SORTS.items()), required=False)

    def chosen(self, name: str) -> str:
        """What is asked for, or nothing where it can't be understood."""
        self.is_valid()
        return str(self.cleaned_data.get(name, ""))


class NewApplicationForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Application
        fields = ["name", "description", "retention_days"]
        labels = {"retention_days": "Keep events for (days)"}
        help_texts = {
            "name": "Lower-case, without spaces: shop, billing-api, eu.search.",
            "description": "A line for those who don’t know it. Optional.",
        }
        widgets = {
            "name": forms.TextInput(
                {"autofocus": True, "autocomplete": "off", "autocapitalize": "none"}
            ),
            "description": forms.TextInput(),
        }

    def __init__(self, sent: QueryDict | None = None) -> None:
        super().__init__(sent, label_suffix="")
        days = settings.RETENTION_DAYS
        text = f"Empty for the installation’s {days} days, which is also the most."
        self.fields["retention_days"].help_text = text
