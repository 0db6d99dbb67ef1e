"""The admin of applications, their keys and members. New keys are shown once, in a message."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.contrib.admin.views.main import ChangeList
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from knox.models import AuthToken

from applications import deletion, key_cache, keys
from applications.durations import duration
from applications.models import Application, ApplicationQuerySet, Key, Membership
from dashboard import admin_figures, admin_traffic
from dashboard.settings_forms import PolicyForm
from stats.totals import summaries
from stats.traffic.recent import recent
from traffic import policies
from traffic.models import Policy

admin.site.unregister([User, AuthToken])

# The browser's own picker: Django's is two inputs, one of them without a label.
_MOMENTS: Mapping["type[models.Field[Any, Any]]", Mapping[str, Any]] = {
    models.DateTimeField: {
        "form_class": forms.DateTimeField,
        "widget": forms.DateTimeInput(
            {"type": "datetime-local", "step": 1}, format="%Y-%m-%dT%H:%M:%S"
        ),
    }
}
# What has become of what nobody uses: applications/expiry.py writes it.
_EXPIRY = ["kept_at", "unused_since", "warned_at", "reminded_at", "grace_ends_at"]


def _show_once(request: HttpRequest, key: Key, secret: str) -> None:
    note = "New {} key of {}: <code>{}</code> Copy it now, it can't be shown again."
    messages.warning(request, format_html(note, key.kind, key.application, secret))


class MembershipInline(admin.TabularInline):  # type: ignore[type-arg]
    model = Membership
    autocomplete_fields = ["user"]
    extra = 0


class ApplicationInline(MembershipInline):
    """The applications that a user may see."""

    autocomplete_fields = ["application"]
    verbose_name = "application"


class KeyInline(admin.TabularInline):  # type: ignore[type-arg]
    """The keys to look at; each is changed on its own page."""

    model = Key
    fields = ("prefix", "kind", "label", "created_at", "ends", "last_used_at", "grace_ends_at")
    readonly_fields = fields
    ordering = ["kind", "-created_at"]
    extra = 0
    can_delete = False
    show_change_link = True

    @admin.display(description="Ends")
    def ends(self, key: Key) -> datetime | None:
        return key.ended_at

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class PolicyInline(admin.StackedInline):  # type: ignore[type-arg]
    """What is kept of the application's requests; by default there is no row of it."""

    model = Policy
    form = PolicyForm
    verbose_name = "traffic"
    extra = 0
    min_num = max_num = 1
    can_delete = False


class RotationForm(ActionForm):
    """The actions of the list of applications, with how long rotated keys still work."""

    grace = forms.CharField(
        initial="24h",
        required=False,
        label="Old keys work for",
        widget=forms.TextInput({"size": 4}),
    )


