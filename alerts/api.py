"""The REST API of alerts: what is looked for, who is told, what held, what was sent."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts import changes, kinds, notifying
from alerts.models import Alert, Channel, Notification, Rule, state_choices
from alerts.parameters import AlertsForm, NotificationsForm
from alerts.preview import preview
from alerts.records import Address, Condition
from alerts.serializers import (
    AlertOutput,
    ChannelInput,
    ChannelOutput,
    NotificationOutput,
    PreviewInput,
    PreviewOutput,
    RuleInput,
    RuleOutput,
    told,
)
from applications import access
from applications.rest import OfApplication
from loghandler.api import check, storing, wanted, with_id, with_ids
from loghandler.openapi import APP_ID, path_id, refusals

_READ = refusals(400, 401, 404, 503)
_SHOW = refusals(401, 404, 503)
_WRITE = refusals(400, 401, 403, 404, 409, 413, 415, 503)
_DO = refusals(401, 403, 404, 503)


@extend_schema(tags=["Alerts"], parameters=[APP_ID])
class RuleViewSet(OfApplication):
    queryset = Rule.objects.none()
    serializer_class = RuleOutput

    @extend_schema(summary="List rules", responses={200: RuleOutput(many=True), **_READ})
    def list(self, request: Request, app_id: str) -> Response:
        rules = self.readable(request, app_id).rules.prefetch_related("channels")
        return self.page(rules, RuleOutput)

    @extend_schema(
        summary="Create a rule", request=RuleInput, responses={201: RuleOutput, **_WRITE}
    )
    def create(self, request: Request, app_id: str) -> Response:
        application = self.writable(request, app_id)
        asked = wanted(request, RuleInput)
        condition = _condition(asked.pop("kind"), asked.pop("condition", {}))
        channels = with_ids(application.channels.all(), asked.pop("channels", []), "channel")
        with storing("condition"):
            rule = changes.save_rule(Rule(application=application), condition, channels, **asked)
        location = f"/apps/{application.pk}/rules/{rule.pk}"
        return Response(RuleOutput(rule).data, 201, headers={"Location": location})

    @extend_schema(
        summary="Show a rule", parameters=[path_id("rule_id")], responses={200: RuleOutput, **_SHOW}
    )
    def retrieve(self, request: Request, app_id: str, rule_id: str) -> Response:
        rule = with_id(self.readable(request, app_id).rules.all(), rule_id, "rule")
        return Response(RuleOutput(rule).data)

    @extend_schema(
        summary="Change a rule",
        description="What is not named stays as it is, also within `condition`.",
        parameters=[path_id("rule_id")],
        request=RuleInput,
        responses={200: RuleOutput, **_WRITE},
    )
    def partial_update(self, request: Request, app_id: str, rule_id: str) -> Response:
        application = self.writable(request, app_id)
        rule = with_id(application.rules.all(), rule_id, "rule")
        asked = {"active": rule.active, **wanted(request, RuleInput, partial=True)}
        kind = asked.pop("kind", rule.kind)
        now = rule.condition if kind == rule.kind else {}
        condition = _condition(kind, {**now, **asked.pop("condition", {})})
        ids = asked.pop("channels", None)
        own, all_of_it = rule.channels.all(), application.channels.all()
        channels = list(own) if ids is None else with_ids(all_of_it, ids, "channel")
        with storing("condition"):
            changes.save_rule(rule, condition, channels, **asked)
        return Response(RuleOutput(rule).data)

    @extend_schema(
        summary="Delete a rule",
        parameters=[path_id("rule_id")],
        responses={204: None, **_DO},
    )
    def destroy(self, request: Request, app_id: str, rule_id: str) -> Response:
        with_id(self.writable(request, app_id).rules.all(), rule_id, "rule").delete()
        return Response(status=204)

    @extend_schema(
        summary="What a rule would have told within the last seven days",
        request=PreviewInput,
        responses={200: PreviewOutput, **_WRITE},
    )
    def preview(self, request: Request, app_id: str) -> Response:
        application = self.readable(request, app_id)
        asked = wanted(request, PreviewInput)
        condition = _condition(asked["kind"], asked.get("condition", {}))
        with storing("condition"):
            changes.require_possible(application, condition)
        return Response(PreviewOutput(preview(application, condition)).data)


@extend_schema(tags=["Alerts"], parameters=[APP_ID])
class ChannelViewSet(OfApplication):
    queryset = Channel.objects.none()
    serializer_class = ChannelOutput

    @extend_schema(summary="List channels", responses={200: ChannelOutput(many=True), **_READ})
    def list(self, request: Request, app_id: str) -> Response:
        application = self.readable(request, app_id)
        secrets = access.may_write(request.user, application)
        return self.page(application.channels.all(), ChannelOutput, secrets=secrets)

    @extend_schema(
        summary="Create a channel", request=ChannelInput, responses={201: ChannelOutput, **_WRITE}
    )
    def create(self, request: Request, app_id: str) -> Response:
        application = self.writable(request, app_id)
        asked = wanted(request, ChannelInput)
        address = _address(asked.pop("kind"), asked.pop("address"))
        with storing("address"):
            channel = changes.save_channel(Channel(application=application), address, **asked)
        location = f"/apps/{application.pk}/channels/{channel.pk}"
        return Response(_shown(channel), 201, headers={"Location": location})

    @extend_schema(
        summary="Show a channel",
        parameters=[path_id("channel_id")],
        responses={200: ChannelOutput, **_SHOW},
    )
    def retrieve(self, request: Request, app_id: str, channel_id: str) -> Response:
        application = self.readable(request, app_id)
        channel = with_id(application.channels.all(), channel_id, "channel")
        return Response(_shown(channel, secrets=access.may_write(request.user, application)))

    @extend_schema(
        summary="Change a channel",
        description="What is not named stays as it is, also within `address`.",
        parameters=[path_id("channel_id")],
        request=ChannelInput,
        responses={200: ChannelOutput, **_WRITE},
    )
    def partial_update(self, request: Request, app_id: str, channel_id: str) -> Response:
        channel = with_id(self.writable(request, app_id).channels.all(), channel_id, "channel")
        asked = wanted(request, ChannelInput, partial=True)
        kind = asked.pop("kind", channel.kind)
        now = told(channel) if kind == channel.kind else {}
        address = _address(kind, {**now, **asked.pop("address", {})})
        with storing("address"):
            changes.save_channel(channel, address, **asked)
        return Response(_shown(channel))

    @extend_schema(
        summary="Delete a channel",
        parameters=[path_id("channel_id")],
        responses={204: None, **_DO},
    )
    def destroy(self, request: Request, app_id: str, channel_id: str) -> Response:
        with_id(self.writable(request, app_id).channels.all(), channel_id, "channel").delete()
        return Response(status=204)

    @extend_schema(
        summary="Send a channel a message to see what arrives",
        parameters=[path_id("channel_id")],
        request=None,
        responses={202: NotificationOutput, **_DO},
    )
    def test(self, request: Request, app_id: str, channel_id: str) -> Response:
        channel = with_id(self.writable(request, app_id).channels.all(), channel_id, "channel")
        return Response(NotificationOutput(notifying.test(channel)).data, 202)


@extend_schema(tags=["Alerts"], parameters=[APP_ID])
class AlertViewSet(OfApplication):
    queryset = Alert.objects.none()
    serializer_class = AlertOutput

    @extend_schema(
        summary="When rules held, newest first",
        parameters=[
            OpenApiParameter("open", bool, description="Only what holds, or what is over."),
            OpenApiParameter("rule", OpenApiTypes.INT64),
        ],
        responses={200: AlertOutput(many=True), **_READ},
    )
    def list(self, request: Request, app_id: str) -> Response:
        application = self.readable(request, app_id)
        form = AlertsForm(request.query_params)
        check(form)
        return self.page(form.chosen(Alert.objects.filter(application=application)), AlertOutput)


@extend_schema(tags=["Alerts"], parameters=[APP_ID])
class NotificationViewSet(OfApplication):
    queryset = Notification.objects.none()
    serializer_class = NotificationOutput

    @extend_schema(
        summary="What was sent, or is to be, newest first",
        parameters=[
            OpenApiParameter("state", str, enum=[state for state, _ in state_choices()]),
            OpenApiParameter("channel", OpenApiTypes.INT64),
        ],
        responses={200: NotificationOutput(many=True), **_READ},
    )
    def list(self, request: Request, app_id: str) -> Response:
        application = self.readable(request, app_id)
        form = NotificationsForm(request.query_params)
        check(form)
        return self.page(form.chosen(application.notification_set.all()), NotificationOutput)

    @extend_schema(
        summary="Send a message once more",
        parameters=[path_id("notification_id")],
        request=None,
        responses={202: NotificationOutput, **_DO},
    )
    def again(self, request: Request, app_id: str, notification_id: str) -> Response:
        rows = self.writable(request, app_id).notification_set.all()
        one = notifying.again(with_id(rows, notification_id, "notification"))
        return Response(NotificationOutput(one).data, 202)


def _shown(channel: Channel, *, secrets: bool = True) -> Any:
    return ChannelOutput(channel, context={"secrets": secrets}).data


def _condition(kind: str, fields: Mapping[str, Any]) -> Condition:
    with storing("condition"):
        return kinds.taken_condition(kind, fields)


def _address(kind: str, fields: Mapping[str, Any]) -> Address:
    sent = dict(fields)
    if isinstance(sent.get("headers"), Mapping):
        sent["headers"] = list(sent["headers"].items())
    with storing("address"):
        return kinds.taken_address(kind, sent)
