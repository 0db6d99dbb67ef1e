"""The forms of a person's account."""

from datetime import timedelta

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.models import User

from applications.durations import duration

_LENGTHS = {"30d": "30 days", "90d": "90 days", "365d": "A year", "": "Until I revoke it"}


class SignInForm(AuthenticationForm):
    # As for an inactive user: whether a name exists is nobody's business.
    error_messages = {
        "invalid_login": "The username or the password is wrong.",
        "inactive": "The username or the password is wrong.",
    }


class EmailForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = User
        fields = ["email"]
        labels = {"email": "Address"}
        help_texts = {"email": "Empty for no mail."}
        widgets = {"email": forms.EmailInput({"autocomplete": "email"})}


class RevocationForm(forms.Form):
    token = forms.CharField()


class TokenForm(forms.Form):
    expires = forms.ChoiceField(
        choices=list(_LENGTHS.items()), required=False, initial="90d", label="Works for"
    )

    def length(self) -> timedelta | None:
        chosen = self.cleaned_data["expires"]
        return duration(chosen) if chosen else None
