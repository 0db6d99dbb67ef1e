import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest

from dashboard import event_facts
from dashboard.event_facts import Facts
from dashboard.list_addresses import ListAddresses, list_addresses
from dashboard.page_room import page_bytes
from events.models import Event
from events.records import JsonReader

NOW = datetime(2026, 11, 25, 12, 30, tzinfo=UTC)
ADDRESSES = ListAddresses("/applications/7/")


def event(**fields: Any) -> Event:
    told = {"id": uuid4(), "application_id": 7, "received_at": NOW, "occurred_at": NOW}
    return Event(**{**told, "level": 40, "message": "Boom", "tags": {}, **fields})


def tags(told: Any) -> Facts:
    found = event_facts.tags(event(tags=told), ADDRESSES)
    assert found is not None
    return found


def asked(address: str) -> dict[str, list[str]]:
    return parse_qs(urlsplit(address).query, keep_blank_values=True)


def test_fields_lead_to_the_events_that_share_them() -> None:
    told = event(environment="a&b=c", release="1.0+rc #2", logger="löß", server_name="web-1")
    facts = {fact.name: fact for fact in event_facts.fields(told, ADDRESSES)}
    assert asked(facts["Level"].address) == {"level": ["ERROR"]}
    assert asked(facts["Environment"].address) == {"environment": ["a&b=c"]}
    assert asked(facts["Release"].address) == {"release": ["1.0+rc #2"]}
    assert asked(facts["Logger"].address) == {"logger": ["löß"]}
    assert (facts["Server"].value, facts["Server"].address) == ("web-1", "")
    assert "Trace" not in facts


def test_tags_are_sorted_and_lead_to_the_events_that_have_them() -> None:
    found = tags({"b": "x & y?", "a": True, "c": 12, "d": 1.5}).facts
    assert [(fact.name, fact.value) for fact in found] == [
        ("a", "true"),
        ("b", "x & y?"),
        ("c", "12"),
        ("d", "1.5"),
    ]
    assert [asked(fact.address) for fact in found] == [
        {"tag": ["a:true"]},
        {"tag": ["b:x & y?"]},
        {"tag": ["c:12"]},
        {"tag": ["d:1.5"]},
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [("a:b", "c"), ("", "c"), ("a", None), ("a", [1]), ("a", {"b": 1}), ("a", "x" * 300)],
)
def test_tags_that_the_list_can_not_be_asked_for_are_no_links(name: str, value: Any) -> None:
    [fact] = tags({name: value}).facts
    assert fact.address == ""


def test_what_hides_in_a_tag_shows() -> None:
    [fact] = tags({"a\u202e": "b\u2066"}).facts
    assert (fact.name, fact.value) == ("a\\u202e", "b\\u2066")
    assert asked(fact.address) == {"tag": ["a\u202e:b\u2066"]}


def test_ten_thousand_tags_are_bounded() -> None:
    found = tags({f"{n:05}": "'" * 100 for n in range(10_000)})
    assert found.left_out == 10_000 - len(found.facts)
    assert 20 < len(found.facts) <= 100
    assert sum(page_bytes(one.name + one.value + one.address) for one in found.facts) < 30_000


def test_an_object_of_single_values_is_facts() -> None:
    found = event_facts.flat({"id": 7, "name": "Ann", "gone": None}, "name")
    assert found is not None
    assert [(fact.name, fact.value) for fact in found.facts] == [
        ("id", "7"),
        ("name", "Ann"),
        ("gone", "null"),
    ]


def test_a_single_value_is_named() -> None:
    found = event_facts.flat("Ann", "name")
    assert found is not None
    assert [(fact.name, fact.value) for fact in found.facts] == [("name", "Ann")]


@pytest.mark.parametrize("value", [None, "", {}, []])
def test_nothing_is_not_shown(value: Any) -> None:
    assert event_facts.flat(value, "name") is None


def test_anything_else_is_json() -> None:
    found = event_facts.flat({"a": {"b": "\u202e"}}, "data")
    assert found == Facts(json='{\n  "a": {\n    "b": "\\u202e"\n  }\n}')


def test_json_that_is_too_deep_to_be_read_is_shown_as_it_is() -> None:
    deep = "[" * 900 + "]" * 900
    found = event_facts.flat(json.loads(deep, cls=JsonReader), "data")
    assert found is not None
    assert found.json.startswith("[[[[")


def test_large_json_is_cut() -> None:
    found = event_facts.flat(["'" * 1_000] * 1_000, "data")
    assert found is not None
    assert found.json_is_cut
    assert page_bytes(found.json) <= 12_000


@pytest.mark.parametrize(
    ("age", "range_"),
    [
        (timedelta(hours=3), {}),
        (timedelta(hours=30), {"range": ["7d"]}),
        (timedelta(days=20), {"range": ["30d"]}),
        (timedelta(days=80), {"range": ["90d"]}),
        (
            timedelta(days=200),
            {"since": ["2026-05-09T00:30:00+00:00"], "until": ["2026-05-10T00:30:00+00:00"]},
        ),
    ],
)
def test_the_list_is_of_a_time_in_which_the_event_lies(
    age: timedelta, range_: dict[str, list[str]]
) -> None:
    addresses = list_addresses(event(received_at=NOW - age), NOW)
    assert asked(addresses.by(level="ERROR")) == {"level": ["ERROR"], **range_}
    assert asked(addresses.lately("7d", level="ERROR")) == {"level": ["ERROR"], "range": ["7d"]}
