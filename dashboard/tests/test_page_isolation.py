"""Every page of the dashboard, as everyone who may come."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from django.test import Client

from alerts import notifying
from alerts.factories import create_channel, create_rule
from applications import keys
from applications.factories import create_application, create_member, create_user
from applications.models import Key, Membership
from dashboard.urls import urlpatterns
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from monitors.factories import create_maintenance, create_monitor
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
ROUTES = [str(pattern.pattern) for pattern in urlpatterns]
OF_ONE = [route for route in ROUTES if "application_id" in route]
_CHANGING = (
    "settings/", "setup/key/", "/add/", "/new/", "/edit/", "/end/", "/pause/", "/resume/",
    "/check/", "monitor_id>/delete/", "alerts/rules/", "alerts/channels/", "/again/",
)  # fmt: skip
CHANGES = [route for route in OF_ONE if any(part in route for part in _CHANGING)]
PUBLIC = [route for route in ROUTES if "status/" in route and "application_id" not in route]
FOR_EVERYONE = [
    "account/sign-in/", "account/sign-out/", "client/", "client/<str:name>", *PUBLIC,
]  # fmt: skip
FOR_STAFF = ["applications/new/", "demo/load/", "demo/remove/"]


class Cast(NamedTuple):
    """An application, what is in it, and who may come."""

    ids: dict[str, int | UUID | str]
    admin: Client
    viewer: Client
    stranger: Client

    def path(self, route: str) -> str:
        return "/" + re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(self.ids[found[1]]), route)


@pytest.fixture
def cast() -> Cast:
    application = create_application()
    (event,) = pipeline.accept(application.pk, create_batch(create_record("Boom"))).accepted
    (request,) = pipeline.accept(application.pk, create_requests(create_request_record())).requests
    channel = create_channel(application=application)
    admin, viewer = (create_member(application, role) for role in ("admin", "viewer"))
    ids: dict[str, int | UUID | str] = {
        "application_id": application.pk,
        "event_id": event.id,
        "request_id": request.id,
        "name": "markdown",
        "monitor_kind": "http",
        "monitor_id": create_monitor(application=application).pk,
        "window_id": create_maintenance(application, NOW, NOW + timedelta(hours=1)).pk,
        "member_id": Membership.objects.get(user=viewer).pk,
        "key_id": keys.issue(application, Key.INGEST).key.pk,
        "rule_id": create_rule(application=application).pk,
        "channel_id": channel.pk,
        "notification_id": notifying.test(channel).pk,
        "kind": "no_event",
        "channel_kind": "email",
    }
    clients = []
    for user in (admin, viewer, create_user()):
        clients.append(Client())
        clients[-1].force_login(user)
    return Cast(ids, *clients)


def answers(client: Client, path: str) -> Iterator[tuple[str, int]]:
    for method in ("GET", "POST"):
        yield method, client.generic(method, path).status_code


@pytest.mark.parametrize("route", [route for route in ROUTES if route not in FOR_EVERYONE])
def test_who_is_not_signed_in_is_led_to_sign_in(cast: Cast, route: str) -> None:
    path = cast.path(route)
    for method in ("GET", "POST"):
        answer = Client().generic(method, path)
        assert (answer.status_code, answer["Location"]) == (302, f"/account/sign-in/?next={path}")


@pytest.mark.parametrize("route", OF_ONE)
def test_a_stranger_gets_404_whatever_they_ask(cast: Cast, route: str) -> None:
    for _method, status in answers(cast.stranger, cast.path(route)):
        assert status in {404, 405}
    nowhere = cast.path(route).replace(f"/{cast.ids['application_id']}/", "/999999999/", 1)
    assert list(answers(cast.stranger, nowhere)) == list(answers(cast.stranger, cast.path(route)))


@pytest.mark.parametrize("route", CHANGES)
def test_a_viewer_may_change_nothing(cast: Cast, route: str) -> None:
    statuses = dict(answers(cast.viewer, cast.path(route)))
    assert statuses["POST"] in {403, 405}
    assert 403 in statuses.values()
    assert set(dict(answers(cast.admin, cast.path(route))).values()) <= {200, 302, 400, 405}


@pytest.mark.parametrize("route", [route for route in OF_ONE if route not in CHANGES])
def test_a_viewer_sees_what_an_admin_sees(cast: Cast, route: str) -> None:
    for client in (cast.viewer, cast.admin):
        assert client.get(cast.path(route)).status_code == 200


@pytest.mark.parametrize("route", FOR_STAFF)
def test_applications_and_the_demo_are_made_by_staff(cast: Cast, route: str) -> None:
    assert cast.admin.post(cast.path(route)).status_code == 403
