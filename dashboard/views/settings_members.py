"""Settings of an application: who may see and who may change it."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from applications import access, members
from applications.models import Application
from dashboard.settings_forms import MemberForm, RoleForm
from dashboard.settings_page import back_to_settings, form_of_settings, settings_page


@form_of_settings
def add(request: HttpRequest, application: Application) -> HttpResponse:
    form = MemberForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        try:
            user = members.active_user(form.cleaned_data["username"])
            members.add(application, user, role)
        except (members.UnknownUser, members.AlreadyMember) as error:
            form.add_error("username", str(error))
        else:
            messages.success(request, f"{user} is {role} of {application} now.")
            return back_to_settings(application)
    return settings_page(request, application, member=form)


@form_of_settings
def change_role(request: HttpRequest, application: Application, member_id: int) -> HttpResponse:
    member = get_object_or_404(application.memberships.select_related("user"), pk=member_id)
    form = RoleForm(request.POST)
    if form.is_valid():
        role = form.cleaned_data["role"]
        try:
            members.change_role(member, role, by_staff=request.user.is_staff)
        except members.LastAdmin as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, f"{member.user} is {role} of {application} now.")
    return _onward(request, application)


@form_of_settings
def remove(request: HttpRequest, application: Application, member_id: int) -> HttpResponse:
    member = get_object_or_404(application.memberships.select_related("user"), pk=member_id)
    try:
        members.remove(member, by_staff=request.user.is_staff)
    except members.LastAdmin as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{member.user} is no member of {application} any more.")
    return _onward(request, application)


def _onward(request: HttpRequest, application: Application) -> HttpResponse:
    """Back, or where somebody may still go who has changed their own membership."""
    if access.may_write(request.user, application):
        return back_to_settings(application)
    if access.visible(request.user).filter(pk=application.pk).exists():
        return redirect("dashboard:application", application.pk)
    return redirect("dashboard:overview")
