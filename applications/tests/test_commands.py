import json
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.core.management.base import BaseCommand
from django.test import Client

from applications import key_cache, keys
from applications.factories import create_application, create_user
from applications.management.commands import create_key as create_key_command
from applications.models import Application, Key

pytestmark = pytest.mark.django_db


def said(command: str, *arguments: str) -> str:
    out = StringIO()
    call_command(command, *arguments, stdout=out)
    return out.getvalue()


def answered(command: str, *arguments: str) -> Any:
    return json.loads(said(command, *arguments, "--json"))


def test_create_application_says_its_id_and_its_key() -> None:
    text = said("create_application", "billing", "--description", "Invoices")
    application, key = Application.objects.get(), Key.objects.get()
    assert f"Created application billing with id {application.pk}." in text
    found = key_cache.look_up(text.split()[-1])
    assert found is not None
    assert found.id == key.pk
    assert application.description == "Invoices"


def test_create_application_answers_like_the_rest_api() -> None:
    answer = answered("create_application", "billing", "--retention-days", "7")
    assert answer.keys() == {"id", "name", "ingest_key", "created_at"}
    assert Application.objects.get(pk=answer["id"]).retention_days == 7


def test_create_application_can_name_its_admin() -> None:
    user = create_user("alice")
    said("create_application", "billing", "--admin", "alice")
    assert user.memberships.get().role == "admin"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["Billing"], "lower-case letters"),
        (["taken"], "exists already"),
        (["billing", "--admin", "ghost"], "There is no user 'ghost'"),
        (["billing", "--retention-days", "0"], "greater than or equal to 1"),
    ],
)
def test_create_application_says_why_not(arguments: list[str], sentence: str) -> None:
    create_application("taken")
    with pytest.raises(CommandError, match=sentence) as refusal:
        said("create_application", *arguments)
    assert refusal.value.returncode == 1
    assert Application.objects.count() == 1


@pytest.mark.parametrize("by", ["name", "pk"])
def test_create_key_takes_the_application_by_name_or_id(by: str) -> None:
    application = create_application("billing")
    answer = answered("create_key", str(getattr(application, by)), "--kind", "read", "--label", "x")
    key = Key.objects.get()
    assert (answer["prefix"], answer["kind"], answer["label"]) == (key.prefix, "read", "x")
    assert answer["application"] == "billing"
    assert answer["key"].startswith(key.prefix)
    assert answer["ended_at"] is None


def test_create_key_can_set_an_end() -> None:
    create_application("billing")
    text = said("create_key", "billing", "--expires", "90d")
    key = Key.objects.get()
    assert key.expires_at is not None
    assert (key.expires_at - key.created_at).days in {89, 90}
    assert f"works until {key.expires_at:%Y-%m-%dT%H:%M:%SZ}" in text


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ghost"], "There is no application 'ghost'"),
        (["999999"], "There is no application '999999'"),
        (["billing", "--label", "x" * 65], "at most 64 characters"),
        (["billing", "--expires", "soon"], "not a duration"),
        (["billing", "--kind", "other"], "invalid choice"),
    ],
)
def test_create_key_says_why_not(arguments: list[str], sentence: str) -> None:
    create_application("billing")
    with pytest.raises(CommandError, match=sentence):
        said("create_key", *arguments)
    assert not Key.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "code"), [(["ghost"], 1), ([], 2), (["billing", "--expires", "soon"], 2)]
)
def test_exit_codes_tell_refusals_from_wrong_usage(
    arguments: list[str], code: int, capsys: pytest.CaptureFixture[str]
) -> None:
    create_application("billing")
    command: BaseCommand = create_key_command.Command()
    with pytest.raises(SystemExit) as end:
        command.run_from_argv(["manage.py", "create_key", *arguments])
    assert end.value.code == code
    assert capsys.readouterr().err


def test_list_keys_shows_those_that_work() -> None:
    billing, shop = create_application("billing"), create_application("shop")
    valid, other = keys.issue(billing, Key.INGEST, label="web").key, keys.issue(shop, Key.READ).key
    ended = keys.issue(billing, Key.INGEST).key
    keys.revoke(ended)

    def listed(*arguments: str) -> set[str]:
        return {key["prefix"] for key in answered("list_keys", *arguments)["keys"]}

    assert listed() == {valid.prefix, other.prefix}
    assert listed("billing") == {valid.prefix}
    assert listed("billing", "--all") == {valid.prefix, ended.prefix}
    header, row = said("list_keys", "billing").splitlines()
    assert header.split()[:3] == ["PREFIX", "KIND", "APPLICATION"]
    assert row.split()[:3] == [valid.prefix, "ingest", "billing"]
    assert row.endswith("web")


