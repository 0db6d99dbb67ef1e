"""JSON that no query looks into is stored packed, and read as it was."""

import os
from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from applications.factories import create_application
from events.models import Event
from events.packing import WORTH, packed, unpacked
from events.records import Json, json_of
from ingest import pipeline
from ingest.factories import create_batch, create_record

FRAMES = json_of([{"file": f"/srv/shop/{n}.py", "function": "pay", "line": n} for n in range(40)])

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(values, st.integers(1, 100))
def test_what_is_packed_is_read_as_it_was(value: Any, times: int) -> None:
    text = json_of([value] * times)
    assert unpacked(packed(text)) == text
    assert len(packed(text)) <= len(text)


@pytest.mark.parametrize("text", [b'"short"', b"x" * (WORTH - 1), os.urandom(WORTH)])
def test_what_would_not_become_smaller_stays_as_it_is(text: bytes) -> None:
    assert packed(text) == text


def test_a_stack_is_stored_in_a_fifth_of_its_size() -> None:
    assert len(packed(FRAMES)) < len(FRAMES) / 5


def columns(event: Event) -> tuple[bytes | None, bytes | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT stack, data FROM events_event WHERE id = %s", [event.pk])
        row: tuple[bytes | None, bytes | None] = cursor.fetchone()
    return row


@pytest.mark.django_db
@pytest.mark.parametrize("stack", [FRAMES, json_of("short"), Json(b"1e999"), None])
def test_the_writer_packs_and_the_model_reads(stack: Json | None) -> None:
    application = create_application()
    data = json_of({"contexts": ["browser"] * 40})
    pipeline.accept(application.pk, create_batch(create_record(stack=stack, data=data)))
    event = Event.objects.of(application.pk).get()
    assert columns(event) == (stack and packed(stack), packed(data))
    assert event.data == {"contexts": ["browser"] * 40}
    expected = {FRAMES: 40, json_of("short"): "short", Json(b"1e999"): "1e999", None: None}[stack]
    assert (len(event.stack) if isinstance(event.stack, list) else event.stack) == expected
    event.stack = {"frames": [1]}
    event.save()
    assert Event.objects.values_list("stack", flat=True).get(pk=event.pk) == {"frames": [1]}


@pytest.mark.django_db
def test_what_was_stored_as_text_before_is_read_too() -> None:
    application = create_application()
    pipeline.accept(application.pk, create_batch(create_record()))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE events_event SET stack = convert_to(%s, 'UTF8')", [FRAMES.decode()])
    assert len(Event.objects.of(application.pk).get().stack) == 40


def test_no_query_looks_into_what_is_packed() -> None:
    with pytest.raises(FieldError, match="stack is packed"):
        Event.objects.filter(stack__frames=1)


@pytest.mark.django_db
def test_postgresql_does_not_compress_what_is_packed() -> None:
    """In the day's tables either: they take the table's settings over."""
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT DISTINCT attname, attstorage::text FROM pg_attribute
            JOIN pg_inherits ON inhrelid = attrelid
            WHERE inhparent = 'events_event'::regclass AND attname IN ('stack', 'data', 'user')
        """)
        assert dict(cursor.fetchall()) == {"stack": "e", "data": "e", "user": "x"}
