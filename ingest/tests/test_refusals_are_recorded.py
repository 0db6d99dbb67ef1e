"""Every refusal of a sender is there for the owner of the application to see, with its reason."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from applications import deletion, keys
from applications.factories import create_application, create_key
from applications.models import Application, Key
from ingest import pipeline, refusal_log
from ingest.group_commit import Busy, TooManyWaiting
from ingest.models import RefusalCount
from ingest.refusal_log import RefusedReason, refused, refused_count

pytestmark = pytest.mark.django_db

EVENT = {"message": "Boom"}
UNKNOWN_KEY = "0123456789abcdef" * 2
LEVELS = "level: Use one of DEBUG, INFO, WARNING, ERROR, CRITICAL."


@pytest.fixture
def application() -> Application:
    return create_application()


def send(application_id: object, key: str | None, body: Any = EVENT, **headers: str) -> int:
    given = {"X-INGEST-KEY": key} if key is not None else {}
    content_type = headers.pop("content_type", "application/json")
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    path = f"/apps/{application_id}/events"
    client = Client(headers=given | headers)
    return client.generic("POST", path, sent, content_type).status_code


def an_hour_ago() -> datetime:
    return timezone.now() - timedelta(hours=1)


def reasons(application: Application) -> list[tuple[int, str, int]]:
    found = refused(application.pk, an_hour_ago())
    return [(one.status, one.reason, one.count) for one in found]


def test_a_refused_key_is_recorded_for_the_application_of_the_path(
    application: Application,
) -> None:
    ended = keys.issue(application, Key.INGEST)
    with time_machine.travel("2026-11-21T08:00:00Z", tick=False):
        keys.revoke(ended.key)
    read_key, foreign = create_key(application, Key.READ), create_key(create_application())
    closed = create_application(active=False)
    of_reading = f"The key {read_key[:8]}… is for reading; use an ingest key here."
    of_ended = f"The key {ended.key.prefix}… ended at 2026-11-21T08:00:00Z."
    of_foreign = f"The key {foreign[:8]}… belongs to another application."
    cases: list[tuple[Application, str | None, int, str]] = [
        (application, None, 401, "Send the application's ingest key as X-INGEST-KEY."),
        (application, UNKNOWN_KEY, 401, "There is no such key."),
        (application, read_key, 401, of_reading),
        (application, ended.secret, 401, of_ended),
        (application, foreign, 403, of_foreign),
        (closed, create_key(closed), 403, "This application is inactive and takes no events."),
    ]
    for about, secret, status, reason in cases:
        assert send(about.pk, secret) == status
        assert reasons(about)[0] == (status, reason, 1)
    assert refused_count(application.pk, an_hour_ago()) == 5


def test_a_refused_body_is_recorded_in_words(application: Application, settings: Any) -> None:
    settings.MAX_BODY_BYTES, settings.MAX_BATCH_EVENTS = 1_000, 3
    key = create_key(application)
    cases: list[tuple[Any, dict[str, str], int, str]] = [
        ({"message": "x" * 2_000}, {}, 413, "The body is larger than 1,000 bytes; send it in"),
        ([EVENT] * 4, {}, 413, "4 events in one body; send at most 3 at once."),
        (EVENT, {"content_type": "image/png"}, 415, "Content-Type 'image/png' is not understood"),
        (EVENT, {"Content-Encoding": "lzma"}, 415, "Content-Encoding 'lzma' is not understood"),
        (b"{", {}, 400, "event: It is not JSON: Expecting property name"),
        (b"[1,", {}, 400, "The body is not JSON: "),
        (b"", {}, 400, "The body is empty; send an event as a JSON object."),
        ({**EVENT, "level": "LOUD"}, {}, 400, LEVELS),
        ({}, {}, 400, "message: This field is required."),
        ({"level": 3}, {}, 400, f"{LEVELS} message: This field is required."),
    ]
    for body, headers, status, reason in cases:
        assert send(application.pk, key, body, **headers) == status
        assert reasons(application)[0][0] == status
        assert reasons(application)[0][1].startswith(reason)
    assert refused_count(application.pk, an_hour_ago()) == len(cases)


@pytest.mark.parametrize(("busy", "status"), [(Busy, 503), (TooManyWaiting, 429)])
def test_a_service_that_can_not_keep_up_is_recorded(
    application: Application,
    monkeypatch: pytest.MonkeyPatch,
    busy: type[Busy],
    status: int,
) -> None:
    class Overwhelmed:
        def commit(self, *args: object) -> None:
            raise busy("Too many events are waiting.")

    monkeypatch.setattr(pipeline, "committer", Overwhelmed)
    assert send(application.pk, create_key(application)) == status
    assert reasons(application) == [(status, "Too many events are waiting.", 1)]


def test_rejected_items_are_counted_beside_those_that_were_stored(
    application: Application,
) -> None:
    key = create_key(application)
    bad: dict[str, Any] = {**EVENT, "level": "LOUD"}
    assert send(application.pk, key, [EVENT, bad, {}, bad]) == 201
    assert sorted(reasons(application)) == [
        (400, LEVELS, 2),
        (400, "message: This field is required.", 1),
    ]
    assert send(application.pk, key, [bad, bad]) == 400
    assert refused_count(application.pk, an_hour_ago()) == 5


def test_an_accepted_event_records_nothing(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = create_key(application)
    monkeypatch.setattr("ingest.refusal_recorder.recorder", lambda: 1 / 0)
    assert send(application.pk, key) == 201
    assert send(application.pk, key, [EVENT, EVENT]) == 201


def test_other_refusals_of_the_same_path_are_not_of_sending(application: Application) -> None:
    client = Client()
    assert client.get(f"/apps/{application.pk}/events").status_code == 401
    assert client.put(f"/apps/{application.pk}/events").status_code in {401, 405}
    assert client.post(f"/apps/{application.pk}/events/1").status_code in {401, 405}
    assert not RefusalCount.objects.exists()


def test_an_application_that_does_not_exist_is_not_recorded(application: Application) -> None:
    key = create_key(application)
    for unknown in (10**9, 10**17, 10**25, "shop", "²", "-1"):
        assert send(unknown, key) == 404
        assert send(unknown, None) == 401
    assert not RefusalCount.objects.exists()


def test_the_sender_is_told_by_the_shown_digits_of_its_key_and_its_name(
    application: Application,
) -> None:
    dashed = "01234567-89AB-cdef-0123-456789abcdef"
    agent = {"User-Agent": "shop/1.0 " + "x" * 300}
    send(application.pk, dashed, **agent)
    (one,) = refused(application.pk, an_hour_ago())
    assert (one.key_prefix, one.client) == ("01234567", agent["User-Agent"][:200])
    send(application.pk, "correct horse battery staple", **{"User-Agent": "nul\x00"})
    (one,) = refused(application.pk, an_hour_ago())
    assert (one.count, one.key_prefix, one.client) == (2, "", "nul\ufffd")


def test_neither_a_secret_nor_the_body_is_stored(application: Application) -> None:
    key = create_key(application)
    foreign, password = create_key(create_application()), "correct horse battery staple"
    for secret in (foreign, UNKNOWN_KEY, password):
        send(application.pk, secret, {"message": "Mine", "level": "Mine"})
    for body in (b"Mine", b"[Mine]", b'{"Mine', b'{"message":"Mine","level":"Mine"}'):
        send(application.pk, key, body)
        send(application.pk, key, body, content_type="application/x-ndjson")
    rows = str(list(RefusalCount.objects.values()))
    assert RefusalCount.objects.count() >= 5
    for kept_back in (foreign, UNKNOWN_KEY, password, "correct", key, "Mine"):
        assert kept_back not in rows


def test_a_reason_is_cut_and_storable(application: Application) -> None:
    content_type = "x/" + "y" * 2_000
    assert send(application.pk, create_key(application), content_type=content_type) == 415
    ((_, reason, _),) = reasons(application)
    assert len(reason) == 500


def test_a_client_that_takes_compressed_answers_is_recorded_alike(
    application: Application,
) -> None:
    content_type = "x/" + "y" * 300
    key = create_key(application)
    send(application.pk, key, content_type=content_type, **{"Accept-Encoding": "gzip"})
    assert reasons(application)[0][1].startswith("Content-Type 'x/yyy")


def test_refusals_are_visible_to_their_application_alone(application: Application) -> None:
    other = create_application()
    send(application.pk, None)
    assert refused(other.pk, an_hour_ago()) == []
    assert refused_count(other.pk, an_hour_ago()) == 0
    send(other.pk, UNKNOWN_KEY)
    assert len(reasons(application)) == len(reasons(other)) == 1
    assert refused_count(application.pk, an_hour_ago()) == 1


def test_an_application_goes_with_its_refusals(application: Application) -> None:
    other = create_application()
    for about in (application, other):
        send(about.pk, None)
    gone_id = application.pk
    assert deletion.delete(application) == 1
    assert not RefusalCount.objects.of(gone_id).exists()
    assert RefusalCount.objects.of(other.pk).exists()


def test_what_is_read_is_counted_since_a_moment_newest_first(application: Application) -> None:
    first = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    sent: list[tuple[timedelta, str | None]] = [
        (timedelta(), None),
        (timedelta(hours=1), UNKNOWN_KEY),
        (timedelta(hours=2), None),
    ]
    for after, key in sent:
        with time_machine.travel(first + after, tick=False):
            send(application.pk, key, **{"User-Agent": f"after {after.seconds // 3600} h"})
    missing = "Send the application's ingest key as X-INGEST-KEY."
    newest, older = refused(application.pk, first)
    last = first + timedelta(hours=2)
    assert newest == RefusedReason(401, missing, 2, last, "", "after 2 h")
    assert (older.reason, older.key_prefix) == ("There is no such key.", UNKNOWN_KEY[:8])
    assert refused_count(application.pk, first) == 3
    since = first + timedelta(seconds=1)
    assert refused_count(application.pk, since) == 2
    assert [one.count for one in refused(application.pk, since)] == [1, 1]
    assert refused(application.pk, last + timedelta(seconds=1)) == []


def test_a_missing_partition_heals_itself(application: Application) -> None:
    moment = datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        send(application.pk, None)
    assert RefusalCount.objects.of(application.pk).get().first_seen == moment


def test_sizes_and_positions_make_no_reason_of_their_own(
    application: Application, settings: Any
) -> None:
    settings.MAX_BATCH_EVENTS = 1
    key = create_key(application)
    for size in (2, 3, 4):
        send(application.pk, key, [EVENT] * size)
        send(application.pk, key, b'{"a":' + b"1" * size)
    assert sorted(count for _, _, count in reasons(application)) == [3, 3]
    assert (413, "4 events in one body; send at most 1 at once.", 3) in reasons(application)


def test_reasons_without_end_are_summed_up_as_other_reasons(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal_log, "MOST_REASONS", 3)
    key = create_key(application)
    names = [chr(ord("a") + n) for n in range(6)]
    with time_machine.travel("2026-11-21T08:00:00Z"):
        for name in names:
            send(application.pk, key, content_type=f"x/{name}")
        send(application.pk, key, content_type="x/a")
        send(application.pk, None)
    assert RefusalCount.objects.count() == 3 + 2
    since = datetime(2026, 11, 21, 8, tzinfo=UTC)
    found = {(one.status, one.reason): one.count for one in refused(application.pk, since)}
    assert found[415, "Other reasons."] == 3
    assert found[401, "Other reasons."] == 1
    assert sum(found.values()) == refused_count(application.pk, since) == 8


def test_a_long_range_is_summed_up_past_its_newest_reasons(
    application: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal_log, "MOST_REASONS", 2)
    key = create_key(application)
    start = datetime(2026, 11, 21, 8, tzinfo=UTC)
    for hour in range(4):
        with time_machine.travel(start + timedelta(hours=hour), tick=False):
            send(application.pk, key, content_type=f"x/{'abcd'[hour]}")
    found = refused(application.pk, start)
    assert [one.reason[:19] for one in found] == [
        "Content-Type 'x/d' ", "Content-Type 'x/c' ", "Other reasons.",
    ]  # fmt: skip
    assert [one.count for one in found] == [1, 1, 2]
