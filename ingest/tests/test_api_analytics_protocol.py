"""What API Analytics' clients send, in all of its variations, becomes requests."""

import json
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.protocols import api_analytics
from ingest.protocols.api_analytics import Post
from ingest.records import Rejection
from ingest.refusals import Refusal
from traffic.records import RequestRecord

SAMPLES = Path(__file__).parent / "samples" / "api_analytics"
KEY = "4511978f-03ac-433a-85fb-0465cded48c0"
NOW = datetime(2026, 11, 21, 7, 42, 44, tzinfo=UTC)
AT = datetime(2026, 11, 21, 7, 42, 43, tzinfo=UTC)


def record(path: str, status: int, duration_ms: float, **fields: Any) -> RequestRecord:
    given = {"method": "GET", "occurred_at": AT, **fields}
    return RequestRecord(path=path, status=status, duration_ms=duration_ms, **given)


# What is expected of each file in SAMPLES.
GOLDEN = {
    "fastapi-1.2.5": record(
        "/items/1", 200, 3.0,
        occurred_at=AT.replace(microsecond=3615),
        hostname="127.0.0.1",
        ip_address=ip_address("127.0.0.1"),
        user_agent="Python-urllib/3.11",
        framework="FastAPI",
    ),
    "express-1.3.0": record(
        "/a?token=secret", 200, 0.0,
        occurred_at=AT.replace(microsecond=997_000),
        hostname="localhost:3000",
        ip_address=ip_address("203.0.113.9"),
        framework="Express",
    ),
    "go-gin": record(
        "/users/update", 500, 41_000.0,
        method="POST",
        hostname="api.example.com:8080",
        ip_address=ip_address("192.0.2.17"),
        user_agent="curl/8.5.0",
        user_id="o'brien",
        framework="Gin",
        privacy_level=1,
    ),
    "rust-rocket": record(
        "/select-plan/a--b", 204, 7.0,
        method="PATCH",
        occurred_at=AT.replace(microsecond=123_456),
        hostname="example.com",
        ip_address=ip_address("2001:db8::1"),
        framework="Rocket",
        privacy_level=2,
    ),
    "php-native": record(
        "/", 404, 12.75, method="OPTIONS", hostname="example.com", framework="Native PHP"
    ),
    "before-privacy-1.1": record(
        "/a", 201, 5.0,
        method="POST",
        hostname="example.com",
        ip_address=ip_address("192.0.2.1"),
        user_agent="x",
        framework="Flask",
    ),
    "starlette-testclient": record(
        "/", 200, 1.0,
        occurred_at=AT.replace(microsecond=500_000),
        hostname="testserver",
        user_agent="testclient",
        user_id="42",
        framework="Starlette",
    ),
}  # fmt: skip


def test_every_sample_has_what_is_expected_of_it() -> None:
    assert {path.stem for path in SAMPLES.glob("*.json")} == set(GOLDEN)


@pytest.mark.parametrize("name", GOLDEN)
def test_a_real_body_becomes_its_request(name: str) -> None:
    post = api_analytics.parse((SAMPLES / f"{name}.json").read_bytes(), NOW)
    assert post.api_key.replace("-", "") == KEY.replace("-", "")
    assert not post.batch.rejected
    assert list(post.batch.requests) == [GOLDEN[name]]


def parsed(*rows: Any, now: datetime = NOW, **fields: Any) -> Post:
    body = {"api_key": KEY, "requests": rows, "framework": "Flask", **fields}
    return api_analytics.parse(json.dumps(body).encode(), now)


def row(**fields: Any) -> dict[str, Any]:
    given = {"method": "GET", "path": "/", "status": 200, "created_at": "2026-11-21T07:42:43Z"}
    return {**given, **fields}


def one(**fields: Any) -> RequestRecord:
    (found,) = parsed(row(**fields)).batch.requests
    return found


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("1.2.3.4, 5.6.7.8", "1.2.3.4"),
        ("1.2.3.4:5678", "1.2.3.4"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:1.2.3.4", "1.2.3.4"),
        ("fe80::1%eth0", "fe80::1"),
        ("testclient", None),
        ("", None),
        (None, None),
        (7, None),
    ],
)
def test_an_address_is_read_or_left_out(sent: Any, kept: str | None) -> None:
    assert one(ip_address=sent).ip_address == (ip_address(kept) if kept else None)


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (41_000, 41_000.0),
        (12.5, 12.5),
        ("7", 7.0),
        (-3, 0.0),
        (None, 0.0),
        ("x", 0.0),
        (1e300, 2**31),
    ],
)
def test_a_response_time_is_read_whatever_its_type(sent: Any, kept: float) -> None:
    assert one(response_time=sent).duration_ms == kept