@admin.register(Application)
class ApplicationAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = [
        "name", "active", "last_event", "events_24h", "requests_24h", "valid_keys", "created_at",
        "grace_ends_at",
    ]  # fmt: skip
    list_filter = ["active", ("unused_since", admin.EmptyFieldListFilter)]
    search_fields = ["name", "description"]
    show_full_result_count = False
    readonly_fields = ["created_at", *_EXPIRY]
    actions = ["rotate_ingest_keys", "rotate_read_keys"]
    action_form = RotationForm

    def get_queryset(self, request: HttpRequest) -> ApplicationQuerySet:
        return Application.objects.existing().with_valid_keys()

    def get_fields(self, request: HttpRequest, obj: Application | None = None) -> list[Any]:
        shown = self.readonly_fields if obj else []
        return ["name", "description", "active", "retention_days", *shown]

    def get_inlines(self, request: HttpRequest, obj: Application | None) -> list[Any]:
        return [PolicyInline, MembershipInline, KeyInline] if obj else [MembershipInline]

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        """The list, its figures read for the whole page at once."""
        page = super().get_changelist_instance(request)
        ids = [application.pk for application in page.result_list]
        figures, asked = summaries(ids), recent(ids, durations=False)
        for application in page.result_list:
            application.summary = figures[application.pk]
            application.recent = asked.get(application.pk)
        return page

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **options: Any
    ) -> HttpResponse:
        """The form, below the application's own figures."""
        application, asked = options.get("obj"), request.GET.get("range", "")
        if application and admin_figures.may_view(request):
            context |= {
                "summary": summaries([application.pk])[application.pk],
                "figures": admin_figures.figures(
                    {application.pk: application.name},
                    asked,
                    zoom=reverse("dashboard:application", args=[application.pk]),
                ),
            }
        if application and admin_traffic.may_view(request):
            context["traffic"] = admin_traffic.of_one(application, asked)
            context["lists_requests"] = True
        return super().render_change_form(request, context, *args, **options)

    @admin.display(description="Last event", empty_value="none")
    def last_event(self, application: Any) -> datetime | None:
        moment: datetime | None = application.summary.last_event_at
        return moment

    @admin.display(description="Events in 24 h")
    def events_24h(self, application: Any) -> str:
        return f"{application.summary.count_24h:,}"

    @admin.display(description="Requests in 24 h")
    def requests_24h(self, application: Any) -> str:
        return f"{application.recent.requests:,}" if application.recent else "0"

    @admin.display(description="Keys", empty_value="none")
    def valid_keys(self, application: Any) -> str:
        kinds = Counter(key.kind for key in application.valid_keys)
        return ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))

    def save_model(self, request: HttpRequest, obj: Application, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        transaction.on_commit(key_cache.forget_all)  # it may have become inactive
        if not change:
            issued = keys.issue(obj, Key.INGEST)
            _show_once(request, issued.key, issued.secret)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        transaction.on_commit(policies.forget_all)

    def delete_model(self, request: HttpRequest, obj: Application) -> None:
        deletion.want(obj)  # millions of events are deleted by the worker

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Application]) -> None:
        for application in queryset:
            self.delete_model(request, application)

    @admin.action(description="Rotate ingest keys", permissions=["change"])
    def rotate_ingest_keys(self, request: HttpRequest, chosen: QuerySet[Application]) -> None:
        self._rotate(request, chosen, Key.INGEST)

    @admin.action(description="Rotate read keys", permissions=["change"])
    def rotate_read_keys(self, request: HttpRequest, chosen: QuerySet[Application]) -> None:
        self._rotate(request, chosen, Key.READ)

    def _rotate(self, request: HttpRequest, chosen: QuerySet[Application], kind: str) -> None:
        try:
            grace = duration(request.POST.get("grace") or "24h")
        except ValueError as error:
            messages.error(request, str(error))
            return
        for application in chosen:
            rotation = keys.rotate(application, kind, grace=grace)
            _show_once(request, rotation.issued.key, rotation.issued.secret)
            for key in rotation.ending:
                messages.info(
                    request,
                    f"{key} of {application} works until {key.ended_at:%Y-%m-%d %H:%M:%S} UTC.",
                )


@admin.register(Key)
class KeyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ["prefix", "kind", "application", "label", "created_at", "ends", "last_used_at"]
    list_filter = ["kind", ("unused_since", admin.EmptyFieldListFilter)]
    list_select_related = ["application"]
    search_fields = ["prefix", "label", "application__name"]
    show_full_result_count = False
    formfield_overrides = _MOMENTS
    actions = ["revoke"]

    def formfield_for_foreignkey(self, *args: Any, **options: Any) -> Any:
        return super().formfield_for_foreignkey(
            *args, **options, queryset=Application.objects.existing()
        )

    @admin.display(description="Ends")
    def ends(self, key: Key) -> datetime | None:
        return key.ended_at

    def get_fields(self, request: HttpRequest, obj: Key | None = None) -> list[Any]:
        shown = ["prefix", "created_at", "revoked_at", "last_used_at", *_EXPIRY] if obj else []
        return ["application", "kind", "label", "expires_at", *shown]

    def get_readonly_fields(self, request: HttpRequest, obj: Key | None = None) -> list[Any]:
        fixed = ["application", "kind", "prefix", "created_at", "revoked_at", "last_used_at"]
        return [*fixed, *_EXPIRY] if obj else []

    def save_model(self, request: HttpRequest, obj: Key, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            transaction.on_commit(key_cache.forget_all)
        else:
            _show_once(request, obj, keys.store(obj))

    def delete_model(self, request: HttpRequest, obj: Key) -> None:
        super().delete_model(request, obj)
        transaction.on_commit(key_cache.forget_all)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Key]) -> None:
        super().delete_queryset(request, queryset)
        transaction.on_commit(key_cache.forget_all)

    @admin.action(description="Revoke: end the chosen keys now", permissions=["change"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Key]) -> None:
        for key in chosen.select_related("application"):
            keys.revoke(key)
            messages.success(request, f"{key} of {key.application} has ended.")


@admin.register(User)
class MemberAdmin(UserAdmin):  # type: ignore[type-arg]
    formfield_overrides = _MOMENTS
    filter_horizontal = ()  # its script gives labels to what can't have one

    def get_inlines(self, request: HttpRequest, obj: User | None) -> list[Any]:
        return [ApplicationInline] if obj else []


@admin.register(AuthToken)
class TokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """API tokens to look at and to revoke. Users make their own, which are shown to them alone."""

    list_display = ["token_key", "user", "created", "expiry"]
    list_select_related = ["user"]
    search_fields = ["token_key", "user__username"]
    ordering = ["-created"]
    show_full_result_count = False
    fields = ["token_key", "user", "created", "expiry"]
    readonly_fields = ["token_key", "user", "created", "expiry"]

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
