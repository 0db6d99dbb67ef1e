import json
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection
from django.http import Http404
from django.utils import timezone

from applications import access, creation, deletion, key_cache, keys
from applications.factories import create_application, create_member, create_user
from applications.models import Application, Key, Membership
from loghandler import partitions

pytestmark = pytest.mark.django_db


@pytest.fixture
def applications(monkeypatch: pytest.MonkeyPatch) -> tuple[Application, Application]:
    """Two, with twelve minute counts each, in two partitions."""
    monkeypatch.setattr(deletion, "BATCH_ROWS", 5)
    today = partitions.today()
    partitions.ensure(today, today - timedelta(days=1))
    both = create_application("billing"), create_application("shop")
    counts = apps.get_model("stats", "MinuteCount").objects
    now = timezone.now()
    for application in both:
        for minutes in range(6):
            for day in range(2):
                at = now - timedelta(days=day)
                minute = at.replace(hour=12, minute=minutes, second=0, microsecond=0)
                counts.create(application=application, minute=minute, level=20, n=1)
    return both


def rows(application_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM stats_minutecount WHERE application_id = %s", [application_id]
        )
        return int(cursor.fetchone()[0])


def test_an_application_goes_with_its_keys_members_and_rows(
    applications: tuple[Application, Application],
) -> None:
    gone, kept = applications
    gone_id = gone.pk
    keys.issue(gone, Key.INGEST)
    create_member(gone)
    assert deletion.delete(gone) == 12
    assert list(Application.objects.all()) == [kept]
    assert not Key.objects.exists()
    assert not Membership.objects.exists()
    assert (rows(gone_id), rows(kept.pk)) == (0, 12)


def test_an_interrupted_deletion_leaves_a_closed_application_and_can_be_repeated(
    applications: tuple[Application, Application],
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    application = applications[0]
    secret = keys.issue(application, Key.INGEST).secret
    key_cache.look_up(secret)
    with monkeypatch.context() as patch:
        patch.setattr(deletion, "_row_batches", lambda application_id: 1 / 0)
        with (
            django_capture_on_commit_callbacks(execute=True),
            pytest.raises(ZeroDivisionError),
        ):
            deletion.delete(application)
    application.refresh_from_db()
    assert not application.active
    key = key_cache.look_up(secret)
    assert key is not None
    assert not key.works_at(timezone.now())
    assert deletion.delete(application) == 12


def test_a_day_that_is_pruned_meanwhile_is_no_failure(
    applications: tuple[Application, Application], monkeypatch: pytest.MonkeyPatch
) -> None:
    names = partitions.existing()
    names["stats_minutecount"].add("stats_minutecount_20010101")
    monkeypatch.setattr(partitions, "existing", lambda: names)
    assert deletion.delete(applications[0]) == 12


def test_a_wanted_deletion_takes_effect_at_once(
    applications: tuple[Application, Application], django_capture_on_commit_callbacks: Any
) -> None:
    application, other = applications
    secret = keys.issue(application, Key.INGEST).secret
    key_cache.look_up(secret)
    with django_capture_on_commit_callbacks(execute=True):
        deletion.want(application)
    key = key_cache.look_up(secret)
    assert key is not None
    assert not key.works_at(timezone.now())
    staff = create_user(is_staff=True)
    for reader in (staff, create_member(application), access.Anyone()):
        assert application not in access.visible(reader)
        with pytest.raises(Http404):
            access.readable_application(reader, application.pk)
    assert list(access.visible(staff)) == [other]
    assert rows(application.pk) == 12


def test_the_name_of_what_is_to_be_deleted_is_free(
    applications: tuple[Application, Application],
) -> None:
    deletion.want(applications[0])
    assert creation.create("billing").application.pk != applications[0].pk


def test_commands_do_not_find_what_is_to_be_deleted() -> None:
    application = create_application("billing")
    deletion.want(application)
    application.refresh_from_db()
    for name in (str(application.pk), application.name):
        with pytest.raises(CommandError, match="There is no application"):
            delete(name, "--yes")


def test_what_is_to_be_deleted_belongs_to_the_demo_no_more() -> None:
    deletion.want(create_application("demo-shop", demo=True))
    assert not Application.objects.of_the_demo().exists()


def test_of_two_wishes_to_delete_events_the_wider_one_counts() -> None:
    application = create_application()
    now = timezone.now()
    for days, counting in ((5, 5), (3, 3), (4, 3)):
        deletion.want_events(application, now - timedelta(days=days))
        application.refresh_from_db()
        assert application.delete_events_before == now - timedelta(days=counting)


def test_events_that_are_still_to_come_can_not_be_deleted() -> None:
    application = create_application()
    deletion.want_events(application, timezone.now() + timedelta(days=1))
    application.refresh_from_db()
    assert application.delete_events_before is not None
    assert application.delete_events_before <= timezone.now()


def delete(*arguments: str) -> str:
    out = StringIO()
    call_command("delete_application", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_deleted(applications: tuple[Application, Application]) -> None:
    billing, shop = applications
    assert delete("billing", "--yes").startswith("Deleted application billing and 12 rows")
    assert json.loads(delete(str(shop.pk), "--yes", "--json")) == {
        "id": shop.pk,
        "name": "shop",
        "deleted_rows": 12,
    }
    assert not Application.objects.filter(pk=billing.pk).exists()


def test_the_command_wants_to_be_told_yes_where_it_can_not_ask(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    create_application("billing")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(CommandError, match="--yes"):
        delete("billing")
    assert Application.objects.exists()


def test_the_command_asks_for_the_name_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    create_application("billing")
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: "y")
    with pytest.raises(CommandError, match="Nothing was deleted"):
        delete("billing")
    monkeypatch.setattr("builtins.input", lambda question: "billing")
    delete("billing")
    assert not Application.objects.exists()
