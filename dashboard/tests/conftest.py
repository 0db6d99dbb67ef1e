"""A real Log Handler for what is pasted from the setup page, an application of its own for each."""

from itertools import count

import pytest

from ingest.tests import serving
from ingest.tests.serving import App, Http, Served

_numbers = count(1)


server, http = serving.server, serving.http_connection


@pytest.fixture
def app(http: Http) -> App:
    return App.created(http, f"snippets-{next(_numbers)}")


@pytest.fixture
def address(server: Served) -> str:
    return f"http://127.0.0.1:{server.port}"
