import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_member, create_user
from applications.models import Application, Membership
from events.records import EventRecord, json_of
from ingest import pipeline
from ingest.factories import create_batch, create_record
from stats.rollups import digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application))
    return client


def store(application: Application, *records: EventRecord, ago: timedelta = timedelta()) -> None:
    received_at = timezone.now() - ago - timedelta(seconds=1)
    pipeline.accept(application.pk, create_batch(*records), received_at=received_at)


def page(client: Client, application: Application, query: str = "") -> str:
    answer = client.get(f"/applications/{application.pk}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def part(html: str, name: str) -> str:
    """The live part of this id, roughly: up to the next one."""
    found = re.search(rf'id="{name}" data-live.*?(?= data-live|</main>)', html, re.DOTALL)
    assert found is not None
    return found[0]


def figures(html: str) -> list[str]:
    return re.findall(r'class="tile-figure" title="([^"]+)"', html)


def drawn(html: str) -> Any:
    found = re.search(r'<script id="course-json" type="application/json">(.*?)</script>', html)
    assert found is not None
    return json.loads(found[1])


def rows(html: str) -> list[str]:
    return re.findall(r'class="event-text"><span class="cut" dir="auto">([^<]*)<', html)


def test_tiles_count_events_errors_and_distinct_messages(
    client: Client, application: Application
) -> None:
    records = [create_record("a"), create_record("a", level=20), create_record("b", level=50)]
    store(application, *records)
    assert figures(page(client, application)) == ["3", "2", "2"]


def test_tiles_are_told_against_the_period_before(client: Client, application: Application) -> None:
    store(application, *[create_record("a")] * 3)
    store(application, *[create_record("a")] * 2, ago=timedelta(hours=26))
    html = part(page(client, application), "tiles")
    assert html.count("+50 %") == 2
    assert html.count("as before") == 2
    assert 'class="trend trend-worse"' in html


def test_a_range_whose_period_before_is_past_its_keeping_has_no_trend(
    client: Client, application: Application
) -> None:
    store(application, create_record("a"))
    assert "none before" in part(page(client, application, "?range=30d"), "tiles")
    Application.objects.update(retention_days=30)
    assert "none before" not in part(page(client, application, "?range=30d"), "tiles")


@pytest.mark.parametrize(
    ("figure", "series"),
    [
        ("", [("INFO", 2), ("ERROR", 1)]),
        ("errors", [("ERROR", 1)]),
        ("messages", [("Distinct messages", 2)]),
        ("seen", [("Minutes with events", 1)]),
    ],
)
def test_a_tile_selects_the_chart(
    client: Client, application: Application, figure: str, series: list[tuple[str, int]]
) -> None:
    store(application, create_record("a"), *[create_record("b", level=20)] * 2)
    html = page(client, application, f"?range=1h&figure={figure}" if figure else "?range=1h")
    counted = [(one["label"], sum(one["values"])) for one in drawn(html)["series"]]
    assert counted == series
    assert len(drawn(html)["starts"]) == 60
    assert drawn(html)["incomplete"]


def test_a_message_filters_and_is_shown_as_a_chip(client: Client, application: Application) -> None:
    store(application, create_record("It broke"), create_record("Other"))
    html = page(client, application)
    address = f"?message={digest('It broke')}"
    assert f'href="{address}"' in part(html, "messages")
    filtered = page(client, application, address)
    assert rows(filtered) == ["It broke"]
    assert figures(filtered) == ["1", "1"]
    assert "<b>message</b> <bdi>It broke</bdi>" in filtered


def test_a_message_that_is_gone_finds_nothing(client: Client, application: Application) -> None:
    store(application, create_record("a"))
    html = page(client, application, f"?message={digest('b')}")
    assert (rows(html), figures(html)) == ([], ["0", "0"])
    assert "one that is not stored any more" in html


def test_where_a_level_is_chosen_the_others_are_a_click_away(
    client: Client, application: Application
) -> None:
    store(application, create_record("a"), create_record("b", level=20))
    html = page(client, application, "?level=ERROR")
    assert rows(html) == ["a"]
    assert figures(html) == ["1", "1", "1"]
    assert 'href="?level=INFO"' in part(html, "levels")


@pytest.mark.parametrize(
    "query",
    ["q=broke", "tag=region:eu", "environment=staging", "release=1.2", "logger=shop.cart"],
)
def test_the_list_is_filtered_by_what_no_rollup_tells_and_the_page_says_so(
    client: Client, application: Application, query: str
) -> None:
    found = create_record(
        "It BROKE",
        tags=json_of({"region": "eu"}),
        environment="staging",
        release="1.2",
        logger="shop.cart",
    )
    store(application, found, create_record("Other"))
    html = page(client, application, f"?{query}")
    assert rows(html) == ["It BROKE"]
    assert figures(html)[0] == "2"
    assert "Only this list is filtered by" in html


def test_older_events_are_a_page_away(client: Client, application: Application) -> None:
    store(application, *(create_record(f"event {number}") for number in range(60)))
    first = page(client, application, "?level=ERROR")
    assert len(rows(first)) == 50
    address = re.search(r'rel="next" href="(\?level=ERROR&amp;before=[^"#]+)#events"', first)
    assert address is not None
    second = page(client, application, address[1].replace("&amp;", "&"))
    assert set(rows(first)) | set(rows(second)) == {f"event {number}" for number in range(60)}
    assert 'href="?level=ERROR#events">Newest' in second


def test_a_search_that_ends_early_says_how_far_it_came(
    client: Client, application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stats.finding.MOST_ROWS", 3)
    for hours in (2, 5, 8):
        store(application, *[create_record("a")] * 5, ago=timedelta(hours=hours))
    html = page(client, application, "?q=nowhere")
    assert "Searched back to" in html
    assert "Search further back" in html


def test_a_form_leads_to_a_tidy_address(client: Client, application: Application) -> None:
    answer = client.get(f"/applications/{application.pk}/?tidy=1&q=&range=7d&environment=&level=40")
    assert answer["Location"] == f"/applications/{application.pk}/?range=7d&level=ERROR"


def test_a_filter_that_can_not_be_used_is_a_400_that_says_why(
    client: Client, application: Application
) -> None:
    store(application, create_record("a"))
    answer = client.get(f"/applications/{application.pk}/?level=LOUD")
    assert answer.status_code == 400
    assert "is no level; use DEBUG" in answer.content.decode()
    assert rows(answer.content.decode()) == ["a"]


def test_an_application_without_events_leads_to_how_to_send_them(
    client: Client, application: Application
) -> None:
    html = page(client, application)
    assert "No event yet" in html
    assert f"/applications/{application.pk}/setup/" in html
    store(application, create_record("a"), ago=timedelta(days=3))
    assert "No event yet" not in page(client, application)


def test_times_are_in_the_zone_of_the_browser(client: Client, application: Application) -> None:
    store(application, create_record("a"))
    client.cookies["browser_zone"] = "Asia/Tokyo"
    html = page(client, application)
    assert "+09:00" in part(html, "list")
    assert "Times in Asia/Tokyo" in html


@pytest.mark.parametrize("query", ["", "?range=90d", "?range=1h&figure=seen"])
def test_the_number_of_queries_does_not_grow_with_the_events(
    client: Client, application: Application, query: str, django_assert_max_num_queries: Any
) -> None:
    store(application, *(create_record(f"event {number}") for number in range(60)))
    with django_assert_max_num_queries(24):
        page(client, application, query)


def test_text_of_senders_is_escaped_and_hides_nothing(
    client: Client, application: Application
) -> None:
    hostile = '<script>alert("1")</script> \u202egnp.exe'
    store(
        application,
        create_record(
            hostile,
            tags=json_of({"<b>": "</a><script>"}),
            environment="<i>",
            release='"><img src=x>',
            logger="\u2066x",
        ),
    )
    html = page(client, application, '?q=<script>&tag=<b>:</a><script>&release="><img src=x>')
    assert "<script>alert" not in html
    assert "<img" not in html.replace('<img src="/static', "")
    assert "\u202e" not in html
    assert r"\u202egnp.exe" in html


def test_a_message_of_a_megabyte_is_cut_in_the_list(
    client: Client, application: Application
) -> None:
    store(application, create_record("x" * 1_000_000))
    assert len(page(client, application)) < 60_000


def test_strangers_get_404_and_those_who_are_not_signed_in_the_sign_in_page(
    client: Client, application: Application
) -> None:
    address = f"/applications/{application.pk}/"
    for path in (address, f"{address}events.csv", f"{address}events.ndjson"):
        assert client.get(path).status_code == 200
        stranger = Client()
        stranger.force_login(create_user())
        assert stranger.get(path).status_code == 404
        assert Client().get(path)["Location"] == f"/account/sign-in/?next={path}"


def test_only_those_who_may_change_it_see_its_settings(application: Application) -> None:
    for role, offered in ((Membership.VIEWER, False), (Membership.ADMIN, True)):
        client = Client()
        client.force_login(create_member(application, role))
        assert (f"/applications/{application.pk}/settings/" in page(client, application)) is offered
