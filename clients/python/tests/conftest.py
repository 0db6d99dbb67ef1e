"""A real Log Handler for all tests of the client, an application of its own for each."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from clients.python.tests.relay import Relay
from ingest.tests import serving
from ingest.tests.serving import App, Http, Served

from loghandler_client import Client

server, http = serving.server, serving.http_connection


@pytest.fixture
def app(http: Http, request: pytest.FixtureRequest) -> App:
    return App.created(http, f"client-{abs(hash(request.node.nodeid))}")


@pytest.fixture
def relay(server: Served) -> Iterator[Relay]:
    relay = Relay(server.port)
    yield relay
    relay.close()


@pytest.fixture
def make_client(relay: Relay, app: App) -> Iterator[Any]:
    """Makes clients of the application, which send by the relay."""
    made: list[Client] = []

    def make(**options: Any) -> Client:
        options = {"event_seconds": 0.05, "request_seconds": 0.05, **options}
        client = Client(options.pop("url", relay.url), options.pop("key", app.key), **options)
        made.append(client)
        return client

    yield make
    for client in made:
        for lane in client.sender.lanes:
            lane.clear()
        client.close()


@pytest.fixture
def client(make_client: Any) -> Client:
    made: Client = make_client()
    return made
