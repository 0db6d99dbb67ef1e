"""The page that helps to send events: the key once, what arrives, and what is refused and why."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.factories import create_application, create_key, create_member, create_user
from applications.models import Application, Key, Membership
from dashboard.snippets import WAYS, ways
from ingest import pipeline, refusal_log
from ingest.factories import create_batch, create_record, create_requests
from ingest.refusal_tally import count_of
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db

# Session, user, application, keys, refusals, which days are closed, the newest event's id, itself,
# the newest request.
QUERIES = 9
SECRET = re.compile(r'<code id="secret-[0-9a-f]{8}">([0-9a-f]{32})</code>')


@pytest.fixture
def shop() -> Application:
    return create_application("shop")


@pytest.fixture
def staff(client: Client) -> Client:
    client.force_login(create_user(is_staff=True))
    return client


def address(application: Application) -> str:
    return f"/applications/{application.pk}/setup/"


def shown(client: Client, application: Application, query: str = "", **headers: str) -> str:
    answer = client.get(f"{address(application)}?{query}", headers=headers)
    assert answer.status_code == 200
    return answer.content.decode()


def made_key(client: Client, application: Application) -> Any:
    return client.post(f"{address(application)}key/")


def part(page: str, name: str) -> str:
    """What stands in a part of the page that is kept fresh, in one line."""
    pattern = rf'<(div|p)[^>]* id="{name}" data-live>(.*?)</\1>'
    ((_tag, found),) = re.findall(pattern, page, re.DOTALL)
    return " ".join(found.split())


def text(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def refuse(
    application: Application, reason: str, *, status: int = 400, ago: timedelta = timedelta(0)
) -> None:
    at = datetime.now(UTC) - ago
    note = count_of(
        application.pk, status, reason, at=at, key_prefix="1a2b3c4d", client="shop/<1.0>\u202e"
    )
    refusal_log.add([note])


# --- Who may see it, and make keys -------------------------------------------------------------


def test_strangers_do_not_find_it(client: Client, shop: Application) -> None:
    assert client.get(address(shop))["Location"].startswith("/account/sign-in/")
    client.force_login(create_member(create_application("search"), Membership.ADMIN))
    assert client.get(address(shop)).status_code == 404
    assert made_key(client, shop).status_code == 404


def test_viewers_look_and_make_no_keys(client: Client, shop: Application) -> None:
    client.force_login(create_member(shop))
    page = shown(client, shop)
    assert "/setup/key/" not in page
    assert "Ask an admin of the application for one." in page
    assert made_key(client, shop).status_code == 403
    assert not Key.objects.exists()


def test_keys_are_made_by_a_button_only(client: Client, shop: Application) -> None:
    client.force_login(create_member(shop, Membership.ADMIN))
    assert client.get(f"{address(shop)}key/").status_code == 405
    assert not Key.objects.exists()


# --- The key -----------------------------------------------------------------------------------


def test_a_new_key_is_shown_once_with_the_snippets_filled_in(
    client: Client, shop: Application
) -> None:
    client.force_login(create_member(shop, Membership.ADMIN))
    assert made_key(client, shop)["Location"] == address(shop)
    page = shown(client, shop)
    (secret,) = SECRET.findall(page)
    assert Key.objects.get().prefix == secret[:8]
    assert page.count(f"X-INGEST-KEY: {secret}") == 3  # curl twice, plain HTTP
    assert "YOUR_INGEST_KEY" not in page
    assert f'data-copy="secret-{secret[:8]}"' in page
    assert "data-shown-once" in page  # page.js must not load the page again
    assert secret not in json.dumps(dict(client.session))
    again = shown(client, shop)
    assert secret not in again
    assert "data-shown-once" not in again


def test_a_look_for_news_leaves_the_key_to_the_page(staff: Client, shop: Application) -> None:
    made_key(staff, shop)
    assert SECRET.findall(shown(staff, shop, X_Refresh="1")) == []
    assert len(SECRET.findall(shown(staff, shop))) == 1


def test_keys_are_not_shown_for_another_application_or_to_another_person(
    staff: Client, shop: Application
) -> None:
    made_key(staff, shop)
    assert SECRET.findall(shown(staff, create_application("search"))) == []
    other = Client()
    other.force_login(create_user(is_staff=True))
    assert SECRET.findall(shown(other, shop)) == []
    made_key(staff, shop)
    assert len(SECRET.findall(shown(staff, shop))) == 2


def test_without_a_new_key_it_names_the_valid_ones(staff: Client, shop: Application) -> None:
    page = shown(staff, shop)
    assert "None is valid now." in page
    assert "X-INGEST-KEY: YOUR_INGEST_KEY" in page
    secret = create_key(shop)
    create_key(shop, Key.READ)
    create_key(shop, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    page = shown(staff, shop)
    assert text(page).count(f"Valid ones begin with {secret[:8]} .") == 1
    assert secret not in page


def test_the_snippets_name_the_host_that_was_asked(
    staff: Client, shop: Application, settings: Any
) -> None:
    settings.ALLOWED_HOSTS = ["logs.example.com"]
    page = shown(staff, shop, Host="logs.example.com:8443")
    assert f"http://logs.example.com:8443/apps/{shop.pk}/events" in page
    assert "testserver" not in page


def test_what_is_copied_from_the_page_is_the_snippet(staff: Client, shop: Application) -> None:
    page = shown(staff, shop)
    for way in ways("http://testserver", shop.pk):
        for number, step in enumerate(way.steps, 1):
            pattern = rf'<code id="code-{way.name}-{number}">(.*?)</code>'
            (code,) = re.findall(pattern, page, re.DOTALL)
            assert "<" not in code
            assert unescape(code) == step.code


def test_the_chosen_way_stands_in_the_address(staff: Client, shop: Application) -> None:
    for query, chosen in [("", WAYS[0]), ("with=django", "django"), ("with=%00", WAYS[0])]:
        page = shown(staff, shop, query)
        (checked,) = re.findall(r'value="(\w+)" autocomplete="off" checked', page)
        assert checked == chosen


# --- What arrives ------------------------------------------------------------------------------


def test_it_waits_for_the_first_event_which_then_stands_there(
    staff: Client, shop: Application
) -> None:
    page = shown(staff, shop)
    assert text(part(page, "arrival")) == "Waiting for the first event or request"
    assert 'data-refresh="1"' in page
    outcome = pipeline.accept(
        shop.pk, create_batch(create_record("First\nof many", level=30), create_record("Second"))
    )
    page = shown(staff, shop, X_Refresh="1")
    assert text(part(page, "arrival")) == "Newest event ERROR Second"
    assert f'href="/applications/{shop.pk}/events/{outcome.accepted[1].id}/"' in page
    assert text(part(page, "arrival-age")) == "just now"
    assert 'data-refresh="5"' in page  # there is less to wait for


def test_the_first_request_stands_there_too(staff: Client, shop: Application) -> None:
    request = create_request_record("/users/<42>", method="POST", status=503)
    pipeline.accept(shop.pk, create_requests(request))
    page = shown(staff, shop, X_Refresh="1")
    assert text(part(page, "arrival")) == "Newest request 503 POST /users/&lt;42&gt;"
    assert f'href="/applications/{shop.pk}/traffic/"' in part(page, "arrival")
    assert text(part(page, "arrival-age")) == "just now"
    assert 'data-refresh="5"' in page
    pipeline.accept(shop.pk, create_batch(create_record("Boom")))
    page = shown(staff, shop, X_Refresh="1")
    seen = "Newest event ERROR Boom Newest request 503 POST /users/&lt;42&gt;"
    assert text(part(page, "arrival")) == seen


@pytest.mark.parametrize(
    ("message", "seen"),
    [
        ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("paid \u202eexe.gnp", "paid \\u202eexe.gnp"),
        ("\x1b[31mred\x07", "red\u2407"),
        ("  \n\n", "(no message)"),
        ("x" * 1_000_000, "x" * 199 + "…"),
        ("{{ 7|add:7 }}", "{{ 7|add:7 }}"),
    ],
)
def test_a_hostile_message_is_a_line_of_text(
    staff: Client, shop: Application, message: str, seen: str
) -> None:
    pipeline.accept(shop.pk, create_batch(create_record(message)))
    page = shown(staff, shop)
    assert f">{seen}</a>" in part(page, "arrival")
    assert len(page) < 60_000


def test_refusals_are_told_with_their_reason_newest_first(staff: Client, shop: Application) -> None:
    refuse(shop, "There is no such key.", status=401, ago=timedelta(hours=3))
    refuse(shop, "message: This field is required.", ago=timedelta(minutes=5))
    refuse(shop, "message: This field is required.", ago=timedelta(minutes=2))
    refuse(shop, "Too old.", ago=timedelta(hours=25))
    refuse(create_application("search"), "Not ours.")
    page = shown(staff, shop)
    waiting = text(part(page, "arrival"))
    reason = "message: This field is required."
    assert waiting == f"Waiting for the first event or request Refused, 400: {reason}"
    listed = text(page[page.index('id="refusals"') :])
    assert (
        "400 message: This field is required. Key 1a2b3c4d… shop/&lt;1.0&gt;\\u202e 2 times 2 min"
        in listed
    )
    assert (
        "401 There is no such key. Key 1a2b3c4d… shop/&lt;1.0&gt;\\u202e 1 time 3 h ago" in listed
    )
    assert listed.index("400 message") < listed.index("401 There")
    assert "Too old." not in page
    assert "Not ours." not in page


def test_refusals_are_listed_beside_events_too(staff: Client, shop: Application) -> None:
    pipeline.accept(shop.pk, create_batch(create_record()))
    refuse(shop, "<b>Wrong.</b>")
    page = shown(staff, shop)
    assert "Refused" not in part(page, "arrival")
    assert "&lt;b&gt;Wrong.&lt;/b&gt;" in page[page.index('id="refusals"') :]


def test_what_is_sent_wrong_shows_up_as_it_is_refused(
    client: Client, staff: Client, shop: Application
) -> None:
    path = f"/apps/{shop.pk}/events"
    sending: dict[str, Any] = {"content_type": "application/json"}
    client.post(path, "{}", headers={"X-INGEST-KEY": "0" * 32}, **sending)
    client.post(path, "{}", headers={"X-INGEST-KEY": create_key(shop)}, **sending)
    client.post(path, b"x" * 20_000_001, headers={"X-INGEST-KEY": create_key(shop)}, **sending)
    page = text(shown(staff, shop))
    assert "401 There is no such key. Key 00000000…" in page
    assert "400 message: This field is required." in page
    assert "413 The body is larger than 20,000,000 bytes; send it in parts." in page


def test_the_page_costs_the_same_queries_whatever_has_come(
    staff: Client, shop: Application
) -> None:
    counts: list[int] = []
    for _ in range(2):
        pipeline.accept(shop.pk, create_batch(*[create_record(f"m{n}") for n in range(50)]))
        for number in range(30):
            refuse(shop, f"Wrong {len(counts)} {number}.")
            create_key(shop)
        with CaptureQueriesContext(connection) as queries:
            shown(staff, shop, X_Refresh="1")
        counts.append(len(queries))
    assert counts == [QUERIES, QUERIES]


def test_an_inactive_application_says_that_it_takes_no_events(
    staff: Client, shop: Application
) -> None:
    assert "takes no events" not in shown(staff, shop)
    Application.objects.update(active=False)
    assert "takes no events" in shown(staff, shop)


def test_without_scripts_it_says_to_reload(staff: Client, shop: Application) -> None:
    (without_scripts,) = re.findall(r"<noscript>(.*?)</noscript>", shown(staff, shop), re.S)
    assert "Reload the page to look again." in without_scripts
