"""The sources are Python 3.9's: its syntax, and of its library nothing that came with 3.10.

There is no Python 3.9 in the tests. What came after 3.10 mypy finds, which checks as 3.10 does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

FILES = sorted((Path(__file__).parents[1] / "src").rglob("*.py"))
# https://docs.python.org/3/whatsnew/3.10.html, of what could stand in a client.
NEW_NAMES = {
    "AsyncContextDecorator", "Concatenate", "EllipsisType", "EncodingWarning", "KW_ONLY",
    "NoneType", "NotImplementedType", "ParamSpec", "TypeAlias", "TypeGuard", "UnionType",
    "__excepthook__", "aclosing", "aiter", "anext", "bit_count", "eventfd",
    "freedesktop_os_release", "get_annotations", "getprofile", "gettrace", "hardlink_to",
    "is_typeddict", "orig_argv", "pairwise", "splice", "stdlib_module_names",
}  # fmt: skip
NEW_ARGUMENTS = {
    "bisect": {"key"}, "bisect_left": {"key"}, "bisect_right": {"key"}, "insort": {"key"},
    "dataclass": {"kw_only", "match_args", "slots"}, "field": {"kw_only"},
    "glob": {"dir_fd", "root_dir"}, "iglob": {"dir_fd", "root_dir"},
    "realpath": {"strict"}, "zip": {"strict"},
}  # fmt: skip
# Of one argument, the exception, from 3.10 on.
OF_THREE = {"format_exception", "format_exception_only", "print_exception"}
TYPES = {"bool", "bytes", "dict", "float", "int", "list", "object", "set", "str", "tuple"}


def problems(text: str) -> list[str]:
    """What Python 3.9 does not take."""
    try:
        tree = ast.parse(text, feature_version=(3, 9))
    except SyntaxError as error:
        return [error.msg]
    texts = set(_annotations(tree)) if "from __future__ import annotations" in text else set()
    return [
        f"line {node.lineno}: {found}"
        for node in ast.walk(tree)
        if isinstance(node, (ast.expr, ast.alias))
        for found in _found(node)
        if node not in texts
    ]


def _annotations(tree: ast.AST) -> Iterator[ast.AST]:
    """They are not evaluated."""
    for node in ast.walk(tree):
        for told in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(told, ast.AST):
                yield from ast.walk(told)


def _found(node: ast.expr | ast.alias) -> Iterator[str]:
    name = _name(node)
    if name in NEW_NAMES:
        yield name
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        if any(_is_type(side) for side in (node.left, node.right)):
            yield "a union written with |"
    elif isinstance(node, ast.Call):
        called = _name(node.func)
        given = {keyword.arg for keyword in node.keywords}
        yield from (f"{called}({new}=)" for new in NEW_ARGUMENTS.get(called, set()) & given)
        if called in OF_THREE and len(node.args) == 1:
            yield f"{called} of an exception alone"


def _name(node: ast.AST) -> str:
    """That an expression or an import ends with."""
    for attribute in ("attr", "id", "name"):
        found = getattr(node, attribute, None)
        if isinstance(found, str):
            return found
    return ""


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return _is_type(node.value)
    if isinstance(node, ast.Constant):
        return node.value is None
    return isinstance(node, ast.Name) and node.id in TYPES


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_source_is_one_of_python_3_9(file: Path) -> None:
    assert problems(file.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "match told:\n    case 1: pass",
        "try: pass\nexcept* ValueError: pass",
        "Name = str | None",
        "isinstance(told, int | str)",
        "def put(item: int | None): pass",
        "from __future__ import annotations\nNames = list[str] | None",
        "from typing import TypeAlias",
        "import itertools\nitertools.pairwise([])",
        "zip(one, two, strict=True)",
        "@dataclass(slots=True)\nclass One: pass",
        "traceback.format_exception(error)",
    ],
)
def test_what_is_not_is_found(text: str) -> None:
    assert problems(text)


@pytest.mark.parametrize(
    "text",
    [
        "from __future__ import annotations\ndef put(item: int | None) -> str | None: pass",
        "names = one | {2}",
        "re.compile('', re.A | re.I)",
        "zip(one, two)",
        "traceback.format_exception(kind, error, trace)",
    ],
)
def test_what_is_one_is_left_alone(text: str) -> None:
    assert problems(text) == []
