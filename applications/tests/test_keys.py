import uuid
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from applications import keys
from applications.factories import create_application
from applications.key_hash import key_hash
from applications.models import Key

NOON = datetime(2026, 1, 2, 12, 0, 30, tzinfo=UTC)


@pytest.mark.parametrize("junk", ["", "x" * 32, "a" * 31, "a" * 33, "ä" * 32, "\ud800" * 32])
def test_what_is_no_key_has_no_hash(junk: str) -> None:
    assert key_hash(junk) is None


def test_a_key_may_be_spelt_as_a_uuid_in_capitals() -> None:
    secret = uuid.UUID(int=0x1A2B3C4D5E6F708192A3B4C5D6E7F809)
    assert key_hash(f" {str(secret).upper()} ") == key_hash(secret.hex) is not None


@pytest.mark.django_db
def test_the_secret_is_not_stored() -> None:
    issued = keys.issue(create_application(), Key.INGEST)
    stored = Key.objects.values().get()
    assert len(issued.secret) == 32
    assert issued.secret not in str(stored)
    assert stored["prefix"] == issued.secret[:8]
    assert bytes(stored["sha256"]) == key_hash(issued.secret)


@pytest.mark.django_db
def test_a_rotation_lets_the_old_key_live_through_the_grace_period() -> None:
    application = create_application()
    old = keys.issue(application, Key.INGEST).key
    with time_machine.travel(NOON, tick=False):
        rotation = keys.rotate(application, Key.INGEST, grace=timedelta(hours=1))
        assert set(Key.objects.valid()) == {old, rotation.issued.key}
    with time_machine.travel(NOON + timedelta(hours=1), tick=False):
        assert set(Key.objects.valid()) == {rotation.issued.key}
    assert rotation.ending == (old,)


@pytest.mark.django_db
def test_a_rotation_does_not_lengthen_the_life_of_a_key_that_ends_sooner() -> None:
    application = create_application()
    soon = timezone.now() + timedelta(minutes=5)
    old = keys.issue(application, Key.INGEST, expires_at=soon).key
    keys.rotate(application, Key.INGEST)
    old.refresh_from_db()
    assert old.expires_at == soon


@pytest.mark.django_db
def test_a_rotation_spares_keys_of_the_other_kind_and_of_other_applications() -> None:
    application = create_application()
    spared = [
        keys.issue(application, Key.READ).key,
        keys.issue(create_application(), Key.INGEST).key,
    ]
    keys.rotate(application, Key.INGEST)
    assert all(Key.objects.get(pk=key.pk).ended_at is None for key in spared)


@pytest.mark.django_db(transaction=True)
def test_of_two_rotations_at_once_one_key_stays_without_an_end() -> None:
    application = create_application()
    keys.issue(application, Key.INGEST)

    def rotate() -> None:
        keys.rotate(application, Key.INGEST)
        connections.close_all()

    threads = [Thread(target=rotate) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Key.objects.count() == 5
    assert Key.objects.filter(expires_at=None).count() == 1


@pytest.mark.django_db
def test_a_revoked_key_keeps_its_first_end() -> None:
    key = keys.issue(create_application(), Key.READ).key
    with time_machine.travel(NOON, tick=False):
        keys.revoke(key)
    keys.revoke(key)
    key.refresh_from_db()
    assert key.ended_at == NOON


@pytest.mark.django_db
def test_the_use_of_a_key_is_noted_once_a_minute(django_assert_num_queries: object) -> None:
    key = keys.issue(create_application(), Key.READ).key
    with time_machine.travel(NOON, tick=False):
        keys.mark_used(key.pk)
        with django_assert_num_queries(0):  # type: ignore[operator]
            keys.mark_used(key.pk)
    key.refresh_from_db()
    assert key.last_used_at == NOON.replace(second=0)
