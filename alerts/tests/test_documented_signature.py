"""What docs/alerts.md says of signatures is what is sent."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from alerts.channels.webhook import content, signature
from alerts.tests.test_email_channel import envelope

PAGE = Path(__file__).resolve().parents[2] / "docs" / "alerts.md"


def documented() -> Callable[[str, str, bytes], bool]:
    [code] = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.S)
    names: dict[str, Any] = {}
    exec(code, names)  # noqa: S102
    found: Callable[[str, str, bytes], bool] = names["is_ours"]
    return found


def test_the_documented_check_takes_ours_and_nothing_else() -> None:
    is_ours, body, now = documented(), b'{"id": 1}', int(time.time())
    ours = signature("secret", body, now)
    assert is_ours("secret", ours, body)
    assert not is_ours("another", ours, body)
    assert not is_ours("secret", ours, body + b" ")
    assert not is_ours("secret", signature("secret", body, now - 3_600), body)


def test_the_documented_body_has_the_fields_that_are_sent() -> None:
    [body] = re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.S)
    assert list(json.loads(body)) == list(content(envelope()))
