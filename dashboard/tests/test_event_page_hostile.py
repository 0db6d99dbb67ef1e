import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

import events
from applications.factories import create_application, create_key, create_member
from dashboard.tests.reading_pages import Elements, elements

pytestmark = pytest.mark.django_db

SAMPLES = Path(events.__file__ or "").parent / "tests/samples/stacks"
MOST_BYTES = 300_000
SCRIPT = """'"></script><script>alert(1)</script><img src=x onerror=alert(1)>{{ 7*7 }}"""
TURNED = "\u202eexe.\u2066gnp\u200f"
ADDRESS = "javascript:alert(1)//https://evil.example"
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
_CELLS = {"dt", "dd", "th", "td"}
SEVEN = "<&'\u202e\" "


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def everywhere(text: str) -> dict[str, Any]:
    """An event that says so in each of its fields."""
    frame = {
        "filename": text,
        "function": text,
        "lineno": 3,
        "context_line": text,
        "pre_context": [text],
        "vars": {text: text},
    }
    exception = {"type": text, "value": text}
    library = {**frame, "in_app": False}
    return {
        "message": f"{text}\n{text}",
        "level": "ERROR",
        "stack": [{**exception, "frames": [frame, library, library]}, exception],
        "tags": {text: text},
        "environment": text[:200],
        "release": text[:200],
        "server_name": text[:200],
        "logger": text[:200],
        "trace_id": text[:200],
        "user": {text: text},
        text: {text: [text]},
    }


HUGE: dict[str, dict[str, Any]] = {
    "message of one line": {"message": "x" * 1_000_000},
    "message of many lines": {"message": "'line'\n" * 140_000},
    "hostile message": {"message": SEVEN * 150_000},
    "stack": {"message": "a", "stack": SEVEN * 120_000},
    "frames": {
        "message": "a",
        "stack": {
            "type": "'" * 900,
            "value": "'" * 9_000,
            "frames": [
                {
                    "file": "'" * 900 + str(n),
                    "line": n,
                    "function": "'" * 900,
                    "context_line": "'" * 400,
                    "locals": {f"v{n}": "'" * 400 for n in range(3)},
                }
                for n in range(500)
            ],
        },
    },
    "exceptions": {
        "message": "a",
        "stack": [
            {"type": "T", "value": "'" * 2_000, "frames": [{"file": "a.js", "line": 1}]}
            for _ in range(500)
        ],
    },
    "tags": {"message": "a", "tags": {f"'{n:05}": "'" * 100 for n in range(10_000)}},
    "user and data": {
        "message": "a",
        "user": {f"'{n:05}": "'" * 500 for n in range(500)},
        "surplus": ["'" * 500] * 1_000,
    },
    "everything": {
        "message": SEVEN * 10_000,
        "stack": SEVEN * 20_000,
        "tags": {f"'{n:05}": "😀" * 15 for n in range(2_000)},
        "user": {f"'{n:05}": "😀" * 50 for n in range(1_000)},
        "environment": "😀" * 200,
        "release": "'" * 200,
        "logger": "😀" * 200,
        "surplus": SEVEN * 20_000,
    },
}


class Service:
    """Sends events as anyone may, and opens their pages."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.application = create_application()
        self.headers = {"x-ingest-key": create_key(self.application)}
        client.force_login(create_member(self.application))

    def sent(self, event: dict[str, Any]) -> str:
        """The path of the event's page."""
        answer = self.client.post(
            f"/apps/{self.application.pk}/events",
            event,
            content_type="application/json",
            headers=self.headers,
        )
        assert answer.status_code == 201, answer.content[:500]
        return f"/applications/{self.application.pk}/events/{answer.json()['id']}/"

    def page(self, event: dict[str, Any]) -> str:
        answer = self.client.get(self.sent(event))
        assert answer.status_code == 200
        return answer.content.decode()


@pytest.fixture
def service(client: Client) -> Service:
    return Service(client)


def is_content(html: str) -> Elements:
    """The page, in which whatever was sent is text."""
    found = elements(html)
    sources = [e.attributes["src"].partition("?")[0] for e in found.all("script")]
    assert sources == ["/static/dashboard/page.js"]
    assert len(found.all("img")) == 1
    assert not [e for e in found.found if any(name.startswith("on") for name in e.attributes)]
    assert all(link.startswith(("/", "#")) for link in found.links())
    assert not HIDDEN.search(html.replace("\r\n", "\n"))
    assert len(found.all("h1")) == 1
    return found


@pytest.mark.parametrize("text", [SCRIPT, TURNED, ADDRESS, "</pre></details>", "W" * 5_000])
def test_whatever_is_sent_is_text(service: Service, text: str) -> None:
    html = service.page(everywhere(text))
    is_content(html)
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert" in html or text != SCRIPT


def test_what_would_reorder_the_page_shows(service: Service) -> None:
    found = is_content(service.page(everywhere(TURNED)))
    shown = "\\u202eexe.\\u2066gnp\\u200f"
    assert found.texts("h1") == [shown]
    assert shown in found.texts("bdi", "call")
    assert shown in found.texts("h3")
    assert found.texts("dd").count(shown) >= 7


def test_nulls_and_terminal_codes_show(service: Service) -> None:
    html = service.page(everywhere("nul\0l \ud800 \x07\x1b[31mred"))
    is_content(html)
    assert "nul\ufffdl \ufffd ␇red" in html


def test_right_to_left_text_stays_in_its_place(service: Service) -> None:
    found = is_content(service.page(everywhere("مرحبا")))
    cells = [e for e in found.found if e.tag in _CELLS and "مرحبا" in e.text]
    isolated = [e for e in found.all("bdi") if _CELLS.intersection(e.inside)]
    assert len(cells) >= 10
    assert len(cells) == len([e for e in isolated if "مرحبا" in e.text])
    assert all("dir" in e.attributes for e in found.all("p", "exception-value"))


@pytest.mark.parametrize("levels", [20, 190])
def test_deep_json_is_shown(service: Service, levels: int) -> None:
    value = deep(levels)
    html = service.page(
        {"message": "a", "stack": value, "user": value, "surplus": value, "tags": {"a": value}}
    )
    is_content(html)


@pytest.mark.parametrize("name", HUGE)
def test_no_event_makes_a_large_page(service: Service, name: str) -> None:
    html = service.page(HUGE[name])
    is_content(html)
    assert 10_000 < len(html.encode()) < MOST_BYTES


def sample_names() -> list[str]:
    return sorted(path.name for path in SAMPLES.iterdir() if ".expected" not in path.name)


@pytest.mark.parametrize("name", sample_names())
def test_stacks_of_many_languages_are_shown(service: Service, name: str) -> None:
    text = (SAMPLES / name).read_text()
    stack = json.loads(text) if name.endswith(".json") else text
    found = is_content(service.page({"message": "a", "stack": stack}))
    expected = json.loads((SAMPLES / name).with_suffix(".expected.json").read_text())
    frames = [frame for one in expected["exceptions"] for frame in one.get("frames", ())]
    assert "Stack" in found.texts("h2")
    assert len(found.all("bdi", "place")) == len(frames)
