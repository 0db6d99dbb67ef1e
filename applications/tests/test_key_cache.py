from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from applications import key_cache, keys
from applications.factories import create_application, create_key
from applications.key_hash import key_hash
from applications.models import Key

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(key_cache, "monotonic", clock)
    return clock


def test_a_key_is_asked_for_once(django_assert_num_queries: Queries) -> None:
    application = create_application()
    secret = create_key(application)
    with django_assert_num_queries(1):
        key = key_cache.look_up(secret)
        assert key_cache.look_up(secret.upper()) is key
    assert key is not None
    assert (key.application_id, key.kind, key.prefix) == (application.pk, "ingest", secret[:8])
    assert key.application_active
    assert key.ended_at is None


def test_junk_is_not_asked_for(django_assert_num_queries: Queries) -> None:
    with django_assert_num_queries(0):
        assert key_cache.look_up("hello") is None


def test_an_unknown_key_is_remembered_for_a_second(
    django_assert_num_queries: Queries, clock: Clock
) -> None:
    with django_assert_num_queries(1):
        assert key_cache.look_up("a" * 32) is None
        assert key_cache.look_up("a" * 32) is None
    clock.now += 1
    with django_assert_num_queries(1):
        assert key_cache.look_up("a" * 32) is None


def test_a_known_key_is_asked_for_again_after_the_set_time(
    django_assert_num_queries: Queries, clock: Clock, settings: Any
) -> None:
    settings.KEY_CACHE_SECONDS = 5
    secret = create_key(create_application())
    key_cache.look_up(secret)
    Key.objects.update(expires_at=timezone.now())
    clock.now += 4.9
    with django_assert_num_queries(0):
        assert key_cache.look_up(secret).ended_at is None  # type: ignore[union-attr]
    clock.now += 0.1
    with django_assert_num_queries(1):
        assert key_cache.look_up(secret).ended_at is not None  # type: ignore[union-attr]


def test_while_one_request_refreshes_a_key_others_go_on_with_it(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = create_key(create_application())
    known = key_cache.look_up(secret)
    clock.now += 1_000
    asked: list[bytes] = []

    def slow_query(digest: bytes) -> key_cache.CachedKey | None:
        asked.append(digest)
        assert key_cache.look_up(secret) is known
        return known

    monkeypatch.setattr(key_cache, "_stored_key", slow_query)
    assert key_cache.look_up(secret) is known
    assert asked == [key_hash(secret)]


def test_a_known_key_goes_on_working_where_the_database_can_not_be_asked(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def silent(digest: bytes) -> None:
        raise OperationalError("couldn't get a connection after 10.00 sec")

    secret, unknown = create_key(create_application()), "ab" * 16
    known = key_cache.look_up(secret)
    monkeypatch.setattr(key_cache, "_stored_key", silent)
    for _ in range(3):
        clock.now += 60
        assert key_cache.look_up(secret) is known
    with pytest.raises(OperationalError):
        key_cache.look_up(unknown)


def test_nothing_is_remembered_for_zero_seconds(
    django_assert_num_queries: Queries, settings: Any
) -> None:
    settings.KEY_CACHE_SECONDS = 0
    secret = create_key(create_application())
    with django_assert_num_queries(4):
        for attempt in [secret, secret, "a" * 32, "a" * 32]:
            key_cache.look_up(attempt)


def test_a_revoked_key_has_ended_for_this_process_at_once(
    django_capture_on_commit_callbacks: Any,
) -> None:
    issued = keys.issue(create_application(), Key.INGEST)
    key_cache.look_up(issued.secret)
    with django_capture_on_commit_callbacks(execute=True):
        keys.revoke(issued.key)
    key = key_cache.look_up(issued.secret)
    assert key is not None
    assert not key.works_at(timezone.now())


def test_an_answer_that_a_change_has_overtaken_is_not_remembered(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Queries
) -> None:
    secret = create_key(create_application())
    stored_key = key_cache._stored_key

    def overtaken_query(digest: bytes) -> key_cache.CachedKey | None:
        found = stored_key(digest)
        key_cache.forget_all()
        return found

    monkeypatch.setattr(key_cache, "_stored_key", overtaken_query)
    key_cache.look_up(secret)
    with django_assert_num_queries(1):
        key_cache.look_up(secret)


def test_a_key_made_where_it_was_missed_is_found_at_once(
    monkeypatch: pytest.MonkeyPatch, clock: Clock
) -> None:
    monkeypatch.setattr("secrets.token_hex", lambda _: "b" * 32)
    assert key_cache.look_up("b" * 32) is None
    create_key(create_application())
    assert key_cache.look_up("b" * 32) is not None


def test_guessed_keys_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(key_cache, "_stored_key", lambda digest: None)
    for guess in range(3_000):
        key_cache.look_up(f"{guess:032x}")
    assert len(key_cache._misses) <= 1_000


def test_the_sentence_of_an_ended_key_names_its_prefix_and_its_end() -> None:
    end = datetime(2026, 11, 21, 8, 0, 0, 999, tzinfo=UTC)
    issued = keys.issue(create_application(), Key.INGEST, expires_at=end)
    key = key_cache.look_up(issued.secret)
    assert key is not None
    assert key.works_at(end - timedelta(microseconds=1))
    assert not key.works_at(end)
    sentence = f"The key {issued.secret[:8]}… ended at 2026-11-21T08:00:00Z."
    assert key_cache.ended_sentence(key) == key_cache.ended_sentence(issued.key) == sentence
