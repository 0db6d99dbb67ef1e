"""A real Log Handler for what is pasted from the setup page, an application of its own for each."""

from collections.abc import Iterator
from itertools import count

import pytest

from ingest.tests.serving import App, Http, Served, served

_numbers = count(1)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(tmp_path_factory.mktemp("served"), LOGHANDLER_API_ACCESS="open") as started:
        yield started


@pytest.fixture
def http(server: Served) -> Iterator[Http]:
    client = server.http()
    yield client
    client.close()


@pytest.fixture
def app(http: Http) -> App:
    return App.created(http, f"snippets-{next(_numbers)}")


@pytest.fixture
def address(server: Served) -> str:
    return f"http://127.0.0.1:{server.port}"
