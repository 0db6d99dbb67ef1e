"""The OpenAPI document and its page."""

import re

from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client

HEADERS = {"accept": "application/json"}


def test_the_document_is_valid_and_complete(tmp_path: object) -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", f"{tmp_path}/schema.yml")


def test_the_document_shows_each_path_once_and_without_a_trailing_slash() -> None:
    paths = Client().get("/schema/", headers=HEADERS).json()["paths"]
    assert {"/apps", "/apps/{app_id}"} <= paths.keys()
    assert not [path for path in paths if path.endswith("/")]


def test_every_refusal_is_described_in_the_one_shape() -> None:
    document = Client().get("/schema", headers=HEADERS).json()
    shape = {"$ref": "#/components/schemas/Errors"}
    refusals = [
        (path, status, answer)
        for path, operations in document["paths"].items()
        for operation in operations.values()
        for status, answer in operation["responses"].items()
        if status >= "400"
    ]
    assert refusals
    for path, status, answer in refusals:
        assert answer["content"]["application/json"]["schema"] == shape, (path, status)
        assert answer["description"], (path, status)


def test_pages_are_described_as_they_are_answered() -> None:
    document = Client().get("/schema", headers=HEADERS).json()
    checks = document["paths"]["/apps/{app_id}/monitors/{monitor_id}/checks"]["get"]
    names = {parameter["name"] for parameter in checks["parameters"]}
    assert {"limit", "cursor"} <= names
    assert "offset" not in names
    shape = checks["responses"]["200"]["content"]["application/json"]["schema"]["$ref"]
    page = document["components"]["schemas"][shape.rpartition("/")[2]]
    assert page["required"] == ["items", "next_cursor"]


def test_the_page_asks_no_other_host() -> None:
    page = Client().get("/docs/")
    script = Client().get("/docs/?script=")
    assert page.status_code == script.status_code == 200
    for text in [page.content.decode(), script.content.decode()]:
        assert not re.findall(r"(?:https?:)?//(?!testserver)[\w.-]+\.\w+", text)
    assert '"validatorUrl": null' in script.content.decode()


def test_the_files_of_the_page_are_here() -> None:
    page = Client().get("/docs").content.decode()
    files = set(re.findall(r'(?:src|href)="/static/([^"?]+)', page))
    assert len(files) == 5  # the mark, two style sheets, two scripts
    assert all(finders.find(file) for file in files)


def test_the_page_needs_nothing_inline_but_icons_of_its_style_sheet() -> None:
    page = Client().get("/docs")
    assert "style-src" not in page["Content-Security-Policy"]
    assert "script-src" not in page["Content-Security-Policy"]
    assert "img-src 'self' data:" in page["Content-Security-Policy"]
    assert not re.search(r"<style|\sstyle=|<script(?! src=)", page.content.decode())
