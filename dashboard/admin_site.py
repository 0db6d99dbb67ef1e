"""The admin's site: our name and sign-in page, and figures of all applications on its index."""

from typing import Any

from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from applications.models import Application
from dashboard import admin_figures, admin_traffic


class AdminSite(admin.AdminSite):
    site_header = site_title = "Log Handler"
    index_title = "Administration"
    enable_nav_sidebar = False  # it opens by a script, and the page beside it jumps

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to the one page to sign in on, and from there to the page that was asked for."""
        if self.has_permission(request):
            return redirect("admin:index")
        if request.user.is_authenticated:  # the sign-in page would send them here again
            raise PermissionDenied("The administration is for staff.")
        return redirect_to_login(request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index"))

    def password_change(  # type: ignore[override]
        self, request: HttpRequest, extra_context: Any = None
    ) -> HttpResponse:
        return redirect("dashboard:password")

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        context = {**(extra_context or {})}
        asked = request.GET.get("range", "")
        of_events, of_requests = admin_figures.may_view(request), admin_traffic.may_view(request)
        applications: dict[int, str] = {}
        if of_events or of_requests:
            applications = dict(Application.objects.existing().values_list("pk", "name"))
        if of_events:
            context["figures"] = admin_figures.figures(applications, asked)
        if of_requests:
            context["traffic"] = admin_traffic.of_all(applications, asked)
        return super().index(request, context)
