"""Rules of an application: made, changed, deleted; and what one would have told."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from alerts import changes
from alerts.models import Rule
from alerts.preview import preview
from applications import access
from applications.models import Application
from dashboard.alert_forms import RULE_FORMS, RuleForm, initial_of
from dashboard.form_errors import tell


def new(request: HttpRequest, application_id: int, kind: str) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    form = _form(kind)(
        request.POST or None, application=application, initial={"name": _form(kind).heading}
    )
    return _saved_or_shown(request, application, Rule(application=application), form)


def rule(request: HttpRequest, application_id: int, rule_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    found = get_object_or_404(application.rules, pk=rule_id)
    form = _form(found.kind)(
        request.POST or None, application=application, initial=initial_of(found)
    )
    return _saved_or_shown(request, application, found, form)


@require_POST
def delete(request: HttpRequest, application_id: int, rule_id: int) -> HttpResponse:
    application = access.writable_application(request.user, application_id)
    found = get_object_or_404(application.rules, pk=rule_id)
    found.delete()
    messages.success(request, f"The rule {found.name} is deleted.")
    return redirect("dashboard:alerts", application_id)


@require_POST
def take_usual(request: HttpRequest, application_id: int) -> HttpResponse:
    """Make the rules that most applications want."""
    application = access.writable_application(request.user, application_id)
    made = changes.take_usual_rules(application)
    messages.success(request, f"{len(made)} rules are made. Change or delete what you don’t want.")
    return redirect("dashboard:alerts", application_id)


@require_safe
def previewed(request: HttpRequest, application_id: int, kind: str) -> HttpResponse:
    """The part of the form's page that tells what the rule would have told."""
    application = access.writable_application(request.user, application_id)
    asked = request.GET.getlist("monitors")
    named = [int(each) for each in asked if each.isdecimal() and len(each) < 20]
    form = _form(kind)(request.GET, application=application, initial={"monitors": named})
    return render(request, "dashboard/components/_preview.html", _previewed(application, form))


def _saved_or_shown(
    request: HttpRequest, application: Application, rule: Rule, form: RuleForm
) -> HttpResponse:
    if form.is_valid():
        try:
            changes.save_rule(rule, form.found(), form.cleaned_data["channels"], **form.settings())
        except ValidationError as error:
            tell(form, error, otherwise=None)
        else:
            messages.success(request, f"The rule {rule.name} is saved.")
            return redirect("dashboard:alerts", application.pk)
    context = {
        "application": application,
        "tab": "alerts",
        "may_write": True,
        "rule": rule,
        "kind": next(kind for kind, each in RULE_FORMS.items() if isinstance(form, each)),
        "form": form,
        **_previewed(application, form),
    }
    return render(request, "dashboard/alert_rule.html", context)


def _previewed(application: Application, form: RuleForm) -> dict[str, Any]:
    """Of what is filled in, as far as it is a rule; of what is stored, where nothing is sent."""
    if not form.is_bound:
        form = type(form)(_as_sent(form), application=application, initial=form.initial)
    if set(form.errors) & set(form.own):
        return {"preview": None}
    return {"preview": preview(application, form.found())}


def _as_sent(form: RuleForm) -> dict[str, Any]:
    return {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}


def _form(kind: str) -> type[RuleForm]:
    try:
        return RULE_FORMS[kind]
    except KeyError:
        raise Http404("There is no such kind of rule.") from None
