"""Sign in and out, and what a person sets for themselves."""

from copy import copy
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import password_validation, views
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_safe

from applications import tokens
from dashboard import preferences as prefs
from dashboard import shown_once
from dashboard.account_forms import EmailForm, RevocationForm, SignInForm, TokenForm

_TOKENS = "tokens"  # whose secrets these are, beside those of applications


class SignIn(views.LoginView):
    template_name = "dashboard/sign_in.html"
    form_class = SignInForm
    redirect_authenticated_user = True

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "label_suffix": ""}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(first_start=_is_first_start(), **kwargs)


class SignOut(views.LogoutView):
    pass


class PasswordChange(views.PasswordChangeView):
    template_name = "dashboard/password.html"
    success_url = reverse_lazy("dashboard:account")

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "label_suffix": ""}

    def get_form(self, form_class: Any = None) -> PasswordChangeForm:
        form = super().get_form(form_class)
        fields = form.fields
        fields["old_password"].label = "Current password"
        # Django's is a list, for which there is no place in a paragraph.
        rules = password_validation.password_validators_help_texts()
        fields["new_password1"].help_text = " ".join(rules)
        fields["new_password2"].label, fields["new_password2"].help_text = "Once more", ""
        return form

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        answer = super().form_valid(form)
        messages.success(
            self.request, "Your password is changed; other browsers are signed out of your account."
        )
        return answer


@require_safe
def account(request: HttpRequest) -> HttpResponse:
    return _page(request)


def preferences(request: HttpRequest) -> HttpResponse:
    form = prefs.PreferencesForm(request.POST or None, label_suffix="")
    if form.errors:
        return _page(request, preferences_form=form)
    answer = redirect(reverse("dashboard:account") + "#top")  # the form's address has a place
    if form.is_valid():
        prefs.remember(answer, form.chosen())
        messages.success(request, "Your preferences are saved in this browser.")
    return answer


def email(request: HttpRequest) -> HttpResponse:
    form = EmailForm(request.POST or None, instance=copy(_user(request)), label_suffix="")
    if form.errors:
        return _page(request, email_form=form)
    if form.is_valid():
        form.save()
        messages.success(request, "Your address is saved.")
    return redirect(reverse("dashboard:account") + "#top")


def create_token(request: HttpRequest) -> HttpResponse:
    form = TokenForm(request.POST)
    if request.method == "POST" and form.is_valid():
        issued = tokens.issue(_user(request), form.length())
        shown_once.keep(request, _TOKENS, issued.secret, kind="API token")
    return redirect("dashboard:account")


def revoke_token(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("dashboard:account")
    form = RevocationForm(request.POST)
    if not form.is_valid() or not tokens.revoke(_user(request), form.cleaned_data["token"]):
        raise Http404("You have no such token.")
    messages.success(request, "The token is revoked: it opens nothing any more.")
    return redirect("dashboard:account")


def _page(request: HttpRequest, **sent: Any) -> HttpResponse:
    context = {
        "preferences_form": prefs.form_of(request),
        "zones": prefs.zone_names(),
        "email_form": EmailForm(instance=_user(request), label_suffix=""),
        "tokens": tokens.valid(_user(request)),
        "token_form": TokenForm(label_suffix=""),
        "secrets": shown_once.take(request, _TOKENS),
        **sent,
    }
    return render(request, "dashboard/account.html", context)


def _is_first_start() -> bool:
    """Whether the first start's password is what somebody needs: it was made up and never used."""
    return not settings.ADMIN_PASSWORD and not User.objects.exclude(last_login=None).exists()


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # the routes are for those who are signed in
    return request.user
