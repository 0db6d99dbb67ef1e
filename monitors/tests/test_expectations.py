"""What an answer must be, and in words what it is not."""

from ipaddress import ip_address
from typing import Any

import pytest

from loghandler.outbound.connections import Timings
from loghandler.outbound.http import Answer
from monitors.expectations import status_ranges, unmet
from monitors.records import HttpTarget

URL = "https://service.example/"


def answer(
    body: bytes = b"", status: int = 200, kind: str = "text/html", *, cut: bool = False
) -> Answer:
    timings = Timings(None, 1.0, None, 1.0, 1.0)
    headers = (("content-type", kind),)
    return Answer(status, headers, body, cut, URL, ip_address("1.1.1.1"), timings, None)


def words(given: Answer, **expected: Any) -> str | None:
    found = unmet(HttpTarget(URL, **expected), given)
    return None if found is None else f"{found.failure}: {found.words}"


@pytest.mark.parametrize(
    ("text", "ranges"),
    [
        ("200", ((200, 200),)),
        ("200-299", ((200, 299),)),
        (" 200 - 204 ,401,", ((200, 204), (401, 401))),
    ],
)
def test_ranges_of_statuses(text: str, ranges: tuple[tuple[int, int], ...]) -> None:
    assert status_ranges(text) == ranges


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("", "at least one"),
        ("ok", "ok is no status"),
        ("200-", "200- is no status"),
        ("20", "20 is no status"),
        ("299-200", "the smaller one first"),
        ("600", "within 100 and 599"),
    ],
)
def test_what_is_no_range_is_said(text: str, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        status_ranges(text)


def test_a_status() -> None:
    assert words(answer()) is None
    assert words(answer(status=503)) == "status: Status 503, not 200 to 299"
    assert words(answer(status=401), statuses=((401, 401),)) is None
    assert (
        words(answer(), statuses=((301, 302), (401, 401)))
        == "status: Status 200, not 301 to 302 or 401"
    )


def test_a_keyword() -> None:
    assert words(answer("Straße".encode()), keyword="Straße") is None
    assert words(answer("Straße".encode("latin-1"), kind="text/html; charset=ISO-8859-1"),
                 keyword="Straße") is None  # fmt: skip
    assert words(answer(b"all well", kind="text/html; charset=nobody's"), keyword="well") is None
    assert words(answer(b"fine"), keyword="well") == "keyword: “well” is not in the answer"
    assert (
        words(answer(b"fine", cut=True), keyword="well")
        == "keyword: “well” is not in the answer, of which 4 bytes were read"
    )


def test_a_keyword_that_must_not_be_there() -> None:
    assert words(answer(b"fine"), keyword="error", keyword_absent=True) is None
    assert (
        words(answer(b"an error"), keyword="error", keyword_absent=True)
        == "keyword: “error” is in the answer"
    )


@pytest.mark.parametrize(
    ("body", "path", "value", "said"),
    [
        (b'{"state": "ok"}', "state", "ok", None),
        (b'{"checks": [{"up": true}]}', "checks.0.up", "true", None),
        (b'{"n": 3}', "n", "3", None),
        (b'{"n": null}', "n", "null", None),
        (b'{"state": "bad"}', "state", "ok", "value: state is bad, not ok"),
        (b'{"n": 3}', "n", "4", "value: n is 3, not 4"),
        (b'{"n": 3}', "m", "4", "value: The answer has no m"),
        (b'{"n": 3}', "n.m", "4", "value: The answer has no n.m"),
        (b"[1]", "1", "4", "value: The answer has no 1"),
        (b"[1]", "one", "4", "value: The answer has no one"),
        (b"[1]", "-1", "1", "value: The answer has no -1"),
        (b"<html>", "n", "4", "value: The answer is not JSON"),
        (b"\xff", "n", "4", "value: The answer is not JSON"),
        (b'"' + b"x" * 99 + b'"', "", "", None),
    ],
)
def test_a_value_of_json(body: bytes, path: str, value: str, said: str | None) -> None:
    assert words(answer(body), json_path=path, json_value=value) == said


def test_long_values_are_cut_in_words() -> None:
    said = words(answer(b'{"a": "' + b"x" * 999 + b'"}'), json_path="a", json_value="y")
    assert said == f"value: a is {'x' * 60}…, not y"


@pytest.mark.parametrize("charset", ["idna", "undefined", "base64", "no-such"])
def test_a_keyword_is_looked_for_whatever_character_set_is_named(charset: str) -> None:
    kind = f"text/html; charset={charset}"
    assert words(answer(b"welcome", kind=kind), keyword="welcome") is None


def test_json_that_is_nested_too_deep_is_told() -> None:
    found = words(answer(b"[" * 200_000), json_path="0", json_value="1")
    assert found == "value: The answer is not JSON"
