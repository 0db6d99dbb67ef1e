from itertools import count

import pytest

from ingest.tests import serving
from ingest.tests.serving import App, Http

_numbers = count(1)


server, http = serving.server, serving.http_connection


@pytest.fixture
def app(http: Http) -> App:
    """A new application, made as a user of the contract makes one."""
    return App.created(http, f"contract-{next(_numbers)}")
