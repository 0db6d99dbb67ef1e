"""Demo data, loaded and removed with a click by those who may."""

from typing import Any

import pytest
from django.test import Client

from applications.factories import create_application, create_user
from applications.models import Application, Membership
from ingest import pipeline
from ingest.group_commit import GroupCommit

LOAD, REMOVE = "/demo/load/", "/demo/remove/"


@pytest.fixture(autouse=True)
def _brief(settings: Any) -> None:
    """An installation that keeps a day: a seventh of the work."""
    settings.RETENTION_DAYS = 1


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(create_user("ada", is_staff=True))
    return client


def demo_names() -> list[str]:
    return list(Application.objects.of_the_demo().values_list("name", flat=True))


@pytest.mark.django_db
def test_a_click_loads_the_demo_and_makes_whoever_clicked_its_admin(staff: Client) -> None:
    page = staff.post(LOAD, follow=True)
    assert page.redirect_chain == [("/", 302)]
    assert demo_names() == ["demo-payments", "demo-search", "demo-shop"]
    content = page.content.decode()
    assert "The demo is loaded: a week of demo-payments, demo-search, demo-shop." in content
    roles = Membership.objects.filter(user__username="ada").values_list("role", flat=True)
    assert list(roles) == [Membership.ADMIN] * 3


@pytest.mark.django_db
def test_a_second_click_loads_nothing_more(staff: Client) -> None:
    staff.post(LOAD)
    staff.post(LOAD)
    assert len(demo_names()) == 3


@pytest.mark.django_db(transaction=True)
def test_a_click_removes_the_demo_and_nothing_else(staff: Client) -> None:
    create_application("shop")
    create_application("demo-shop", demo=True)
    page = staff.post(REMOVE, follow=True)
    assert page.redirect_chain == [("/", 302)]
    assert "The demo is removed." in page.content.decode()
    assert [application.name for application in Application.objects.all()] == ["shop"]


@pytest.mark.django_db
def test_where_nothing_can_be_stored_the_page_says_so(
    staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = GroupCommit(pipeline.connect, queue_events=1, timeout=1)
    stopped.close()
    monkeypatch.setattr(pipeline, "committer", lambda: stopped)
    page = staff.post(LOAD, follow=True).content.decode()
    assert "The demo was not loaded. The service is stopping. Try again in a moment." in page
    assert demo_names() == []


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LOAD, REMOVE])
def test_only_staff_may_and_only_by_a_button(client: Client, path: str) -> None:
    create_application("demo-shop", demo=True)
    assert client.post(path)["Location"] == f"/account/sign-in/?next={path}"
    client.force_login(create_user())
    assert client.post(path).status_code == 403
    client.force_login(create_user(is_staff=True))
    assert client.get(path).status_code == 405
    assert demo_names() == ["demo-shop"]


@pytest.mark.django_db
@pytest.mark.parametrize("path", [LOAD, REMOVE])
def test_another_site_can_not_press_the_button(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(create_user(is_staff=True))
    create_application("demo-shop", demo=True)
    answer = client.post(path)
    assert answer.status_code == 403
    assert "Please send it again" in answer.content.decode()
    assert demo_names() == ["demo-shop"]