def test_list_keys_says_when_there_are_none() -> None:
    assert said("list_keys") == "There are no such keys.\n"
    assert answered("list_keys") == {"keys": []}


def test_rotate_keys_replaces_each_kind_that_has_valid_keys() -> None:
    application = create_application("billing")
    old = {kind: keys.issue(application, kind).key for kind in [Key.INGEST, Key.READ]}
    rotated = answered("rotate_keys", "billing", "--grace", "30m")["rotated"]
    assert [one["kind"] for one in rotated] == ["ingest", "read"]
    for one in rotated:
        assert [ending["prefix"] for ending in one["ending"]] == [old[one["kind"]].prefix]
        assert key_cache.look_up(one["key"]) is not None
    assert Key.objects.valid().count() == 4


def test_rotate_keys_says_when_the_old_ones_end() -> None:
    old = keys.issue(create_application("billing"), Key.INGEST).key
    text = said("rotate_keys", "billing", "--grace", "0s")
    old.refresh_from_db()
    assert old.expires_at is not None
    assert f"replaces {old.prefix}…, which works until {old.expires_at:%Y-%m-%dT%H:%M:%SZ}" in text


def test_rotate_keys_can_be_limited_to_a_kind_and_widened_to_all_applications() -> None:
    for name in ["billing", "shop"]:
        application = create_application(name)
        keys.issue(application, Key.INGEST)
        keys.issue(application, Key.READ)
    create_application("without-keys")
    rotated = answered("rotate_keys", "--all", "--kind", "read")["rotated"]
    assert [(one["application"], one["kind"]) for one in rotated] == [
        ("billing", "read"),
        ("shop", "read"),
    ]


@pytest.mark.parametrize(
    ("arguments", "code"),
    [([], 2), (["billing", "--all"], 2), (["billing"], 1), (["ghost"], 1), (["--all"], 1)],
)
def test_rotate_keys_says_why_not(arguments: list[str], code: int) -> None:
    create_application("billing")
    with pytest.raises(CommandError) as refusal:
        said("rotate_keys", *arguments)
    assert refusal.value.returncode == code


def test_revoke_key_ends_a_key_by_its_first_digits() -> None:
    issued = keys.issue(create_application("billing"), Key.INGEST)
    text = said("revoke_key", issued.secret[:6].upper())
    issued.key.refresh_from_db()
    assert issued.key.revoked_at is not None
    assert text.startswith(f"The ingest key {issued.secret[:8]}… of billing ended at 20")


def test_revoke_key_takes_a_whole_key_that_was_found_somewhere() -> None:
    issued = keys.issue(create_application("billing"), Key.INGEST)
    assert answered("revoke_key", issued.secret)["prefix"] == issued.key.prefix


def test_revoke_key_lists_the_keys_that_a_short_prefix_may_mean() -> None:
    application = create_application("billing")
    for digit in "12":
        issued = keys.issue(application, Key.INGEST)
        Key.objects.filter(pk=issued.key.pk).update(prefix=f"abcdef0{digit}")
    with pytest.raises(CommandError, match=r"abcdef02 \(ingest, billing\), abcdef01"):
        said("revoke_key", "abcdef")
    assert Key.objects.valid().count() == 2
    said("revoke_key", "abcdef01")
    assert answered("revoke_key", "abcdef")["prefix"] == "abcdef02"


def test_revoke_key_twice_keeps_the_first_end() -> None:
    issued = keys.issue(create_application("billing"), Key.INGEST)
    assert said("revoke_key", issued.secret) == said("revoke_key", issued.secret)


def test_revoke_key_says_when_there_is_no_such_key() -> None:
    with pytest.raises(CommandError, match="There is no key that begins with 'abc'"):
        said("revoke_key", "abc")


def test_create_token_lets_the_user_in() -> None:
    user = create_user("alice")
    answer = answered("create_token", "alice", "--expires", "90d")
    response = Client().get("/apps", headers={"authorization": f"Token {answer['token']}"})
    assert response.status_code == 200
    assert answer["username"] == user.username
    assert answer["expires_at"]
    assert "shown only now" in said("create_token", "alice")


def test_create_token_says_why_not() -> None:
    create_user("bob", is_active=False)
    for username, sentence in [("ghost", "There is no user"), ("bob", "is not active")]:
        with pytest.raises(CommandError, match=sentence):
            said("create_token", username)
    assert User.objects.count() == 1
