"""Levels, identities, storable text. No database."""

import json
import time
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.records import (
    json_of,
    level_number,
    moment_of,
    storable,
    uuid7s,
)


@given(st.integers(0, 2**47), st.integers(1, 50))
def test_ids_are_version_7_sorted_distinct_and_tell_their_moment(
    milliseconds: int, count: int
) -> None:
    ids = uuid7s(milliseconds, count)
    assert ids == sorted(set(ids))
    assert {(id_.version, id_.variant) for id_ in ids} == {(7, "specified in RFC 4122")}
    assert {id_.int >> 80 for id_ in ids} == {milliseconds}


def test_two_batches_of_one_millisecond_share_no_id() -> None:
    now = time.time_ns() // 1_000_000
    assert not set(uuid7s(now, 1_000)) & set(uuid7s(now, 1_000))


def test_an_id_tells_its_moment_in_utc() -> None:
    (id_,) = uuid7s(1_700_000_000_123, 1)
    assert moment_of(id_) == datetime(2023, 11, 14, 22, 13, 20, 123_000, UTC)


@pytest.mark.parametrize("level", ["loud", "", " ", 0, 9, 101, -10])
def test_what_is_no_level_is_none(level: str | int) -> None:
    assert level_number(level) is None


def test_storable_text_keeps_all_but_nul_and_lone_surrogates() -> None:
    assert storable("a\x00b\ud83dc😀\ufffe\u202e") == "a\ufffdb\ufffdc😀\ufffe\u202e"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(json_values)
def test_json_values_survive(value: object) -> None:
    text = json.dumps(value)
    if "\\u0000" in text or "\\ud" in text:
        return
    finite = "Infinity" not in text
    assert not finite or json.loads(json_of(value)) == value


@given(st.text(st.characters()))
def test_any_text_becomes_storable(text: str) -> None:
    json.loads(json_of(text)).encode()
    assert "\x00" not in json.loads(json_of({text: [text]}))
