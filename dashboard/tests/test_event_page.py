import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_member, create_user
from applications.models import Application
from dashboard.tests.reading_pages import Elements, elements
from events.models import Event
from events.records import json_of
from ingest import pipeline
from ingest.factories import create_batch, create_record
from stats.rollups import digest

pytestmark = pytest.mark.django_db

TRACEBACK = """Traceback (most recent call last):
  File "/srv/shop/views.py", line 12, in checkout
    charge(cart)
  File "/usr/lib/python3.11/site-packages/pay/client.py", line 3, in charge
    raise Declined("card expired")
pay.Declined: card expired"""


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application))
    return client


def stored(
    application: Application, message: str = "Boom", ago: timedelta = timedelta(), **fields: Any
) -> Event:
    json_fields = {"stack", "tags", "user", "data"}
    told = {name: json_of(v) if name in json_fields else v for name, v in fields.items()}
    received_at = timezone.now() - ago - timedelta(seconds=1)
    batch = create_batch(create_record(message, **told))
    outcome = pipeline.accept(application.pk, batch, received_at=received_at)
    return Event.objects.of(application.pk).get(pk=outcome.accepted[0].id)


def path(event: Event, text: str = "") -> str:
    return f"/applications/{event.application_id}/events/{event.pk}/{text}"


def page(client: Client, event: Event) -> Elements:
    answer = client.get(path(event))
    assert answer.status_code == 200
    return elements(answer.content.decode())


# --- Access --------------------------------------------------------------------------------


def test_a_viewer_sees_the_event_and_a_stranger_does_not(
    client: Client, application: Application
) -> None:
    event = stored(application)
    assert page(client, event).texts("h1") == ["Boom"]
    client.force_login(create_user())
    assert client.get(path(event)).status_code == 404
    assert client.get(path(event, "message.txt")).status_code == 404


def test_whoever_is_signed_out_is_asked_to_sign_in(application: Application) -> None:
    event = stored(application)
    for address in (path(event), path(event, "curl.txt")):
        assert Client().get(address).headers["Location"].startswith("/account/sign-in/")


def test_an_event_of_another_application_is_not_found(
    client: Client, application: Application
) -> None:
    foreign = stored(create_application())
    assert client.get(f"/applications/{application.pk}/events/{foreign.pk}/").status_code == 404


@pytest.mark.parametrize("event_id", [uuid4(), UUID(int=2**128 - 1)])
def test_an_event_that_is_gone_leads_to_the_others(
    client: Client, application: Application, event_id: UUID
) -> None:
    answer = client.get(f"/applications/{application.pk}/events/{event_id}/")
    found = elements(answer.content.decode())
    assert answer.status_code == 404
    assert found.texts("h1") == ["This event is not stored here"]
    assert f"/applications/{application.pk}/" in found.links()


def test_it_can_only_be_read(client: Client, application: Application) -> None:
    assert client.post(path(stored(application))).status_code == 405


# --- What it shows -------------------------------------------------------------------------


def test_level_and_both_times_are_shown(client: Client, application: Application) -> None:
    event = stored(application, level=50, occurred_at=datetime(2026, 1, 2, 3, 4, 5, 678_900, UTC))
    client.cookies["zone"] = "Asia/Tokyo"
    found = page(client, event)
    assert "CRITICAL" in found.texts("span", "level-50")
    [occurred] = [e for e in found.all("time") if "12:04:05.678" in e.text]
    assert occurred.text == "2 Jan 2026, 12:04:05.678"
    assert occurred.attributes["title"] == "2026-01-02 03:04:05.678 UTC"
    assert "days later" in found.texts("span", "delay")[0]


def test_the_heading_is_the_first_line_and_the_message_follows_whole(
    client: Client, application: Application
) -> None:
    found = page(client, stored(application, "\nfirst\nsecond\n  third"))
    assert found.texts("h1") == ["first"]
    assert found.texts("pre", "text")[0] == "first\nsecond\n  third"
    assert "Message" in found.texts("h2")