@pytest.mark.parametrize("sent", ["", "yesterday", "2026-13-41T00:00:00Z", 7, None, {}])
def test_a_time_that_can_not_be_read_is_the_time_of_receiving(sent: Any) -> None:
    assert one(created_at=sent).occurred_at is None


@pytest.mark.parametrize(
    ("sent", "kept"), [(None, 0), (0, 0), (1, 1), (2, 2), (7, 2), ("1", 1), ("high", 2), (True, 2)]
)
def test_a_privacy_level_that_can_not_be_read_is_the_strictest(sent: Any, kept: int) -> None:
    (found,) = parsed(row(), privacy_level=sent).batch.requests
    assert found.privacy_level == kept


@pytest.mark.parametrize("hours", [-11, -5, 0, 1, 5.5, 5.75, 12.75, 14])
def test_naive_times_are_those_of_the_zone_in_which_the_last_request_was_just_answered(
    hours: float,
) -> None:
    ahead = timedelta(hours=hours)
    local = [(NOW - age + ahead).replace(tzinfo=None) for age in map(timedelta, (0.01, 0.001, 0))]
    post = parsed(*(row(created_at=time.isoformat()) for time in local))
    moments = [found.occurred_at for found in post.batch.requests]
    assert moments == [time.replace(tzinfo=UTC) - ahead for time in local]


@pytest.mark.parametrize("minutes", [-1, -4, -9, -7 * 60 - 6, -24 * 60, 16 * 60])
def test_naive_times_that_fit_no_zone_are_utc(minutes: int) -> None:
    time = (NOW + timedelta(minutes=minutes)).replace(tzinfo=None)
    (found,) = parsed(row(created_at=time.isoformat())).batch.requests
    assert found.occurred_at == time.replace(tzinfo=UTC)


def test_a_row_that_can_not_be_read_costs_only_itself() -> None:
    post = parsed(
        row(), 7, row(method=None), row(method="PURGE"), row(method="get"), row(method=99)
    )
    assert [found.method for found in post.batch.requests] == ["GET", "PURGE", "GET"]
    assert list(post.batch.request_positions) == [0, 3, 4]
    assert [rejection.index for rejection in post.batch.rejected] == [1, 2, 5]


def test_no_row_is_one_too_many() -> None:
    assert len(parsed(*(row() for _ in range(2_500))).batch.requests) == 2_500


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "empty"),
        (b"{", "Invalid request data"),
        (b"[]", "send a JSON object"),
        (b'{"requests": [{}]}', "API key required"),
        (b'{"api_key": "", "requests": [{}]}', "API key required"),
        (b'{"api_key": 7, "requests": [{}]}', "API key required"),
        (b'{"api_key": "k"}', "no logged requests"),
        (b'{"api_key": "k", "requests": []}', "no logged requests"),
        (b'{"api_key": "k", "requests": null}', "no logged requests"),
        (b'{"api_key": "k", "requests": {}}', "no list"),
        (b'{"api_key": "k", "requests": ' + b"[" * 100_000, "nested too deeply"),
    ],
)
def test_a_body_without_requests_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        api_analytics.parse(body, NOW)


def test_text_that_postgresql_refuses_is_scrubbed() -> None:
    assert one(path="/a\x00b", user_id="\ud800").path == "/a\ufffdb"
    assert one(user_id="\ud800").user_id == "\ufffd"


def test_bytes_that_are_no_text_cost_only_themselves() -> None:
    body = json.dumps({"api_key": KEY, "requests": [row(path="/é")]}, ensure_ascii=False)
    (found,) = api_analytics.parse(body.encode("latin-1"), NOW).batch.requests
    assert found.path == "/\ufffd"


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(api_analytics._Row.__struct_fields__), anything) | anything,
        min_size=1,
        max_size=5,
    ),
    anything,
    anything,
)
def test_every_row_is_a_request_or_rejected(rows: list[Any], framework: Any, level: Any) -> None:
    batch = parsed(*rows, framework=framework, privacy_level=level).batch
    positions = [*batch.request_positions, *(rejection.index for rejection in batch.rejected)]
    assert sorted(positions) == list(range(len(rows)))
    for found in batch.requests:
        assert found.method
        assert 0 <= found.status <= 999
        assert 0 <= found.duration_ms <= 2**31


def test_the_answer_is_the_reference_servers_unless_something_was_not_stored() -> None:
    assert api_analytics.stored(3, []) == (
        201,
        b'{"message":"API requests logged successfully.","status":201}',
    )
    status, body = api_analytics.stored(1_999, [Rejection(7, {"method": ["Send a method."]})])
    assert status == 201
    assert json.loads(body) == {
        "message": "1,999 of 2,000 API requests logged.",
        "status": 201,
        "accepted": 1_999,
        "rejected": [{"index": 7, "errors": {"method": ["Send a method."]}}],
    }
    assert api_analytics.stored(0, [Rejection(0, {})])[0] == 400
