import re

import pytest
from django.contrib.staticfiles.storage import staticfiles_storage
from django.test import Client


def test_the_address_of_a_file_changes_with_its_content() -> None:
    address = staticfiles_storage.url("dashboard/tokens.css")
    assert re.fullmatch(r"/static/dashboard/tokens\.css\?v=[0-9a-f]{10}", address)
    assert address != staticfiles_storage.url("dashboard/base.css").replace("base", "tokens")


def test_a_file_that_is_not_there_has_a_plain_address() -> None:
    assert staticfiles_storage.url("nowhere.css") == "/static/nowhere.css"


@pytest.mark.django_db  # the end of a request closes what it may have opened
@pytest.mark.parametrize(
    "name", ["dashboard/tokens.css", "vendor/chart.umd.min.js", "admin/css/base.css"]
)
def test_files_are_served_compressed_and_browsers_keep_them(name: str) -> None:
    answer = Client().get(staticfiles_storage.url(name), headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert answer["Content-Encoding"] == "gzip"
    assert "max-age=86400" in answer["Cache-Control"]
    answer.close()


@pytest.mark.django_db
def test_browsers_that_ask_for_an_icon_unasked_get_the_mark() -> None:
    assert Client().get("/favicon.ico")["Location"].startswith("/static/dashboard/mark.svg?v=")