def test_a_message_of_one_line_is_shown_once(client: Client, application: Application) -> None:
    assert "Message" not in page(client, stored(application)).texts("h2")


def test_a_message_of_nothing_visible_has_a_heading_too(
    client: Client, application: Application
) -> None:
    assert page(client, stored(application, " \n\t ")).texts("h1") == ["(no message)"]


def test_a_stack_is_shown_as_frames(client: Client, application: Application) -> None:
    found = page(client, stored(application, stack=TRACEBACK))
    assert found.texts("h3") == ["pay.Declined"]
    assert found.texts("p", "exception-value") == ["card expired"]
    assert found.texts("bdi", "call") == ["charge", "checkout"]
    assert found.texts("bdi", "place") == [
        "/usr/lib/python3.11/site-packages/pay/client.py:3",
        "/srv/shop/views.py:12",
    ]
    library, own = found.all("details", "frame")
    assert ("open" in own.attributes, "open" in library.attributes) == (True, False)
    [number] = [mark.attributes["data-n"] for mark in found.all("mark") if "charge(" in mark.text]
    assert number == "12"
    assert TRACEBACK in found.texts("pre", "text")


def test_library_frames_are_folded_and_variables_are_a_table(
    client: Client, application: Application
) -> None:
    libraries = [{"file": f"/a/node_modules/b/{n}.js", "line": n, "function": "f"} for n in "123"]
    own = {"file": "/a/c.js", "line": 4, "function": "g", "locals": {"cart": "<Cart>", "n": 2}}
    found = page(client, stored(application, stack={"type": "E", "frames": [own, *libraries]}))
    assert "3 library frames" in found.texts("summary")
    assert found.texts("summary").count("2 local variables") == 1
    variables = zip(found.texts("th"), found.texts("td"), strict=True)
    assert dict(variables) == {"cart": "<Cart>", "n": "2"}


def test_a_stack_that_can_not_be_read_is_shown_as_json(
    client: Client, application: Application
) -> None:
    found = page(client, stored(application, stack={"so": {"what": [1]}}))
    assert json.loads(found.texts("pre", "text")[0]) == {"so": {"what": [1]}}


def test_fields_and_tags_filter_the_list(client: Client, application: Application) -> None:
    fields: dict[str, Any] = {"environment": "a&b", "release": "1+1", "logger": "x y"}
    event = stored(application, **fields, tags={"user": "a=b&c"})
    asked = [parse_qs(urlsplit(link).query) for link in page(client, event).links()]
    for name, value in {**fields, "level": "ERROR", "tag": "user:a=b&c"}.items():
        assert {name: [value]} in asked
    assert {"message": [str(digest("Boom"))]} in asked


def test_links_of_the_page_find_the_event(client: Client, application: Application) -> None:
    event = stored(
        application,
        ago=timedelta(days=3),
        environment="a&b+c%20",
        release="ü ü",
        logger="x/y?z#",
        tags={"k": "v:w&x=1", "number": 12, "truth": True},
    )
    lists = [link for link in page(client, event).links() if f"/{application.pk}/?" in link]
    assert len(lists) >= 9
    for link in lists:
        found = elements(client.get(link).content.decode()).links()
        assert (path(event) in found) is ("range=7d" in link), link  # but for that of 24 hours


def test_user_and_data_are_shown(client: Client, application: Application) -> None:
    user, data = {"id": 7, "email": "ann@example.com"}, {"request": {"method": "GET"}}
    found = page(client, stored(application, user=user, data=data))
    assert {"User", "Data"} <= set(found.texts("h2"))
    assert "ann@example.com" in found.texts("dd")
    assert json.loads(found.texts("pre", "text")[0]) == data


# --- The same message ----------------------------------------------------------------------


def test_older_and_newer_events_of_the_message_are_linked(
    client: Client, application: Application
) -> None:
    oldest = stored(application, ago=timedelta(days=2))
    middle = stored(application, ago=timedelta(hours=2))
    stored(application, "another", ago=timedelta(hours=1))
    newest = stored(application)
    found = page(client, middle)
    [older] = [e.attributes["href"] for e in found.all("a") if e.attributes.get("rel") == "prev"]
    [newer] = [e.attributes["href"] for e in found.all("a") if e.attributes.get("rel") == "next"]
    assert (older, newer) == (path(oldest), path(newest))
    assert len(found.all("link")) == len(page(client, oldest).all("link")) + 1


