"""Senders' text on a page: nothing hidden, nothing reordered, never cut within a letter."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.display import excerpt, hidden_escaped, visible
from events.raw import compact_json, pretty_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("tab\tand\nnewline", "tab\tand\nnewline"),
        ("windows\r\nline", "windows\nline"),
        ("progress\rbar", "progress␍bar"),
        ("bell\a nul\0 delete\x7f", "bell␇ nul␀ delete␡"),
        ("user\u202eadmin\u202c", "user\\u202eadmin\\u202c"),
        ("isolate\u2066x\u2069 mark\u200f\u061c", "isolate\\u2066x\\u2069 mark\\u200f\\u061c"),
        ("\x1b[1;31mred\x1b[0m \x1b[38:2::9:9:9mtrue\x1b[m\x1b[K", "red true"),
        ("\x1b]8;;http://evil.example\x1b\\link", "␛]8;;http://evil.example␛\\link"),
        ("\x1b[2Jcleared \x9b31m", "␛[2Jcleared \\u009b31m"),
        ("one\u2028two\x85three", "one\\u2028two\\u0085three"),
        ("lone \ud83d", "lone \\ud83d"),
        ("שלום עולם", "שלום עולם"),
        ("سلام می\u200cخواهم", "سلام می\u200cخواهم"),
        ("👩\u200d👩\u200d👧 żółć \ufffd", "👩\u200d👩\u200d👧 żółć \ufffd"),
    ],
)
def test_what_hides_or_reorders_is_shown_as_itself(text: str, shown: str) -> None:
    assert visible(text) == shown


HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f]")


@given(st.text(st.characters(exclude_categories=[])))
def test_nothing_hidden_is_left_and_a_page_can_be_encoded(text: str) -> None:
    shown = visible(text)
    assert not HIDDEN.search(shown)
    shown.encode()
    assert visible(shown) == shown


@given(st.text())
def test_json_without_hidden_characters_is_the_same_json(text: str) -> None:
    escaped = hidden_escaped(json.dumps({text: text}, ensure_ascii=False))
    assert json.loads(escaped) == {text: text}
    assert not HIDDEN.search(escaped)


@pytest.mark.parametrize(
    ("text", "most", "cut"),
    [
        ("short", 5, "short"),
        ("longer", 5, "long…"),
        ("cafe\u0301 au lait", 5, "caf…"),
        ("cafe\u0301 au lait", 6, "cafe\u0301…"),
        ("a👩\u200d👩\u200d👧 family", 4, "a…"),
        ("a👍🏽 good", 3, "a…"),
        ("ab❤\ufe0f heart", 4, "ab…"),
        ("a🇵🇱🇩🇪", 3, "a…"),
        ("a🇵🇱🇩🇪!", 4, "a🇵🇱…"),
        ("a" + "\u0301" * 99, 50, "a" + "\u0301" * 48 + "…"),
        ("xy", 1, "…"),
    ],
)
def test_an_excerpt_ends_between_letters(text: str, most: int, cut: str) -> None:
    assert excerpt(text, most) == cut


@given(st.text(), st.integers(1, 50))
def test_an_excerpt_is_the_start_of_the_text_and_not_too_long(text: str, most: int) -> None:
    cut = excerpt(text, most)
    assert len(cut) <= most
    assert cut == text or text.startswith(cut.removesuffix("…"))


# --- JSON ------------------------------------------------------------------------------

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=30,
)


@given(json_values)
def test_json_is_written_as_python_writes_it(value: Any) -> None:
    assert pretty_json(value, 10**6) == (json.dumps(value, indent=2, ensure_ascii=False), False)
    assert compact_json(value, 10**6) == json.dumps(value, ensure_ascii=False)


@given(json_values, st.integers(1, 60))
def test_json_is_cut_where_it_is_longer_than_asked_for(value: Any, most: int) -> None:
    whole = json.dumps(value, indent=2, ensure_ascii=False)
    shown, cut = pretty_json(value, most)
    assert len(shown) <= most
    assert cut is (len(whole) > most)
    assert whole.startswith(shown.removesuffix("…"))


def test_json_may_be_deep_or_huge() -> None:
    deep: Any = "core"
    for _ in range(100_000):
        deep = [deep]
    shown, cut = pretty_json(deep, 20_000)
    assert (len(shown) <= 20_000, cut) == (True, True)
    assert pretty_json({"message": "x" * 1_000_000}, 100)[1]
    assert compact_json(["x" * 1_000_000], 10) == '["xxxxxxx…'


def test_what_json_can_not_hold_is_shown_as_left_out() -> None:
    assert compact_json([10**5_000, object()], 100) == '["…", "…"]'
