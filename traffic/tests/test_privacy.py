from datetime import date, timedelta
from ipaddress import ip_address

import pytest

from traffic import privacy

SALT = b"s" * 32
ADDRESS = ip_address("192.0.2.1")


@pytest.mark.parametrize(
    ("declared", "least", "holds"),
    [(0, 0, 0), (1, 0, 1), (0, 2, 2), (2, 1, 2), (7, 0, 2), (-1, 0, 0)],
)
def test_the_stricter_level_holds(declared: int, least: int, holds: int) -> None:
    assert privacy.level(declared, least) == holds


def test_a_user_without_a_name_is_told_by_address_agent_application_and_salt() -> None:
    one = privacy.anonymous_user(ADDRESS, "curl", 7, SALT)
    assert one == privacy.anonymous_user(ADDRESS, "curl", 7, SALT)
    others = {
        privacy.anonymous_user(ip_address("192.0.2.2"), "curl", 7, SALT),
        privacy.anonymous_user(ADDRESS, "wget", 7, SALT),
        privacy.anonymous_user(ADDRESS, None, 7, SALT),
        privacy.anonymous_user(ADDRESS, "curl", 8, SALT),
        privacy.anonymous_user(ADDRESS, "curl", 7, b"t" * 32),
    }
    assert len(others | {one}) == 6
    assert "192" not in one


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("/a", "/a"),
        ("/a?token=secret&page=2", "/a?token&page"),
        ("/a?token=se?cret", "/a?token"),
        ("/a?flag", "/a?flag"),
        (f"/a?{'x' * 65}&b=1", "/a?b"),
        ("/a?", "/a"),
        ("/a#part", "/a"),
        ("/a?b=1#access_token=secret", "/a?b"),
    ],
)
def test_of_a_query_only_the_names_are_kept(path: str, kept: str) -> None:
    assert privacy.path_and_query(path, keep_values=False) == kept


def test_an_application_may_keep_the_values() -> None:
    assert privacy.path_and_query("/a?b=1#c", keep_values=True) == "/a?b=1"


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("https://example.com/page?q=secret#part", "https://example.com/page"),
        ("https://user:word@example.com:8443/", "https://example.com:8443/"),
        ("android-app://com.example", "android-app://com.example"),
        ("http://[broken", None),
        ("?x=1", None),
    ],
)
def test_a_referrer_is_kept_without_what_may_be_secret(address: str, kept: str | None) -> None:
    assert privacy.referrer(address) == kept


def test_the_salt_of_a_day_is_kept_until_the_next_day_ends() -> None:
    today = date(2026, 11, 26)
    kept = [
        days for days in range(-2, 4) if privacy.salted_by_the_day(today - timedelta(days), today)
    ]
    assert kept == [0, 1]
