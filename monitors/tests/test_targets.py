"""Targets are stored as JSON, and come back the same."""

from typing import Any

import pytest

from monitors import targets
from monitors.records import HttpTarget, Target, TcpTarget, TlsTarget


@pytest.mark.parametrize(
    "target",
    [
        HttpTarget("https://service.example/"),
        HttpTarget(
            "https://service.example/", "POST", (("X-Key", "ü"),), b"\x00\xff",
            ((200, 204), (401, 401)), "well", True, "a.0", "1", 0, False,
        ),
        TcpTarget("db.example", 5432),
        TlsTarget("service.example", 8443, 30),
    ],
)  # fmt: skip
def test_a_target_comes_back_as_it_was(target: Target) -> None:
    assert targets.read(*targets.stored(target)) == target


@pytest.mark.parametrize(
    ("kind", "fields", "wrong"),
    [
        ("icmp", {}, "icmp is no kind of monitor: http, tcp, tls"),
        ("http", {}, "missing required field `url`"),
        ("tcp", {"host": "db.example", "port": "many"}, r"`\$.port`"),
        ("tcp", [], "object"),
    ],
)
def test_what_is_no_target_is_said(kind: str, fields: Any, wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        targets.read(kind, fields)
