"""Many messages in one."""

from alerts.digests import NAMED, digest
from alerts.records import Message


def test_all_are_counted_and_the_first_named() -> None:
    messages = [("new" if n % 3 else "many", Message(f"title {n}", "")) for n in range(224)]
    found = digest("shop", messages, "/applications/1/alerts/")
    assert found.title == "shop: 224 messages"
    lines = found.text.splitlines()
    assert lines[:2] == ["- title 0", "- title 1"]
    assert lines[NAMED] == "and 214 more"
    assert lines[-2:] == ["149 × new", "75 × many"]
    assert found.facts["count"] == 224


def test_few_are_all_named() -> None:
    text = digest("shop", [("", Message("a", "")), ("", Message("b", ""))], "/").text
    assert text == "- a\n- b"
