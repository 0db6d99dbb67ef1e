from __future__ import annotations

import pytest

from loghandler_client.masking import HIDDEN, Masking

masking = Masking()


@pytest.mark.parametrize(
    "name",
    ["password", "Password2", "X-Api-Key", "apiKey", "Authorization", "set-cookie", "db_pwd",
     "auth", "AWS_SECRET_ACCESS_KEY", "csrfmiddlewaretoken", "sessionid", "key"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert masking.named({name: "x"}) == {name: HIDDEN}


@pytest.mark.parametrize("name", ["author", "keyboard", "pinned", "monkey", "passenger", "note"])
def test_names_that_only_sound_like_it(name: str) -> None:
    assert masking.named({name: "x"}) == {name: "x"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("password=hunter2 ok", f"password={HIDDEN} ok"),
        ('{"api_key": "abc", "n": 1}', f'{{"api_key": "{HIDDEN}", "n": 1}}'),
        ("Authorization: Bearer abcdefgh12345", f"Authorization: Bearer {HIDDEN}"),
        ("postgres://ann:hunter2@db/shop", f"postgres://ann:{HIDDEN}@db/shop"),
        ("/login?token=abc&page=2", f"/login?token={HIDDEN}&page=2"),
        ("card 4111 1111 1111 1111 used", f"card {HIDDEN} used"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", HIDDEN),
        ("Order 42 of user 7 took 1200 ms", "Order 42 of user 7 took 1200 ms"),
        ("3f2b8c1e-7d4a-4a5e-9b1c-2d3e4f5a6b7c", "3f2b8c1e-7d4a-4a5e-9b1c-2d3e4f5a6b7c"),
        ("2026-11-27T07:12:14.123456+00:00", "2026-11-27T07:12:14.123456+00:00"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert masking.text(text) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('connect(password="hunter2", host="db")', f'connect(password="{HIDDEN}", host="db")'),
        ("API_KEY = 'abc'", f"API_KEY = '{HIDDEN}'"),
        ('{"token": "abc"}', f'{{"token": "{HIDDEN}"}}'),
        ('password = form.data["password"]', 'password = form.data["password"]'),
        ("token: str | None = None", "token: str | None = None"),
        ('url = "postgres://ann:hunter2@db/"', f'url = "postgres://ann:{HIDDEN}@db/"'),
    ],
)
def test_lines_of_code(line: str, shown: str) -> None:
    assert masking.code(line) == shown


def test_within_values() -> None:
    value = {"user": {"name": "ann", "password": "x"}, "urls": ["http://a:b@c/"], "n": 1.5}
    assert masking.value(value) == {
        "user": {"name": "ann", "password": HIDDEN},
        "urls": [f"http://a:{HIDDEN}@c/"],
        "n": 1.5,
    }


def test_an_applications_own() -> None:
    own = Masking(names=["IBAN"], patterns=[r"DE\d{20}"])
    assert own.named({"iban": "x", "text": "to DE00123456780123456789"}) == {
        "iban": HIDDEN,
        "text": f"to {HIDDEN}",
    }


def test_what_has_no_end_is_cut() -> None:
    endless: dict[str, object] = {}
    endless["again"] = endless
    assert "…" in str(masking.value(endless))
    assert len(masking.value(list(range(1_000)))) == 200
