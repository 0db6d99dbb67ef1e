"""What is unused says so where its owners look, and is kept by a button."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications import keys
from applications.factories import create_application, create_member, create_user
from applications.models import Application, Key, Membership
from dashboard.tests.reading_pages import elements

pytestmark = pytest.mark.django_db

SINCE, END = datetime(2026, 3, 2, 12, tzinfo=UTC), datetime(2026, 10, 3, tzinfo=UTC)
MARKED: dict[str, Any] = {"unused_since": SINCE, "warned_at": SINCE, "grace_ends_at": END}


@pytest.fixture
def application() -> Application:
    return create_application("shop", **MARKED)


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application, Membership.ADMIN))
    return client


def path(application: Application, rest: str = "") -> str:
    return f"/applications/{application.pk}/{rest}"


def notices(client: Client, address: str) -> list[str]:
    page = elements(client.get(address).content.decode())
    return [" ".join(text.split()) for text in page.texts("div", "unused")]


@pytest.mark.parametrize("page", ["", "traffic/", "setup/", "settings/"])
def test_every_page_of_an_unused_application_says_when_it_ends(
    client: Client, application: Application, page: str
) -> None:
    (notice,) = notices(client, path(application, page))
    assert notice == (
        "Unused since 2 Mar 2026. It will be deleted on 3 Oct 2026, with its keys and everything "
        "that is stored for it, unless it is used or kept. Keep it"
    )
    Application.objects.all().unmark()
    assert notices(client, path(application, page)) == []


def test_where_owners_are_not_told_yet_there_is_no_day(
    client: Client, application: Application
) -> None:
    Application.objects.update(warned_at=None, grace_ends_at=None)
    (notice,) = notices(client, path(application))
    assert "It will be deleted some time after its owners have been told." in notice
    client.force_login(create_user(is_staff=True))
    assert "Unused</span>" in client.get("/").content.decode()


def test_viewers_are_told_who_can_keep_it(application: Application) -> None:
    client = Client()
    client.force_login(create_member(application))
    (notice,) = notices(client, path(application))
    assert notice.endswith("Its admins can keep it.")
    assert "settings/keep/" not in client.get(path(application)).content.decode()
    assert client.post(path(application, "settings/keep/")).status_code == 403
    application.refresh_from_db()
    assert application.kept_at is None


def test_whoever_may_write_keeps_it_with_a_button(client: Client, application: Application) -> None:
    key = keys.issue(application, Key.INGEST).key
    answer = client.post(path(application, "settings/keep/"), follow=True)
    assert "shop is kept, with its keys." in answer.content.decode()
    application.refresh_from_db()
    assert (application.unused_since, application.grace_ends_at) == (None, None)
    assert application.kept_at is not None
    assert abs((timezone.now() - application.kept_at).total_seconds()) < 60
    [kept] = Key.objects.with_last_use()
    assert (kept.pk, kept.last_use) == (key.pk, application.kept_at)
    assert notices(client, path(application)) == []


def test_the_overview_marks_it(client: Client, application: Application) -> None:
    other = create_application("in-use")
    client.force_login(create_user(is_staff=True))
    page = elements(client.get("/").content.decode())
    assert page.texts("span", "status-ending") == ["Unused, ends 3 Oct 2026"]
    assert len(page.all("span", "status-new")) == 1
    assert other.unused_since is None


def test_the_list_of_keys_marks_them_and_each_is_kept_by_itself(
    client: Client, application: Application
) -> None:
    Application.objects.all().unmark()
    one, other = (keys.issue(application, kind).key for kind in (Key.INGEST, Key.READ))
    Key.objects.update(**MARKED)
    page = elements(client.get(path(application, "settings/")).content.decode())
    sentences = [" ".join(text.split()) for text in page.texts("form", "key-unused")]
    assert sorted(sentences) == sorted(
        f"unused since 2 Mar 2026, will be revoked on 3 Oct 2026 Keep it: {key.prefix}"
        for key in (one, other)
    )
    answer = client.post(path(application, f"settings/keys/{one.pk}/keep/"), follow=True)
    assert f"The ingest key {one.prefix}… is kept." in answer.content.decode()
    assert list(Key.objects.marked()) == [other]


def test_keys_of_other_applications_are_out_of_reach(
    client: Client, application: Application
) -> None:
    key = keys.issue(create_application(), Key.INGEST).key
    assert client.post(path(application, f"settings/keys/{key.pk}/keep/")).status_code == 404
    assert Key.objects.get().kept_at is None


def test_days_are_those_of_the_viewer(client: Client, application: Application) -> None:
    client.cookies["zone"] = "America/New_York"
    (notice,) = notices(client, path(application))
    assert "on 2 Oct 2026" in notice


def test_the_admin_lists_and_shows_what_is_unused(application: Application) -> None:
    client = Client()
    client.force_login(create_user(is_staff=True, is_superuser=True))
    key = keys.issue(application, Key.INGEST).key
    Key.objects.update(**MARKED)
    create_application("in-use")
    listed = client.get("/admin/applications/application/?unused_since__isempty=0")
    names = [each.name for each in listed.context["cl"].result_list]
    assert names == ["shop"]
    for address in (f"application/{application.pk}", f"key/{key.pk}"):
        page = client.get(f"/admin/applications/{address}/change/").content.decode()
        assert "Unused since:" in page
        assert "March 2, 2026" in page
        assert "Oct. 3, 2026" in page
