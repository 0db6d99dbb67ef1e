"""Each array is read by PostgreSQL as the values that it was made of."""

import struct
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import psycopg
import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from loghandler import arrays
from loghandler.statements import Statement, run

TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
INSTANTS = st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
# Type, encoder, values, and how a value is given to the encoder.
KINDS: list[tuple[str, Callable[[Any], bytes], st.SearchStrategy[Any], Callable[[Any], Any]]] = [
    ("bigint", arrays.bigints, st.integers(-(2**63), 2**63 - 1), int),
    ("smallint", arrays.smallints, st.integers(-(2**15), 2**15 - 1), int),
    ("timestamptz", arrays.timestamps, INSTANTS, lambda value: value),
    ("date", arrays.dates, st.dates(), lambda value: value),
    ("text", arrays.texts, TEXTS | st.none(), lambda value: value),
    ("uuid", arrays.uuids, st.uuids() | st.none(), lambda value: value and value.bytes),
    ("bytea", arrays.byteas, st.binary() | st.none(), lambda value: value),
]


def read(type_: str, array: bytes) -> list[Any]:
    with connection.cursor() as wrapper:
        cursor: psycopg.Cursor[Any] = psycopg.Cursor(wrapper.connection)
        cursor.execute(f"CREATE TEMP TABLE read (items {type_}[]) ON COMMIT DROP")
        run(wrapper.connection, [(Statement("INSERT INTO read SELECT $1"), [array])])
        cursor.execute("SELECT items FROM read")
        row = cursor.fetchone()
        cursor.execute("DROP TABLE read")
    assert row
    items: list[Any] = row[0]
    return items


class TestArrays(TestCase):
    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def test_postgresql_reads_what_was_written(self, data: st.DataObject) -> None:
        for type_, encoded, values, given_ in KINDS:
            items = data.draw(st.lists(values, min_size=1, max_size=5))
            assert read(type_, encoded([given_(item) for item in items])) == items


@pytest.mark.django_db
def test_json_is_read_as_jsonb() -> None:
    assert read("jsonb", arrays.jsonbs([b'{"a":[1,null]}', None])) == ['{"a": [1, null]}', None]


@pytest.mark.django_db
def test_moments_of_other_zones_are_the_same_moments() -> None:
    moment = datetime(2026, 11, 25, 1, 30, 0, 123456, timezone(timedelta(hours=5, minutes=45)))
    assert read("timestamptz", arrays.timestamps([moment])) == [moment]


@pytest.mark.django_db
def test_nothing_is_an_empty_array() -> None:
    assert read("bigint", arrays.bigints([])) == []
    assert read("uuid", arrays.uuids([])) == []


def test_what_a_type_cannot_hold_is_an_error() -> None:
    with pytest.raises(UnicodeEncodeError):
        arrays.texts(["\ud800"])
    with pytest.raises(struct.error, match="format requires"):
        arrays.smallints([2**15])
