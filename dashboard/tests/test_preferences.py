from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from applications.factories import create_application, create_member
from dashboard import preferences

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_member(create_application("shop"), "admin"))
    return client


def save(client: Client, **values: str) -> Any:
    return client.post("/account/preferences/", {"theme": "system", **values})


def page(client: Client) -> str:
    return client.get("/account/").content.decode()


@pytest.mark.parametrize("theme", ["light", "dark", "system"])
def test_the_server_paints_the_chosen_theme(client: Client, theme: str) -> None:
    assert save(client, theme=theme)["Location"] == "/account/#top"
    html = page(client)
    assert f'<html lang="en" data-theme="{theme}"' in html
    assert "Your preferences are saved in this browser." in html
    client.post("/account/sign-out/")
    assert f'data-theme="{theme}"' in client.get("/account/sign-in/").content.decode()


def test_shortcuts_can_be_switched_off_and_on(client: Client) -> None:
    save(client)
    assert 'data-shortcuts="off"' in page(client)
    save(client, shortcuts="on")
    assert 'data-shortcuts="off"' not in page(client)


def test_times_are_in_the_chosen_zone_or_else_in_the_one_of_the_browser(client: Client) -> None:
    client.cookies["browser_zone"] = "Asia/Tokyo"
    assert "Times in Asia/Tokyo" in page(client)
    save(client, zone="Europe/Warsaw")
    assert "Times in Europe/Warsaw" in page(client)
    assert 'value="Europe/Warsaw"' in page(client)
    save(client, zone="")
    assert "Times in Asia/Tokyo" in page(client)


def test_utc_can_be_chosen(client: Client) -> None:
    client.cookies["browser_zone"] = "Asia/Tokyo"
    save(client, zone="UTC")
    assert "Times in UTC" in page(client)


def test_pages_show_moments_in_the_zone(client: Client) -> None:
    with time_machine.travel(datetime(2026, 11, 21, 23, 30, tzinfo=UTC), tick=False):
        application = create_application("late")
        client.force_login(create_member(application, "admin"))
        path = f"/applications/{application.pk}/settings/"
        assert "21 Nov 2026, 23:30:00" in client.get(path).content.decode()
        client.cookies["zone"] = "Europe/Warsaw"
        assert "22 Nov 2026, 00:30:00" in client.get(path).content.decode()


@pytest.mark.parametrize("zone", ["Atlantis", "../../etc/passwd", "Europe", "<b>", "x" * 5000])
def test_a_zone_that_does_not_exist_is_told_beside_the_field(client: Client, zone: str) -> None:
    answer = save(client, theme="dark", zone=zone)
    assert answer.status_code == 200
    assert "is no time zone" in answer.content.decode()
    assert "theme" not in answer.cookies


def test_an_unknown_theme_is_refused(client: Client) -> None:
    answer = save(client, theme="neon")
    assert "Select a valid choice" in answer.content.decode()
    assert not answer.cookies.keys() & {"theme", "zone", "shortcuts"}


def test_broken_cookies_count_as_not_set(client: Client) -> None:
    client.cookies["theme"] = '"><script>'
    client.cookies["zone"] = "Nowhere/Land"
    client.cookies["browser_zone"] = "../../etc/passwd"
    html = page(client)
    assert 'data-theme="system"' in html
    assert "Times in UTC" in html


def test_the_zones_to_choose_from_are_places(client: Client) -> None:
    names = preferences.zone_names()
    assert {"UTC", "Europe/Warsaw", "America/Argentina/Salta"} <= set(names)
    assert not {"EST", "Etc/GMT+5", "posix/Europe/Warsaw"} & set(names)
    assert all(ZoneInfo(name) for name in names)
    assert '<option value="Europe/Warsaw">' in page(client)


def test_cookies_are_sent_over_https_only_where_there_is_https(
    client: Client, settings: Any
) -> None:
    assert not save(client).cookies["theme"]["secure"]
    settings.SESSION_COOKIE_SECURE = True
    cookie = save(client).cookies["theme"]
    assert cookie["secure"]
    assert cookie["samesite"] == "Lax"
