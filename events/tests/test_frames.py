"""Stacks as senders write them, each beside what a page shall show of it; and any other JSON."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.frame_objects import MOST_CODE_LINES, MOST_VARIABLES
from events.frames import MOST_EXCEPTIONS, MOST_FRAMES, readable
from events.stacks import ExceptionInfo, Frame, Stack, as_text, is_own

SAMPLES = Path(__file__).parent / "samples" / "stacks"
NAMES = sorted(path.name for path in SAMPLES.glob("*") if ".expected." not in path.name)


def sample(name: str) -> Any:
    text = (SAMPLES / name).read_text()
    return json.loads(text) if name.endswith(".json") else text


def described(stack: Stack) -> dict[str, Any]:
    """A stack in few lines, for the files beside the samples."""
    return {
        "exceptions": [_described_exception(exception) for exception in stack.exceptions],
        "shows": [name for name in ("text", "raw") if getattr(stack, name) is not None],
    }


def _described_exception(exception: ExceptionInfo) -> dict[str, Any]:
    told = {"relation": exception.relation, "left out": exception.frames_left_out}
    return {
        "exception": [exception.type, exception.value],
        **{name: value for name, value in told.items() if value},
        "frames": [_described_frame(frame) for frame in exception.frames],
    }


def _described_frame(frame: Frame) -> str:
    place = ":".join(
        str(part) for part in (frame.file, frame.line, frame.column) if part is not None
    )
    names = [part for part in (frame.module, frame.function) if part]
    code = [f"{'>' if line.current else ' '}{line.number} {line.text}" for line in frame.code]
    variables = [f"{name}={value}" for name, value in frame.variables]
    return " | ".join(["own" if frame.own else "library", place, *names, *code, *variables])


@pytest.mark.parametrize("name", NAMES)
def test_a_stack_is_read_as_the_file_beside_it_says(name: str) -> None:
    expected = SAMPLES / f"{Path(name).stem}.expected.json"
    assert described(readable(sample(name))) == json.loads(expected.read_text())


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith(".txt")])
def test_a_text_is_kept_as_it_was_sent_also_with_the_line_ends_of_windows(name: str) -> None:
    text = sample(name)
    assert readable(text).text == text
    assert readable(text.replace("\n", "\r\n")).exceptions == readable(text).exceptions


# --- Whatever the JSON ------------------------------------------------------------------

FIELDS = [
    "exception", "exceptions", "values", "type", "value", "message", "stacktrace", "frames",
    "stack", "cause", "errors", "mechanism", "filename", "file", "path", "lineno", "line", "code",
    "pre_context", "context_line", "post_context", "vars", "function", "name", "in_app", "key",
    "attributes", "class", "source",
]  # fmt: skip
LINES = [
    "Traceback (most recent call last):", "  File \"a.py\", line 1, in f", "    x", "ValueError: y",
    "During handling of the above exception, another exception occurred:", "Error: x",
    "    at f (a.js:1:2)", "\tat a.B.c(B.java:1)", "Caused by: X: y", "goroutine 1 [running]:",
    "main.f()", "\t/a.go:1", "#0 a.php(1): f()", "#1 {main}", "Next X: y in a.php:1",
    "   at A.B() in a.cs:line 1", " ---> X: y", "a.rb:1:in 'f': x (Y)", "f@http://a/b.js:1:2",
    "  + Exception Group Traceback (most recent call last):", "  | E: x",
    "  +-+---------------- 1 ----------------",
    "  ... 99 more", "  [Previous line repeated 9 more times]", "",
]  # fmt: skip
texts = st.text(max_size=20) | st.lists(st.sampled_from(LINES), max_size=20).map("\n".join)
scalars = st.none() | st.booleans() | st.integers() | st.floats() | texts
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=5), inner, max_size=6)
    ),
    max_leaves=40,
)


def assert_bounded(stack: Stack) -> None:
    frames = [frame for exception in stack.exceptions for frame in exception.frames]
    assert len(stack.exceptions) <= MOST_EXCEPTIONS
    assert len(frames) <= MOST_FRAMES
    assert all(len(frame.code) <= 2 * MOST_CODE_LINES + 1 for frame in frames)
    assert all(len(frame.variables) <= MOST_VARIABLES + 1 for frame in frames)
    assert all(len(exception.value or "") <= 10_000 for exception in stack.exceptions)


@given(json_values)
def test_any_json_becomes_something_to_show(value: Any) -> None:
    stack = readable(value)
    assert_bounded(stack)
    if value:
        assert stack.exceptions or stack.text or stack.raw == value or value != value
    if isinstance(value, str) and value:
        assert stack.text == value
    as_text(stack)


@pytest.mark.parametrize("nested", [lambda inner: [inner], lambda inner: {"cause": inner},
                                    lambda inner: {"type": "E", "cause": inner}])  # fmt: skip
def test_json_may_be_nested_deeper_than_python_calls(nested: Any) -> None:
    value: Any = {"type": "Inner"}
    for _ in range(50_000):
        value = nested(value)
    assert_bounded(readable(value))


def test_of_many_frames_the_innermost_are_shown_and_the_others_counted() -> None:
    frames = [{"filename": "a.py", "lineno": n} for n in range(2_000)]
    (exception,) = readable({"type": "RecursionError", "frames": frames}).exceptions
    assert [frame.line for frame in exception.frames] == list(range(1_999, 1_499, -1))
    assert exception.frames_left_out == 1_500


def test_each_of_many_exceptions_keeps_some_frames() -> None:
    frames = [{"file": "a.js", "line": n} for n in range(400)]
    chain: dict[str, Any] = {"type": "C", "frames": frames[:3]}
    for name in ("B", "A"):
        chain = {"type": name, "frames": frames, "cause": chain}
    stack = readable(chain)
    assert [len(exception.frames) for exception in stack.exceptions] == [248, 248, 3]
    assert [exception.frames_left_out for exception in stack.exceptions] == [152, 152, 0]


def test_of_many_exceptions_the_first_are_shown_and_the_others_counted() -> None:
    stack = readable([{"type": f"E{n}"} for n in range(60)])
    assert [exception.type for exception in stack.exceptions] == [f"E{n}" for n in range(50)]
    assert stack.exceptions_left_out == 10


def test_a_text_of_more_lines_than_anybody_reads_stays_text() -> None:
    text = "Error: x\n" + "    at f (a.js:1:2)\n" * 30_000
    assert readable(text) == Stack(text=text)


def test_code_and_variables_are_cut() -> None:
    frame = {
        "filename": "a.py",
        "lineno": 1_000,
        "context_line": "x" * 9_999,
        "pre_context": [f"{n}" for n in range(500)],
        "vars": {f"v{n}": "y" * 9_999 for n in range(80)},
    }
    ((shown,),) = (exception.frames for exception in readable([frame]).exceptions)
    assert [line.number for line in shown.code] == list(range(980, 1_001))
    assert shown.code[-1].current
    assert len(shown.code[-1].text) == 500
    assert shown.variables[-1] == ("…", "30 more")
    assert len(shown.variables[0][1]) == 1_000


@pytest.mark.parametrize(
    ("file", "own"),
    [
        ("/srv/shop/orders.py", True),
        ("/srv/venv/lib/python3.12/site-packages/django/http.py", False),
        ("C:\\Python312\\Lib\\asyncio\\base_events.py", False),
        ("<frozen importlib._bootstrap>", False),
        ("<string>", True),
        ("/srv/shop/node_modules/express/index.js", False),
        ("node:internal/timers", False),
        ("/srv/shop/vendor/autoload.php", False),
        ("/srv/shop/vendor/models.py", True),
        ("/usr/local/go/src/net/http/server.go", False),
        ("/root/go/src/example.com/shop/main.go", True),
        ("/usr/local/bundle/gems/rack-2.2.3/lib/rack.rb", False),
    ],
)
def test_code_of_libraries_is_told_by_its_place(file: str, own: bool) -> None:
    assert is_own(file) is own


def test_the_sender_knows_best_what_is_its_own() -> None:
    frames = [
        {"filename": "a.py", "lineno": 1, "in_app": False},
        {"filename": "/x/site-packages/b.py", "lineno": 2, "in_app": True},
    ]
    (exception,) = readable(frames).exceptions
    assert [frame.own for frame in exception.frames] == [True, False]


def test_a_stack_is_told_in_lines() -> None:
    assert as_text(readable(sample("sentry_exception.json"))) == (
        "OrderError: Could not load order 4711\n"
        "    at shop.orders.show (shop/orders.py:15)\n"
        '        return row["total"]\n'
        "    at django.core.handlers.base._get_response (django/core/handlers/base.py:197)\n"
        "during handling of TypeError: 'NoneType' object is not subscriptable\n"
        "    at shop.orders.load (shop/orders.py:12)\n"
        '        return row["total"]'
    )


if __name__ == "__main__":  # writes the files beside the samples; read what changed in them
    for one in NAMES:
        shown = json.dumps(described(readable(sample(one))), indent=1, ensure_ascii=False)
        (SAMPLES / f"{Path(one).stem}.expected.json").write_text(f"{shown}\n")
