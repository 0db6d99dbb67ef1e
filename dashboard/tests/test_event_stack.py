from typing import Any

import pytest

from dashboard.event_stack import Raised, ShownStack, shown_stack
from dashboard.page_room import page_bytes


def shown(stack: Any) -> ShownStack:
    found = shown_stack(stack)
    assert found is not None
    return found


def frame(function: str, *, own: bool = True, **more: Any) -> dict[str, Any]:
    """A frame as Sentry's clients send it."""
    return {
        "filename": f"/srv/{function}.py",
        "function": function,
        "lineno": 7,
        "in_app": own,
    } | more


def raised(*frames: dict[str, Any]) -> Raised:
    """An exception with these frames, told with the most recent call first."""
    [found] = shown({"type": "T", "value": "v", "frames": list(reversed(frames))}).exceptions
    return found


@pytest.mark.parametrize("stack", [None, "", [], {}])
def test_no_stack_shows_nothing(stack: Any) -> None:
    assert shown_stack(stack) is None


def test_consecutive_library_frames_are_one_run() -> None:
    libraries = [frame(name, own=False) for name in "bcd"]
    runs = raised(frame("a"), *libraries, frame("e"), frame("f")).runs
    assert [(run.own, [call.function for call in run.calls]) for run in runs] == [
        (True, ["a"]),
        (False, ["b", "c", "d"]),
        (True, ["e", "f"]),
    ]
    assert not runs[1].is_open


def test_library_frames_are_open_where_there_are_no_others() -> None:
    [run] = raised(frame("a", own=False), frame("b", own=False)).runs
    assert run.is_open


def test_the_first_own_calls_are_open_and_the_variables_of_the_very_first() -> None:
    own = [frame(f"f{n}", context_line="x = 1", vars={"x": 1}) for n in range(6)]
    library = frame("lib", own=False, context_line="y")
    library_run, own_run = raised(library, *own).runs
    assert [call.is_open for call in own_run.calls] == [True] * 4 + [False] * 2
    assert [call.is_last for call in own_run.calls] == [True] + [False] * 5
    assert not library_run.calls[0].is_open


def test_code_loses_its_common_margin_and_keeps_its_numbers() -> None:
    code: dict[str, Any] = {
        "pre_context": ["    if x:", ""],
        "context_line": "        go()",
        "post_context": [],
    }
    [run] = raised(frame("f", **code)).runs
    lines = [(line.number, line.text, line.current) for line in run.calls[0].code]
    assert lines == [(5, "if x:", False), (6, "", False), (7, "    go()", True)]


def test_code_is_shown_from_a_few_lines_before_to_a_few_after() -> None:
    around: dict[str, Any] = {
        "pre_context": ["a"] * 20,
        "context_line": "b",
        "post_context": ["c"] * 20,
    }
    [run] = raised(frame("f", **around)).runs
    assert "".join(line.text for line in run.calls[0].code) == "aaaaaabcccccc"


def test_a_module_is_told_where_no_folder_is() -> None:
    java = "E: x\n\tat com.shop.Cart.total(Cart.java:19)\n"
    [exception] = shown(java).exceptions
    [call] = exception.runs[0].calls
    assert (call.function, call.place) == ("com.shop.Cart.total", "Cart.java:19")
    [run] = raised(frame("total", module="shop.cart")).runs
    assert run.calls[0].function == "total"


def test_relations_and_what_is_left_out_are_told() -> None:
    java = "A: x\n\tat a.B.c(B.java:1)\nCaused by: D: y\n\tat a.E.f(E.java:2)\n\t... 5 more\n"
    first, second = shown(java).exceptions
    assert (first.relation, second.relation) == (None, "caused by")
    assert (first.left_out, second.left_out) == (0, 5)


def test_text_is_kept_beside_what_was_read_of_it() -> None:
    text = 'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    x()\nE: boom'
    found = shown(text)
    assert (found.text, found.text_is_cut, found.is_json) == (text, False, False)


def test_what_can_not_be_read_is_shown_as_json() -> None:
    found = shown({"anything": {"goes": "\u202e"}})
    assert found.is_json
    assert found.text == '{\n  "anything": {\n    "goes": "\\u202e"\n  }\n}'


HUGE: dict[str, Any] = {
    "text": "<&'\u202e\"" * 300_000,
    "short frames": [frame("f", context_line="", pre_context=[""] * 20)] * 3_000,
    "long frames": [
        frame("'" * 500, context_line="'" * 500, vars={f"v{n}": "'" * 900 for n in range(50)})
    ]
    * 30,
    "alternating": [frame("f", own=n % 2 == 0) for n in range(3_000)],
    "exceptions": [{"type": "'" * 900, "value": "'" * 20_000, "frames": [frame("f")]}] * 400,
    "json": {"a": ["'" * 50] * 10_000},
}


@pytest.mark.parametrize("name", HUGE)
def test_any_stack_is_bounded(name: str) -> None:
    found = shown(HUGE[name])
    texts = [found.text]
    for exception in found.exceptions:
        texts += [exception.type, exception.value]
        for call in (call for run in exception.runs for call in run.calls):
            texts += [call.function, call.place, *(line.text for line in call.code)]
            texts += [text for pair in call.variables for text in pair]
    assert 5_000 < sum(map(page_bytes, texts)) < 200_000 or name in ("short frames", "alternating")
    assert sum(len(run.calls) for one in found.exceptions for run in one.runs) < 200


def test_many_frames_leave_room_for_their_code() -> None:
    runs = raised(*[frame("f", context_line="go()")] * 500).runs
    assert sum(bool(call.code) for call in runs[0].calls) > 50
