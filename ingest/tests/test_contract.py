"""The public contract of the REST API, call by call, through a real server."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from ingest.tests.serving import App, Http

SENT = {
    "occurred_at": "2026-11-21T08:00:00.250000Z",
    "level": "ERROR",
    "message": "Payment failed: żółć 🙂",
    "stack": [{"file": "a.py", "line": 7, "vars": {"x": None, "y": [1, 2.5, True]}}],
    "tags": {"service": "checkout", "attempt": 3},
    "event_id": "0c2a8f8e-5a0d-4b0b-9b5a-6a4f8f1f0d11",
    "environment": "production",
    "release": "1.4.2",
    "server_name": "web-1",
    "logger": "shop.payments",
    "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736",
    "user": {"id": 4711},
}
UTC_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def is_refusal(body: Any) -> bool:
    """Whether this is the one shape of refusals."""
    return set(body) == {"errors"} and all(
        isinstance(sentences, list) and all(isinstance(one, str) and one for one in sentences)
        for sentences in body["errors"].values()
    )


# --- Applications ----------------------------------------------------------------------


def test_an_application_is_created_once(http: Http) -> None:
    created = http.call("POST", "/apps/billing")
    assert created.status == 201
    assert created.json["name"] == "billing"
    assert re.fullmatch(r"[0-9a-f]{32}", created.json["ingest_key"])
    assert UTC_TIME.fullmatch(created.json["created_at"])
    again = http.call("POST", "/apps/billing/")
    assert (again.status, is_refusal(again.json)) == (409, True)
    unusable = http.call("POST", "/apps/Not%20usable")
    assert (unusable.status, list(unusable.json["errors"])) == (400, ["name"])


def test_an_application_is_shown_without_its_key(http: Http) -> None:
    made = http.call("POST", "/apps/shown/").json
    for path in (f"/apps/{made['id']}", f"/apps/{made['id']}/"):
        shown = http.get(path)
        assert shown.status == 200
        assert (shown.json["id"], shown.json["name"]) == (made["id"], "shown")
        assert [key["prefix"] for key in shown.json["keys"]] == [made["ingest_key"][:8]]
        assert made["ingest_key"].encode() not in shown.body
    missing = http.get("/apps/999999999")
    assert (missing.status, is_refusal(missing.json)) == (404, True)


def test_applications_are_listed_in_pages_and_by_name(http: Http) -> None:
    for name in ("list-one", "list-two", "list-three"):
        assert http.call("POST", f"/apps/{name}").status == 201
    first = http.get("/apps/?q=LIST-&limit=2").json
    assert [item["name"] for item in first["items"]] == ["list-one", "list-three"]
    rest = http.get(f"/apps?q=list-&limit=2&offset={first['next_offset']}").json
    assert [item["name"] for item in rest["items"]] == ["list-two"]
    assert (first["next_offset"], rest["next_offset"]) == (2, None)


# --- Sending ---------------------------------------------------------------------------


def test_an_event_comes_back_as_it_was_sent(http: Http, app: App) -> None:
    stored = app.send(http, SENT)
    assert stored.status == 201
    assert {name: stored.json[name] for name in SENT} == SENT
    assert stored.json["application_id"] == app.id
    assert UTC_TIME.fullmatch(stored.json["received_at"])
    shown = http.get(f"{app.path}/events/{stored.json['id']}")
    assert (shown.status, shown.json) == (200, stored.json)
    assert app.listed(http) == [stored.json]


def test_only_the_message_is_required(http: Http, app: App) -> None:
    stored = app.send(http, {"message": "Plain"}).json
    assert (stored["level"], stored["tags"], stored["stack"]) == ("INFO", {}, None)
    assert stored["occurred_at"] == stored["received_at"]
    assert app.listed(http) == [stored]
    refused = app.send(http, {"level": "LOUD", "tags": [], "event_id": "x", "occurred_at": "now"})
    assert refused.status == 400
    fields = {"message", "level", "tags", "event_id", "occurred_at"}
    assert (is_refusal(refused.json), set(refused.json["errors"])) == (True, fields)


@pytest.mark.parametrize(
    ("sent", "answered"),
    [
        ("2026-11-21T09:00:00+01:00", "2026-11-21T08:00:00Z"),
        ("2026-11-21T08:00:00.5", "2026-11-21T08:00:00.500000Z"),
        ("1969-12-31T23:59:59-12:00", "1970-01-01T11:59:59Z"),
        ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
    ],
)
def test_times_are_answered_in_utc(http: Http, app: App, sent: str, answered: str) -> None:
    stored = app.send(http, {"message": "Then", "occurred_at": sent}).json
    assert stored["occurred_at"] == answered
    assert app.listed(http) == [stored]


def test_an_array_and_lines_are_stored_in_their_order(http: Http, app: App) -> None:
    array = app.send(http, [{"message": "1"}, {"message": "2"}])
    assert (array.status, array.json) == (201, {"accepted": 2, "duplicates": 0, "rejected": []})
    lines = app.send(
        http, b'{"message":"3"}\r\n\n{"message":"4"}', Content_Type="application/x-ndjson"
    )
    assert (lines.status, lines.json) == (201, {"accepted": 2, "duplicates": 0, "rejected": []})
    assert app.messages(http) == ["4", "3", "2", "1"]


def test_bad_items_are_named_and_cost_only_themselves(http: Http, app: App) -> None:
    mixed = app.send(http, [{"message": "Good"}, {"level": "ERROR"}, 7, {"message": "Too"}])
    assert (mixed.status, mixed.json["accepted"]) == (201, 2)
    assert [item["index"] for item in mixed.json["rejected"]] == [1, 2]
    assert list(mixed.json["rejected"][0]["errors"]) == ["message"]
    lines = b'{"message":"Line"}\n{"message":\n'
    assert app.send(http, lines, Content_Type="application/x-ndjson").json["accepted"] == 1
    none = app.send(http, [{}, {"message": ""}])
    assert (none.status, none.json["accepted"], len(none.json["rejected"])) == (400, 0, 2)
    assert app.messages(http) == ["Line", "Too", "Good"]


def test_a_resend_changes_nothing(http: Http, app: App) -> None:
    event = {"message": "Once", "event_id": str(uuid4())}
    first, again = app.send(http, event), app.send(http, event)
    assert (again.status, again.json["id"]) == (201, first.json["id"])
    assert again.json["received_at"] == first.json["received_at"]
    batch = app.send(http, [event, {"message": "New"}, event])
    assert (batch.status, batch.json) == (201, {"accepted": 1, "duplicates": 2, "rejected": []})
    assert app.messages(http) == ["New", "Once"]


def test_a_slash_at_the_end_is_no_redirect(http: Http, app: App) -> None:
    headers = {"X_INGEST_KEY": app.key}
    sent = http.call("POST", f"{app.path}/events/", b'{"message":"Slash"}', **headers)
    assert sent.status == 201
    assert http.get(f"{app.path}/events/{sent.json['id']}/").json == sent.json


def test_the_key_decides_who_sends(http: Http, app: App) -> None:
    other = http.call("POST", f"/apps/other-than-{app.id}").json
    event = {"message": "Whose?"}
    body = json.dumps(event).encode()
    statuses = {
        "none": http.call("POST", f"{app.path}/events", body),
        "wrong": app.send(http, event, X_INGEST_KEY="0" * 32),
        "no key at all": app.send(http, event, X_INGEST_KEY="☂".encode().decode("latin-1")),
        "other": app.send(http, event, X_INGEST_KEY=other["ingest_key"]),
        "unknown": http.call("POST", "/apps/999999999/events", body, X_INGEST_KEY=app.key),
        "no id": http.call("POST", "/apps/nothing/events", body, X_INGEST_KEY=app.key),
    }
    assert [answer.status for answer in statuses.values()] == [401, 401, 401, 403, 404, 404]
    assert all(is_refusal(answer.json) for answer in statuses.values())
    assert statuses["none"].headers["www-authenticate"] == "X-INGEST-KEY"
    dashed = f"{app.key[:8]}-{app.key[8:12]}-{app.key[12:16]}-{app.key[16:20]}-{app.key[20:]}"
    assert app.send(http, event, X_INGEST_KEY=dashed.upper()).status == 201


def test_a_connection_lives_through_refusals(http: Http, app: App) -> None:
    app.send(http, {"message": "First"})
    socket = http.connection.sock
    refused = [
        app.send(http, {"message": "Wrong key"}, X_INGEST_KEY="0" * 32),
        app.send(http, {"message": "Wrong type"}, Content_Type="image/png"),
        app.send(http, b"not JSON"),
        app.send(http, iter([b"not ", b"JSON"])),
        app.send(http, b"packed?", Content_Encoding="gzip"),
        app.send(http, b"packed?", Content_Encoding="lzma"),
        http.get("/apps/999999999"),
        http.get("/nowhere"),
        http.call("DELETE", f"{app.path}/events"),
        http.get(f"{app.path}/events?limit=51"),
    ]
    expected = [401, 415, 400, 400, 400, 415, 404, 404, 405, 400]
    assert [answer.status for answer in refused] == expected
    assert app.send(http, {"message": "Last"}).status == 201
    assert http.connection.sock is socket
    assert app.messages(http) == ["Last", "First"]


# --- HEAD, OPTIONS, other sites' pages ---------------------------------------------------


def test_head_answers_as_get_without_a_body(http: Http, app: App) -> None:
    event = app.send(http, {"message": "Seen"}).json["id"]
    paths = ["/apps", app.path, f"{app.path}/events", f"{app.path}/events/{event}"]
    paths += [f"{app.path}/stats/{name}" for name in ("timeseries", "by-level", "top-messages")]
    for path in paths:
        head, get = http.call("HEAD", path), http.get(path)
        assert (head.status, head.body) == (200, b"")
        assert head.headers["content-type"] == get.headers["content-type"]
    assert http.call("HEAD", "/apps/999999999").status == 404


def test_options_name_what_is_allowed(http: Http, app: App) -> None:
    assert set(http.call("OPTIONS", f"{app.path}/events").headers["allow"].split(", ")) == {
        "GET",
        "POST",
        "HEAD",
        "OPTIONS",
    }
    assert "POST" not in http.call("OPTIONS", "/apps").headers["allow"]


def test_pages_of_other_sites_may_send_but_not_read(http: Http, app: App) -> None:
    page = {"Origin": "https://shop.example", "Sec_Fetch_Site": "cross-site"}
    wish = {**page, "Access_Control_Request_Method": "POST"}
    asked = http.call("OPTIONS", f"{app.path}/events", None, **wish)
    assert asked.status == 200
    for answer in (
        asked,
        app.send(http, {"message": "From a page"}, **page),
        app.send(http, {}, **page),
        app.send(http, {}, X_INGEST_KEY="0" * 32, **page),
    ):
        assert answer.headers["access-control-allow-origin"] == "*"
    allowed = asked.headers["access-control-allow-headers"].lower()
    assert all(name in allowed for name in ("content-type", "content-encoding", "x-ingest-key"))
    assert app.messages(http) == ["From a page"]
    for path in ("/apps", app.path, f"{app.path}/events", f"{app.path}/stats/by-level"):
        read = http.get(path, **page)
        assert read.status == 403
        assert "access-control-allow-origin" not in read.headers


# --- Lists -----------------------------------------------------------------------------


def test_a_list_is_paged_by_offset_and_by_cursor(http: Http, app: App) -> None:
    app.send(http, [{"message": str(n)} for n in range(5)])
    pages, offsets = [], []
    for offset in (0, 2, 4):
        page = http.get(f"{app.path}/events?limit=2&offset={offset}").json
        offsets.append(page["next_offset"])
        pages.append([event["message"] for event in page["items"]])
    assert (pages, offsets) == ([["4", "3"], ["2", "1"], ["0"]], [2, 4, None])
    cursor = ""
    for expected in pages:
        page = http.get(f"{app.path}/events?limit=2&cursor={cursor}").json
        cursor = page["next_cursor"]
        assert [event["message"] for event in page["items"]] == expected
    assert cursor is None


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=51", "limit=x", "offset=-1", "offset=99999999999999999999", "level=LOUD",
        "min_level=LOUD", "since=yesterday", "until=9999999999", "cursor=7", "tag=nocolon",
        "since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z", "q=%00", "environment=%00",
        "tag=a%00:b", "tag=a:%00", "logger=%ff%00", "level=%d9%a5%d9%a5%d9%a5",
    ],
)  # fmt: skip
def test_a_bad_parameter_is_named_and_never_a_failure(http: Http, app: App, query: str) -> None:
    answer = http.get(f"{app.path}/events?{query}")
    assert (answer.status, is_refusal(answer.json)) == (400, True)
    assert set(answer.json["errors"]) <= {*re.findall(r"(\w+)=", query)}


def test_a_cursor_past_the_end_of_time_begins_with_the_newest(http: Http, app: App) -> None:
    app.send(http, {"message": "Newest"})
    for end in ("ffffffff-ffff-7fff-bfff-ffffffffffff", "e677d21f-dbff-7fff-bfff-ffffffffffff"):
        assert app.messages(http, f"cursor={end}") == ["Newest"]


def test_an_event_of_an_impossible_id_is_not_found(http: Http, app: App) -> None:
    for identifier in ("7", "%00", str(uuid4()), "ffffffff-ffff-7fff-bfff-ffffffffffff"):
        assert http.get(f"{app.path}/events/{identifier}").status == 404


def test_a_list_is_filtered(http: Http, app: App) -> None:
    app.send(http, {"message": "Alpha", "level": "DEBUG", "environment": "test", "logger": "a"})
    app.send(http, {"message": "beta 50%", "level": "WARN", "release": "2", "tags": {"n": 1}})
    tags = {"service": "check:out", "n": 1, "on": True}
    app.send(http, {"message": "GAMMA", "level": "fatal", "tags": tags})
    expected = {
        "level=WARNING": ["beta 50%"],
        "level=debug,critical": ["GAMMA", "Alpha"],
        "level=10&level=30": ["beta 50%", "Alpha"],
        "min_level=WARNING": ["GAMMA", "beta 50%"],
        "q=MM": ["GAMMA"],
        "q=%25": ["beta 50%"],
        "q=_": [],
        f"tag={quote('service:check:out')}": ["GAMMA"],
        "tag=n:1": ["GAMMA", "beta 50%"],
        "tag=n:1&tag=on:true": ["GAMMA"],
        "tag=none:1": [],
        "environment=test": ["Alpha"],
        "release=2": ["beta 50%"],
        "logger=a": ["Alpha"],
        "logger=a&level=ERROR": [],
    }
    assert {query: app.messages(http, query) for query in expected} == expected


# --- Statistics ------------------------------------------------------------------------


def test_statistics_have_their_shapes_and_the_last_day_by_default(http: Http, app: App) -> None:
    sent = [{"message": "Often", "level": "ERROR"}] * 3 + [{"message": "Once"}]
    before = datetime.now(UTC)
    app.send(http, sent)
    last = app.listed(http, "level=ERROR")[0]["received_at"]
    series = http.get(f"{app.path}/stats/timeseries").json
    assert series["interval"] == "HOUR"
    assert sum(point["count"] for point in series["series"]) == 4
    assert all(UTC_TIME.fullmatch(point["bucket_start"]) for point in series["series"])
    since, until = map(datetime.fromisoformat, (series["since"], series["until"]))
    assert until - since == timedelta(hours=24)
    assert before < until <= datetime.now(UTC)
    errors = http.get(f"{app.path}/stats/timeseries/?level=ERROR&interval=MINUTE").json
    assert (errors["interval"], sum(p["count"] for p in errors["series"])) == ("MINUTE", 3)
    levels = http.get(f"{app.path}/stats/by-level").json
    assert levels["items"] == [{"level": "ERROR", "count": 3}, {"level": "INFO", "count": 1}]
    assert {"since", "until"} <= set(levels)
    top = http.get(f"{app.path}/stats/top-messages?limit=1&level=ERROR").json
    (first,) = top["items"]
    assert (top["limit"], first["message"], first["count"]) == (1, "Often", 3)
    assert first["last_seen"] == last


def test_since_is_inclusive_and_until_exclusive(http: Http, app: App) -> None:
    at = quote(app.send(http, {"message": "Edge"}).json["received_at"])
    for query, count in ((f"since={at}", 1), (f"until={at}", 0)):
        assert len(app.listed(http, query)) == count
        (levels, series, top) = (
            http.get(f"{app.path}/stats/{name}?{query}").json[items]
            for name, items in (
                ("by-level", "items"), ("timeseries", "series"), ("top-messages", "items"),
            )
        )  # fmt: skip
        assert [len(levels), len(series), len(top)] == [count] * 3


def test_empty_buckets_are_filled_in_days_of_a_zone(http: Http, app: App) -> None:
    query = "since=2026-03-28T12:00:00Z&until=2026-03-30T12:00:00Z&interval=DAY&fill=true"
    filled = http.get(f"{app.path}/stats/timeseries?{query}&tz=Europe/Warsaw").json["series"]
    assert filled == [
        {"bucket_start": start, "count": 0}
        for start in ("2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z")
    ]


def test_too_many_buckets_are_refused_with_what_fits(http: Http, app: App) -> None:
    query = "since=2026-01-01T00:00:00Z&until=2026-03-01T00:00:00Z&interval=MINUTE"
    refused = http.get(f"{app.path}/stats/timeseries?{query}")
    assert (refused.status, list(refused.json["errors"])) == (400, ["interval"])
    assert "HOUR" in refused.json["errors"]["interval"][0]


@pytest.mark.parametrize(
    "query",
    ["interval=YEAR", "tz=Mars/Base", "tz=../etc/passwd", "tz=%00", "since=x", "level=x",
     "limit=0", "limit=101", "limit=x", "since=2999-12-31T00:00:00Z"],
)  # fmt: skip
def test_a_bad_parameter_of_statistics_is_named(http: Http, app: App, query: str) -> None:
    name = "top-messages" if "limit" in query else "timeseries"
    answer = http.get(f"{app.path}/stats/{name}?{query}")
    assert (answer.status, is_refusal(answer.json)) == (400, True)
