from collections.abc import Iterator
from itertools import count

import pytest

from ingest.tests.serving import App, Http, Served, served

_numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """One server for all tests of the contract; each makes an application of its own."""
    folder = tmp_path_factory.mktemp("served")
    with served(folder, LOGHANDLER_API_ACCESS="open") as started:
        yield started


@pytest.fixture
def http(server: Served) -> Iterator[Http]:
    client = server.http()
    yield client
    client.close()


@pytest.fixture
def app(http: Http) -> App:
    """A new application, made as a user of the contract makes one."""
    return App.created(http, f"contract-{next(_numbers)}")
