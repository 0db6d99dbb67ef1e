"""The native protocol: bytes to records, and what is wrong with the rest. No database."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from events.records import EventRecord, StoredEvent, moment_of, uuid7s
from ingest.protocols import native
from ingest.protocols.json_items import Limits
from ingest.records import Batch, Outcome, Rejection
from ingest.refusals import Refusal, TooLarge, Unsupported

LIMITS = Limits(10, 1_000)
NDJSON = "application/x-ndjson"


def parsed(body: bytes, content_type: str = "application/json") -> Batch:
    return native.parse(body, content_type, LIMITS)


def only(event: dict[str, Any]) -> EventRecord:
    batch = parsed(json.dumps(event).encode())
    assert batch.single
    return batch.events[0]


def refusal(body: bytes, content_type: str = "application/json") -> Refusal:
    with pytest.raises(Refusal) as caught:
        parsed(body, content_type)
    return caught.value


def test_an_event_needs_only_a_message() -> None:
    assert only({"message": "Boom"}) == EventRecord(message="Boom", level=20)


def test_every_field_arrives() -> None:
    record = only(
        {
            "message": "Boom",
            "level": "ERROR",
            "occurred_at": "2026-11-21T09:00:00.5+01:00",
            "stack": [{"file": "a.py", "line": 3}],
            "tags": {"service": "checkout", "n": 1},
            "event_id": "0c2a8f8e-5a0d-4b0b-9b5a-6a4f8f1f0d11",
            "environment": "production",
            "release": "1.4.2",
            "server_name": "web-1",
            "logger": "app.views",
            "trace_id": "abc",
            "user": {"id": 7},
        }
    )
    assert record == EventRecord(
        message="Boom",
        level=40,
        occurred_at=datetime(2026, 11, 21, 8, 0, 0, 500_000, UTC),
        stack=b'[{"file": "a.py", "line": 3}]',  # type: ignore[arg-type]
        tags=b'{"service": "checkout", "n": 1}',  # type: ignore[arg-type]
        event_id=UUID("0c2a8f8e5a0d4b0b9b5a6a4f8f1f0d11"),
        environment="production",
        release="1.4.2",
        server_name="web-1",
        logger="app.views",
        trace_id="abc",
        user=b'{"id": 7}',  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("level", "number"),
    [("debug", 10), ("Info", 20), ("WARN", 30), ("err", 40), ("fatal", 50), (40, 40), (35, 30)],
)
def test_levels_of_other_spellings_are_mapped(level: str | int, number: int) -> None:
    assert only({"message": "x", "level": level}).level == number


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-21T08:00:00Z",
        "2026-11-21T08:00:00",
        "2026-11-21 09:00:00+01:00",
        "20261121T080000Z",
    ],
)
def test_times_are_iso_8601_and_utc_without_a_zone(moment: str) -> None:
    record = only({"message": "x", "occurred_at": moment})
    assert record.occurred_at == datetime(2026, 11, 21, 8, tzinfo=UTC)


def test_unknown_fields_are_kept_as_data() -> None:
    record = only({"message": "x", "order": 7, "extra": {"a": None}})
    assert record.data == b'{"order":7,"extra":{"a":null}}'


def test_null_means_not_given() -> None:
    names = ["level", "occurred_at", "stack", "tags", "event_id", "environment", "user"]
    assert only({"message": "x"} | dict.fromkeys(names)) == EventRecord(message="x", level=20)


def test_what_postgresql_refuses_is_replaced_wherever_it_hides() -> None:
    body = (
        rb'{"message": "a\u0000\ud800b", "tags": {"k\u0000": "\udfff"}, "stack": ["\ud83d\ude00"]}'
    )
    record = parsed(body).events[0]
    assert record.message == "a\ufffd\ufffdb"
    assert json.loads(record.tags) == {"k\ufffd": "\ufffd"}
    assert json.loads(record.stack or b"") == ["😀"]


def test_invalid_utf8_and_a_byte_order_mark_cost_no_event() -> None:
    assert parsed(b'\xef\xbb\xbf{"message": "a\xffb"}').events[0].message == "a\ufffdb"


def test_what_python_writes_for_nan_becomes_null() -> None:
    assert parsed(b'{"message": "x", "stack": [NaN, -Infinity]}').events[0].stack == b"[null,null]"


def test_numbers_of_any_size_pass() -> None:
    body = b'{"message": "x", "stack": 123456789012345678901234567890, "more": 1}'
    assert parsed(body).events[0].stack == b"123456789012345678901234567890"


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("message", None, "This field is required."),
        ("message", 5, "Use a string."),
        ("message", "", "This field may not be empty."),
        ("level", "LOUD", "Use one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
        ("level", True, "Use one of DEBUG, INFO, WARNING, ERROR, CRITICAL."),
        ("occurred_at", "yesterday", "Use an ISO 8601 time such as 2026-11-21T08:00:00Z."),
        ("occurred_at", 1700000000, "Use an ISO 8601 time such as 2026-11-21T08:00:00Z."),
        ("occurred_at", "0001-01-01T00:00:00+14:00", "Use an ISO 8601 time"),
        ("tags", ["a"], "Use an object of names and values"),
        ("event_id", "7", "Use a UUID."),
        ("environment", {}, "Use a string."),
        ("release", "x" * 201, "Use at most 200 characters."),
    ],
)
def test_each_wrong_field_is_named(field: str, value: object, sentence: str) -> None:
    errors = refusal(json.dumps({"message": "x", field: value}).encode()).errors
    assert list(errors) == [field]
    assert errors[field][0].startswith(sentence)


def test_all_wrong_fields_are_told_at_once() -> None:
    assert set(refusal(b'{"level": "LOUD", "tags": 1}').errors) == {"message", "level", "tags"}


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "The body is empty"),
        (b"[]", "There is no event in the body."),
        (b"[1", "The body is not JSON"),
        (b"nonsense", "It is not JSON"),
        (b'"text"', "It is not a JSON object."),
    ],
)
def test_a_body_without_any_event_says_why(body: bytes, sentence: str) -> None:
    (errors,) = refusal(body).errors.values()
    assert errors[0].startswith(sentence)


def test_nesting_without_end_is_refused() -> None:
    body = b'{"message": "x", "stack": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    with pytest.raises(Refusal, match="nested too deeply"):
        native.parse(body, "", Limits(1, 1_000_000))


def test_one_bad_item_of_an_array_costs_only_itself() -> None:
    batch = parsed(b'[{"message": "a"}, {"message": ""}, 7, {"message": "b", "more": 1}]')
    assert [event.message for event in batch.events] == ["a", "b"]
    assert list(batch.positions) == [0, 3]
    assert batch.rejected == [
        Rejection(1, {"message": ["This field may not be empty."]}),
        Rejection(2, {"event": ["It is not a JSON object."]}),
    ]


def test_a_lone_surrogate_in_one_item_costs_nothing() -> None:
    batch = parsed(rb'[{"message": "a\ud800"}, {"message": "b"}]')
    assert [event.message for event in batch.events] == ["a\ufffd", "b"]


def test_one_broken_line_costs_only_itself() -> None:
    batch = parsed(b'{"message": "a"}\r\n\n{"mess\n{"message": "b"}', NDJSON)
    assert [event.message for event in batch.events] == ["a", "b"]
    assert list(batch.positions) == [0, 2]
    assert [rejection.index for rejection in batch.rejected] == [1]


def test_lines_are_a_batch_even_if_there_is_one() -> None:
    assert not parsed(b'{"message": "a"}', NDJSON).single


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-8",
        "application/vnd.example+json",
    ],
)
def test_json_is_read_whatever_curl_calls_it(content_type: str) -> None:
    assert parsed(b'{"message": "a"}', content_type).events


@pytest.mark.parametrize("content_type", ["application/xml", "multipart/form-data; boundary=x"])
def test_other_content_types_are_unsupported(content_type: str) -> None:
    error = refusal(b'{"message": "a"}', content_type)
    assert isinstance(error, Unsupported)
    assert error.status == 415


def test_an_event_past_its_bound_is_too_large_alone_and_rejected_among_others() -> None:
    large = json.dumps({"message": "x" * 1_000}).encode()
    assert isinstance(refusal(large), TooLarge)
    for body, content_type in (
        (b'[{"message": "a"},' + large + b"]", ""),
        (b'{"message": "a"}\n' + large, NDJSON),
    ):
        batch = parsed(body, content_type)
        assert [event.message for event in batch.events] == ["a"]
        assert batch.rejected[0].errors == {"event": ["It is larger than 1,000 bytes."]}


@pytest.mark.parametrize("content_type", ["", NDJSON])
def test_too_many_events_are_too_large(content_type: str) -> None:
    items = [b'{"message": "a"}'] * 11
    body = b"\n".join(items) if content_type else b"[" + b",".join(items) + b"]"
    assert isinstance(refusal(body, content_type), TooLarge)


# --- Answers -------------------------------------------------------------------------------


def stored(record: EventRecord) -> StoredEvent:
    (id_,) = uuid7s(1_700_000_000_123, 1)
    return StoredEvent(7, id_, moment_of(id_), record)


def test_one_event_is_answered_with_itself() -> None:
    record = only({"message": "Boom", "level": "warn", "tags": {"a": 1}, "stack": [1, {"b": None}]})
    event = stored(record)
    batch = Batch([record], [0], single=True)
    status, body = native.answer(batch, Outcome([event], [], []))
    assert status == 201
    assert json.loads(body) == {
        "id": str(event.id),
        "application_id": 7,
        "received_at": "2023-11-14T22:13:20.123000Z",
        "occurred_at": "2023-11-14T22:13:20.123000Z",
        "level": "WARNING",
        "message": "Boom",
        "stack": [1, {"b": None}],
        "tags": {"a": 1},
    } | dict.fromkeys(
        ["event_id", "environment", "release", "server_name", "logger", "trace_id", "user", "data"]
    )


def test_many_events_are_answered_with_counts() -> None:
    record = EventRecord(message="x")
    rejection = Rejection(2, {"message": ["This field is required."]})
    outcome = Outcome([stored(record)], [stored(record)], [rejection])
    status, body = native.answer(Batch([record, record], [0, 1], [rejection]), outcome)
    assert status == 201
    assert json.loads(body) == {
        "accepted": 1,
        "duplicates": 1,
        "rejected": [{"index": 2, "errors": {"message": ["This field is required."]}}],
    }


def test_a_batch_of_which_nothing_is_stored_is_400() -> None:
    rejection = Rejection(0, {"message": ["This field is required."]})
    status, body = native.answer(Batch([], [], [rejection]), Outcome([], [], [rejection]))
    assert status == 400
    assert msgspec.json.decode(body)["accepted"] == 0


def test_a_single_event_that_postgresql_refuses_is_400_in_the_shape_of_errors() -> None:
    rejection = Rejection(0, {"event": ["It can't be stored."]})
    batch = Batch([EventRecord(message="x")], [0], single=True)
    status, body = native.answer(batch, Outcome([], [], [rejection]))
    assert (status, json.loads(body)) == (400, {"errors": {"event": ["It can't be stored."]}})