def test_how_often_the_message_came_is_told(client: Client, application: Application) -> None:
    stored(application, ago=timedelta(days=9))
    for days in (5, 3):
        stored(application, ago=timedelta(days=days))
    found = page(client, stored(application))
    assert found.texts("b") == ["1", "3"]
    assert len(found.all("path")) == 1
    assert "9 days ago" in found.texts("dd")


def test_its_only_event_is_its_first_and_last(client: Client, application: Application) -> None:
    assert page(client, stored(application)).texts("dd").count("this event") == 2


# --- To take elsewhere ---------------------------------------------------------------------


def test_texts_to_copy_are_in_the_page(client: Client, application: Application) -> None:
    event = stored(application, stack=TRACEBACK, user={"id": 7})
    found = page(client, event)
    sources = {e.attributes.get("data-copy") for e in found.all("button")} - {None}
    texts = {e.attributes["id"]: e.text for e in found.all("pre") if "id" in e.attributes}
    assert sources == {"text-markdown", "text-curl"}
    assert f"(<http://testserver{path(event)}>)" in texts["text-markdown"]
    assert texts["text-curl"].startswith(f"curl http://testserver/apps/{application.pk}/events ")
    assert json.loads(texts["text-json"])["id"] == str(event.pk)
    for name in ("markdown", "curl"):
        file = client.get(path(event, f"{name}.txt"))
        assert file.content.decode() == texts[f"text-{name}"]
        assert file.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_the_json_is_that_of_the_rest_api(client: Client, application: Application) -> None:
    client.cookies["zone"] = "Asia/Tokyo"
    event = stored(application, tags={"a": 1}, data={"b": [None]}, event_id=uuid4())
    found = page(client, event)
    [shown] = [e.text for e in found.all("pre") if e.attributes.get("id") == "text-json"]
    api = f"/apps/{application.pk}/events/{event.pk}"
    assert api in found.links()
    assert json.loads(shown) == client.get(api).json()


def test_what_is_too_long_for_the_page_is_a_file(client: Client, application: Application) -> None:
    message, stack = "x" * 50_000, "not a traceback " * 10_000
    event = stored(application, message, stack=stack)
    found = page(client, event)
    assert not [e for e in found.all("button") if e.attributes.get("data-copy")]
    for name in ("message", "stack", "markdown", "curl"):
        assert path(event, f"{name}.txt") in found.links()
    assert client.get(path(event, "message.txt")).content.decode() == message
    assert client.get(path(event, "stack.txt")).content.decode() == stack
    assert message in client.get(path(event, "curl.txt")).content.decode()


@pytest.mark.parametrize("name", ["stack", "password", "curl.txt"])
def test_there_are_no_other_files(client: Client, application: Application, name: str) -> None:
    assert client.get(path(stored(application), f"{name}.txt")).status_code == 404


# --- What it costs -------------------------------------------------------------------------


def test_the_number_of_queries_is_known(
    client: Client, application: Application, django_assert_num_queries: Any
) -> None:
    for days in (5, 4, 3, 1):
        stored(application, ago=timedelta(days=days))
    event = stored(application, ago=timedelta(days=2), tags={"a": 1}, stack=TRACEBACK)
    page(client, event)
    with django_assert_num_queries(18):
        client.get(path(event))


def test_there_is_one_heading_of_the_first_level_and_every_label_is_there(
    client: Client, application: Application
) -> None:
    html = client.get(path(stored(application, stack=TRACEBACK, tags={"a": 1}))).content.decode()
    found = elements(html)
    assert len(found.all("h1")) == 1
    ids = re.findall(r' id="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'aria-labelledby="([^"]+)"', html)) <= set(ids)
    assert set(re.findall(r'data-copy="([^"]+)"', html)) <= set(ids)
