"""What is stored of a request: its time, its route, its user, and nothing that is private."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest

from applications.factories import create_application
from events.records import moment_of
from traffic import countries, policies, routes
from traffic.describing import described
from traffic.factories import create_request_record
from traffic.models import DailySalt, LearnedPlace, Policy
from traffic.records import StoredRequest
from traffic.tests import country_database

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 26, 12, 30, 15, 123_456, tzinfo=UTC)
NOW_MS = NOW.replace(microsecond=123_000)
ADDRESS = ip_address("192.0.2.17")


def one(application_id: int | None = None, *, at: datetime = NOW, **fields: Any) -> StoredRequest:
    application_id = application_id or create_application().pk
    (found,) = described(application_id, [create_request_record(**fields)], at)
    return found


def create_policy(**fields: Any) -> int:
    application = create_application()
    Policy.objects.create(application=application, **fields)
    return application.pk


def test_its_time_is_the_senders_to_the_millisecond_and_stands_in_its_id() -> None:
    found = one(occurred_at=NOW - timedelta(hours=3))
    assert found.occurred_at == NOW_MS - timedelta(hours=3)
    assert moment_of(found.id) == found.occurred_at
    assert found.received_at == NOW_MS


@pytest.mark.parametrize(
    "occurred_at",
    [None, NOW + timedelta(seconds=1), NOW - timedelta(days=91), datetime(1970, 1, 1, tzinfo=UTC)],
)
def test_a_time_that_can_not_be_is_the_time_of_receiving(occurred_at: datetime | None) -> None:
    assert one(occurred_at=occurred_at).occurred_at == NOW_MS


def test_requests_of_one_millisecond_keep_their_order() -> None:
    records = [create_request_record(f"/{letter}") for letter in "abcdef"]
    found = described(create_application().pk, records, NOW)
    assert [request.path for request in sorted(found, key=lambda each: each.id)] == [
        f"/{letter}" for letter in "abcdef"
    ]


@pytest.mark.parametrize(
    ("path", "route", "kept"),
    [
        ("/users/7?token=secret", "/users/{id}", "/users/7?token"),
        ("https://example.com/users/7?a=1", "/users/{id}", "/users/7?a"),
        ("users/7", "/users/{id}", "/users/7"),
        ("/?next=https://example.com/", "/", "/?next"),
        ("http://[broken/7", "/http:/[broken/{id}", "/http://[broken/7"),
    ],
)
def test_the_route_is_inferred_and_the_query_stripped(path: str, route: str, kept: str) -> None:
    found = one(path=path)
    assert (found.route, found.path) == (route, kept)


def test_the_senders_template_is_the_route() -> None:
    assert one(path="/users/me", route="users/:name").route == "/users/:name"


def test_an_application_declares_templates_and_keeps_values() -> None:
    application_id = create_policy(templates=["/files/*"], keep_query_values=True)
    found = one(application_id, path="/files/a/b?q=1")
    assert (found.route, found.path) == ("/files/*", "/files/a/b?q=1")


def test_a_learned_place_is_known_to_other_processes() -> None:
    application_id = create_application().pk
    names = [f"{one}{other}" for one in "abcdefghijk" for other in "abcdefghij"]
    described(application_id, [create_request_record(f"/tags/{name}") for name in names], NOW)
    assert [place.place for place in LearnedPlace.objects.all()] == ["/tags"]
    policies.forget_all()
    assert one(application_id, path="/tags/red").route == "/tags/{value}"


def test_long_texts_are_cut() -> None:
    found = one(path=f"/{'a' * 2_000}", hostname="h" * 300, user_id="u" * 300, user_agent="a" * 600)
    assert found.route == "/{text}"
    lengths = [len(text or "") for text in (found.path, found.hostname, found.user)]
    assert lengths == [1_000, 255, 255]
    assert len(found.user_agent or "") == 500


def test_a_host_is_in_lower_case_and_without_the_port_that_everyone_has() -> None:
    assert one(hostname="API.Example.com:443").hostname == "api.example.com"
    assert one(hostname="localhost:3000").hostname == "localhost:3000"


def test_a_user_is_the_one_who_is_named_else_the_day_s_hash() -> None:
    application_id = create_application().pk
    named = one(application_id, ip_address=ADDRESS, user_id="ann")
    hashed, again, tomorrow = (
        one(application_id, ip_address=ADDRESS, at=at)
        for at in (NOW, NOW + timedelta(hours=1), NOW + timedelta(days=1))
    )
    assert named.user == "ann"
    assert hashed.user == again.user != tomorrow.user
    assert hashed.user
    assert hashed.user.startswith("~")
    assert DailySalt.objects.count() == 2


def test_who_comes_late_is_of_the_day_on_which_it_occurred() -> None:
    application_id = create_application().pk
    at_night = one(application_id, ip_address=ADDRESS)
    in_the_morning = one(
        application_id, ip_address=ADDRESS, occurred_at=NOW, at=NOW + timedelta(days=1)
    )
    much_later = one(
        application_id, ip_address=ADDRESS, occurred_at=NOW - timedelta(days=9), at=NOW
    )
    assert at_night.user == in_the_morning.user != much_later.user
    assert DailySalt.objects.count() == 1


@pytest.mark.parametrize(
    ("declared", "least", "address", "has_user"),
    [(0, 0, ADDRESS, True), (1, 0, None, True), (2, 0, None, False), (0, 1, None, True),
     (0, 2, None, False)],
)  # fmt: skip
def test_privacy_is_the_stricter_of_the_sender_s_and_the_application_s(
    declared: int, least: int, address: Any, has_user: bool
) -> None:
    application_id = create_policy(least_privacy=least)
    found = one(application_id, ip_address=ADDRESS, privacy_level=declared)
    assert found.ip_address == address
    assert bool(found.user) == has_user


# As GeoLite2 and DB-IP have it, and as flat databases do.
SHAPES = [{"country": {"iso_code": "GB"}}, {"country_code": "GB"}]


@pytest.fixture(params=SHAPES)
def _countries(settings: Any, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[None]:
    settings.GEOIP = tmp_path / "countries.mmdb"
    networks = {"81.2.69.0/24,2a02:c7f::/32": request.param, "81.2.70.0/24": {"continent": "EU"}}
    country_database.write(settings.GEOIP, networks)
    countries.forget()
    yield
    countries.forget()


@pytest.mark.usefixtures("_countries")
def test_a_country_is_looked_up_unless_the_address_must_not_be_looked_at() -> None:
    application_id = create_application().pk
    address = ip_address("81.2.69.160")
    found = [
        one(application_id, ip_address=address, privacy_level=level).country for level in (0, 1, 2)
    ]
    assert found == ["GB", "GB", None]


@pytest.mark.usefixtures("_countries")
@pytest.mark.parametrize(
    ("address", "country"),
    [("2a02:c7f::1", "GB"), ("81.2.70.1", None), ("8.8.8.8", None), ("10.0.0.1", None)],
)
def test_an_address_has_the_country_of_its_network(address: str, country: str | None) -> None:
    assert countries.country(ip_address(address)) == country


@pytest.mark.parametrize("content", [None, b"no database"])
def test_without_a_database_there_are_no_countries(
    settings: Any, tmp_path: Path, content: bytes | None
) -> None:
    settings.GEOIP = tmp_path / "countries.mmdb"
    if content:
        settings.GEOIP.write_bytes(content)
    countries.forget()
    assert countries.country(ip_address("81.2.69.160")) is None
    countries.forget()


def test_routes_past_the_bound_are_other() -> None:
    application_id = create_application().pk
    records = [create_request_record(f"/{n // 50}x/{n % 50}y") for n in range(1_100)]
    found = described(application_id, records, NOW)
    assert found[-1].route == routes.OTHER
    assert found[-1].path == "/21x/49y"
