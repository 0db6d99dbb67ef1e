"""Every URL of REST and of the admin, as everyone who may come: whose data opens to whom."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from django.contrib.auth.models import User
from django.test.client import Client, ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from alerts import notifying
from alerts.factories import create_channel, create_rule
from applications.factories import create_application, create_key, create_member
from applications.models import Key, Membership
from events.models import Event
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from monitors.factories import create_maintenance, create_monitor
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db

# Who asks, always about application A: its admin, its viewer, a member of B, nobody, and the
# holders of keys, who send theirs in every header that takes one.
ACTORS = ("owner", "viewer", "stranger", "nobody", "read A", "ingest A", "read B", "ingest B")
ALL = dict.fromkeys(ACTORS, 200)
READS = dict(zip(ACTORS, (200, 200, 404, 401, 200, 401, 404, 401), strict=True))
LISTS = dict(zip(ACTORS, (200, 200, 200, 401, 200, 401, 200, 401), strict=True))
CREATES = dict(zip(ACTORS, (403, 403, 403, 401, 403, 401, 403, 401), strict=True))
SENDS = dict(zip(ACTORS, (401, 401, 401, 401, 401, 201, 401, 403), strict=True))
DELETES = dict(zip(ACTORS, (202, 403, 404, 401, 403, 401, 404, 401), strict=True))
# /api/delete is for the holder of a read key, and about the key's own application.
KEY_DELETES = dict(zip(ACTORS, (401, 401, 401, 401, 200, 401, 200, 401), strict=True))
MAKES = dict(zip(ACTORS, (400, 403, 404, 401, 403, 401, 404, 401), strict=True))
CHANGES = dict(zip(ACTORS, (200, 403, 404, 401, 403, 401, 404, 401), strict=True))
ASKS = dict(zip(ACTORS, (400, 400, 404, 401, 400, 401, 404, 401), strict=True))
DOES = dict(zip(ACTORS, (202, 403, 404, 401, 403, 401, 404, 401), strict=True))
REMOVES = dict(zip(ACTORS, (204, 403, 404, 401, 403, 401, 404, 401), strict=True))
NOWHERE = dict.fromkeys(ACTORS, 404)
DATA = dict(zip(ACTORS, (401, 401, 401, 401, 200, 401, 200, 401), strict=True))  # of their own
UNKNOWN = dict.fromkeys(ACTORS, 401)
REFUSED = dict.fromkeys(ACTORS, 400)
# What an open installation opens to those without credentials; sending is not among it.
OPENED = {
    "GET": 200,
    "CREATE": 201,
    "DELETE": 202,
    "PATCH": 200,
    "MAKE": 400,
    "REMOVE": 404,
    "DO": 202,
}
# How what is asked by a word of ours is asked over HTTP: MAKE with nothing to make it of, and
# REMOVE of what its owner has removed before.
METHODS = {"CREATE": "POST", "MAKE": "POST", "DO": "POST", "REMOVE": "DELETE"}

APP = r"^apps/(?P<app_id>[^/]+)"
EXPECTED: dict[str, dict[str, dict[str, int]]] = {
    r"^apps/?$": {"GET": LISTS},
    rf"{APP}/?$": {"GET": READS, "CREATE": CREATES},
    rf"{APP}/events/?$": {"GET": READS, "POST": SENDS},
    rf"{APP}/events/(?P<event_id>[^/]+)/?$": {"GET": READS},
    rf"{APP}/requests/?$": {"GET": READS, "POST": SENDS, "DELETE": DELETES},
    rf"{APP}/requests/(?P<request_id>[^/]+)/?$": {"GET": READS},
    # The key is in the body: see test_traffic_is_served.py.
    r"^(?:.+/)?api/(?:log-request|requests)$": {"POST": REFUSED},
    r"^(?:.+/)?api/data$": {"GET": DATA},
    # Keys are in the path: see stats/tests/test_data_api.py.
    r"^(?:.+/)?api/user-id/(?P<key>[^/]+)$": {"GET": UNKNOWN},
    r"^(?:.+/)?api/requests/(?P<user_id>[^/]+)$": {"GET": UNKNOWN},
    r"^(?:.+/)?api/requests/(?P<user_id>[^/]+)/(?P<page>[^/]+)$": {"GET": UNKNOWN},
    r"^(?:.+/)?api/health$": {"GET": ALL},
    r"^(?:.+/)?api/delete(?:/(?P<key>[^/]+))?$": {"POST": KEY_DELETES, "GET": NOWHERE},
    r"^(?:.+/)?api/(?:generate|generate-api-key)$": {"GET": NOWHERE},
    # The key is in the body or the path: see monitors/tests/test_api_analytics_monitors.py.
    r"^(?:.+/)?api/monitor/add$": {"POST": REFUSED},
    r"^(?:.+/)?api/monitor/delete$": {"POST": REFUSED},
    r"^(?:.+/)?api/monitor/pings/(?P<user_id>[^/]+)$": {"GET": UNKNOWN},
    # Whoever knows the key calls: see monitors/tests/test_ping.py.
    r"^ping/(?P<key>[^/]+)/?$": {"GET": NOWHERE, "POST": NOWHERE},
    r"^ping/(?P<key>[^/]+)/(?P<word>[^/]+)/?$": {"GET": NOWHERE, "POST": NOWHERE},
    rf"{APP}/monitors/?$": {"GET": READS, "MAKE": MAKES},
    rf"{APP}/monitors/(?P<monitor_id>[^/]+)/?$": {
        "GET": READS,
        "PATCH": CHANGES,
        "REMOVE": REMOVES,
    },
    rf"{APP}/monitors/(?P<monitor_id>[^/]+)/checks/?$": {"GET": READS},
    rf"{APP}/monitors/(?P<monitor_id>[^/]+)/stats/?$": {"GET": READS},
    rf"{APP}/monitors/(?P<monitor_id>[^/]+)/outages/?$": {"GET": READS},
    rf"{APP}/outages/?$": {"GET": READS},
    rf"{APP}/maintenance/?$": {"GET": READS, "MAKE": MAKES},
    rf"{APP}/maintenance/(?P<maintenance_id>[^/]+)/?$": {
        "GET": READS,
        "PATCH": CHANGES,
        "REMOVE": REMOVES,
    },
    rf"{APP}/rules/?$": {"GET": READS, "MAKE": MAKES},
    rf"{APP}/rules/preview/?$": {"MAKE": ASKS},
    rf"{APP}/rules/(?P<rule_id>[^/]+)/?$": {"GET": READS, "PATCH": CHANGES, "REMOVE": REMOVES},
    rf"{APP}/channels/?$": {"GET": READS, "MAKE": MAKES},
    rf"{APP}/channels/(?P<channel_id>[^/]+)/?$": {
        "GET": READS,
        "PATCH": CHANGES,
        "REMOVE": REMOVES,
    },
    rf"{APP}/channels/(?P<channel_id>[^/]+)/test/?$": {"DO": DOES},
    rf"{APP}/alerts/?$": {"GET": READS},
    rf"{APP}/notifications/?$": {"GET": READS},
    rf"{APP}/notifications/(?P<notification_id>[^/]+)/again/?$": {"DO": DOES},
    rf"{APP}/stats/traffic/timeseries/?$": {"GET": READS},
    rf"{APP}/stats/traffic/routes/?$": {"GET": READS},
    rf"{APP}/stats/traffic/breakdown/?$": {"GET": READS},
    rf"{APP}/stats/timeseries/?$": {"GET": READS},
    rf"{APP}/stats/by-level/?$": {"GET": READS},
    rf"{APP}/stats/top-messages/?$": {"GET": READS},
    r"^schema/?$": {"GET": ALL},
    r"^docs/?$": {"GET": ALL},
}
# Pages of the admin that are for everyone: those that let people in and out.
FOR_EVERYONE = {"admin/login/", "admin/logout/"}
HANDLER = ClientHandler(enforce_csrf_checks=False)  # for all: each loads the middleware anew


def urls(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from urls(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route


SENT = (b'{"message":"Sent"}', b'{"method":"GET","path":"/","status":200}')

URLS = list(urls(get_resolver()))
ADMIN = [route for route in URLS if route.startswith("admin/")]
# Those of the dashboard are asked in dashboard/tests/test_page_isolation.py.
PAGES = [
    route
    for route in URLS
    if route.startswith(
        ("account/", "applications/", "background/", "client/", "demo/", "status/", "^status/")
    )
]
REST = [route for route in URLS if route and route not in {*ADMIN, *PAGES, "favicon.ico"}]


class Cast(NamedTuple):
    application: int
    event: str
    request: str
    monitor: str
    maintenance: str
    rule: str
    channel: str
    notification: str
    clients: dict[str, Client]

    def path(self, route: str) -> str:
        """A path that the route matches, about application A."""
        path = route.replace("(?P<app_id>[^/]+)", str(self.application))
        path = path.replace("(?P<event_id>[^/]+)", self.event)
        path = path.replace("(?P<request_id>[^/]+)", self.request)
        path = path.replace("(?P<monitor_id>[^/]+)", self.monitor)
        path = path.replace("(?P<maintenance_id>[^/]+)", self.maintenance)
        path = path.replace("(?P<rule_id>[^/]+)", self.rule)
        path = path.replace("(?P<channel_id>[^/]+)", self.channel)
        path = path.replace("(?P<notification_id>[^/]+)", self.notification)
        path = path.replace("(?:.+/)?", "base/").replace("(?:log-request|requests)", "requests")
        path = path.replace("(?:/(?P<key>[^/]+))?", "").replace(
            "(?:generate|generate-api-key)", "generate"
        )
        path = re.sub(r"<[^>]+>|\(\?P<[^>]+>[^)]*\)", "1", path)
        return "/" + path.replace("/?$", "").replace("^", "").removesuffix("$")

    def asked(self, who: str, method: str, route: str) -> Any:
        client, path = self.clients[who], self.path(route)
        path += "?by=user" if path.endswith("/breakdown") else ""
        path += "?all=true" if method == "DELETE" else ""
        if method == "CREATE":  # POST on the path of an application is about a new name
            return client.generic("POST", path.replace(f"/{self.application}", "/new"))
        body = SENT[route.endswith("requests/?$")] if method == "POST" else b""
        body = b"" if "api/monitor" in route else body
        return client.generic(METHODS.get(method, method), path, body, "application/json")


@pytest.fixture
def cast() -> Cast:
    a, b = create_application(), create_application()
    (event,) = pipeline.accept(a.pk, create_batch(create_record("Of A"))).accepted
    (request,) = pipeline.accept(a.pk, create_requests(create_request_record())).requests
    pipeline.accept(b.pk, create_batch(create_record("Of B")))

    def client(**headers: str) -> Client:
        made = Client(headers=headers)
        made.handler = HANDLER
        return made

    def signed_in(user: User) -> Client:
        made = client()
        made.force_login(user)
        return made

    def holder(secret: str) -> Client:
        return client(**{"x-auth-token": secret, "x-ingest-key": secret})

    clients = (
        signed_in(create_member(a, Membership.ADMIN)),
        signed_in(create_member(a)),
        signed_in(create_member(b, Membership.ADMIN)),
        client(),
        holder(create_key(a, Key.READ)),
        holder(create_key(a)),
        holder(create_key(b, Key.READ)),
        holder(create_key(b)),
    )
    begin = timezone.now() + timedelta(hours=1)
    maintenance = create_maintenance(a, begin, begin + timedelta(hours=9))
    channel = create_channel(application=a)
    return Cast(
        a.pk,
        str(event.id),
        str(request.id),
        str(create_monitor(application=a).pk),
        str(maintenance.pk),
        str(create_rule(channel).pk),
        str(channel.pk),
        str(notifying.test(channel).pk),
        dict(zip(ACTORS, clients, strict=True)),
    )


@pytest.fixture(params=["token", "open"])
def mode(request: pytest.FixtureRequest, settings: Any) -> str:
    settings.API_ACCESS = request.param
    return str(request.param)


def test_every_url_is_in_the_table() -> None:
    assert sorted(REST) == sorted(EXPECTED)
    assert len(ADMIN) > len(FOR_EVERYONE)


@pytest.mark.parametrize("route", EXPECTED)
def test_everyone_gets_what_is_theirs(cast: Cast, mode: str, route: str) -> None:
    for method, expected in EXPECTED[route].items():
        with_key = "api/" in route or route.startswith("^ping/")
        opens = mode == "open" and method in OPENED and not with_key
        opened = {"nobody": OPENED[method]} if opens else {}
        got = {who: cast.asked(who, method, route).status_code for who in ACTORS}
        assert (method, got) == (method, expected | opened)


@pytest.mark.parametrize("route", EXPECTED)
def test_no_other_method_does_anything(cast: Cast, route: str) -> None:
    allowed = {METHODS.get(method, method) for method in EXPECTED[route]}
    for method in {"POST", "PUT", "PATCH", "DELETE"} - allowed:
        got = {who: cast.asked(who, method, route).status_code for who in ("owner", *ACTORS[3:6])}
        assert (method, set(got.values()) <= {401, 403, 404, 405}) == (method, True), got


def test_what_is_not_theirs_is_not_told_to_exist(cast: Cast) -> None:
    """A stranger's answer about A is the one about an application that nobody has."""
    nothing = cast._replace(application=999_999_999)
    for route in REST:
        if "app_id" in route:
            method = next(iter(EXPECTED[route]))
            for who in ("stranger", "read B"):
                there, nowhere = (about.asked(who, method, route) for about in (cast, nothing))
                assert (there.status_code, there.content) == (404, nowhere.content)


def test_lists_hold_nothing_of_other_applications(cast: Cast) -> None:
    for who in ("owner", "viewer", "read A"):
        assert b"Of B" not in cast.asked(who, "GET", rf"{APP}/events/?$").content
        listed = cast.clients[who].get("/apps").json()["items"]
        assert [item["id"] for item in listed] == [cast.application]
    for who in ("stranger", "read B"):
        listed = cast.clients[who].get("/apps").json()["items"]
        assert cast.application not in [item["id"] for item in listed]
    stranger = Event.objects.exclude(application_id=cast.application).get()
    foreign = rf"{APP}/events/{stranger.pk}/?$"
    assert cast.asked("owner", "GET", foreign).status_code == 404
    assert not Event.objects.filter(message="Sent").exists()


def test_the_admin_lets_only_staff_in(cast: Cast) -> None:
    for route in ADMIN:
        for who in () if route in FOR_EVERYONE else ("owner", "nobody", "read A", "ingest A"):
            for method in ("GET", "POST"):
                answer = cast.asked(who, method, route)
                assert (route, who, answer.status_code) == (route, who, 302)
                assert (route, answer["Location"][:13]) == (route, "/admin/login/")
