"""What a service may choose to tell; where it is mounted; and that its forked workers tell it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from clients.python.tests.service import AGENT, GTHREAD, gunicorn, service
from ingest.tests.serving import App, Served
from loghandler.tests.running import eventually

FRAMEWORKS = ["flask", "bottle", "pyramid", "falcon", "django"]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_mappers_that_raise_cost_nothing_but_themselves(
    server: Served, app: App, tmp_path: Path, framework: str
) -> None:
    words = gunicorn(framework)
    config = {"wrong_mappers": True}
    with service(server, app, words, tmp_path / "output", config=config) as running:
        assert running.ask("/items/7").answer.body == b"item 7"
        found = running.request("/items/7")
        assert (found["route"], found["ip_address"]) == ("/items/{item}", "127.0.0.1")
        assert (found["user_agent"], found["hostname"]) == (AGENT, f"127.0.0.1:{running.port}")
        assert running.stats()[1:] == [1, 0, 0, 0, 6]


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_mappers_are_given_the_frameworks_request(
    server: Served, app: App, tmp_path: Path, framework: str
) -> None:
    words = gunicorn(framework)
    config = {"agent_mapper": True, "keep_query": True, "trusted_proxies": ["127.0.0.0/8"]}
    with service(server, app, words, tmp_path / "output", config=config) as running:
        running.ask("/items/7?page=2", X_Forwarded_For="192.0.2.7, 203.0.113.9, 127.0.0.2")
        running.ask("/nothing")
        running.stats()
        first, second = running.requests()
        assert {first["user_agent"], second["user_agent"]} == {AGENT.upper()}
        assert (first["path"], first["ip_address"]) == ("/items/7?page", "203.0.113.9")
        assert second["ip_address"] == "127.0.0.1"


@pytest.mark.parametrize("framework", ["flask", "django"])
@pytest.mark.parametrize(("level", "address"), [(0, "127.0.0.1"), (1, None), (2, None)])
def test_privacy_levels(
    server: Served, app: App, tmp_path: Path, framework: str, level: int, address: str | None
) -> None:
    """Nor is a forwarded address believed without trusted_proxies."""
    words = gunicorn(framework)
    config = {"privacy_level": level}
    with service(server, app, words, tmp_path / "output", config=config) as running:
        running.ask("/items/7", X_Forwarded_For="203.0.113.9")
        found = running.request("/items/7")
        assert (found["ip_address"], found["user"] is None) == (address, level == 2)


def test_applications_of_several_kinds_below_one_middleware(
    server: Served, app: App, tmp_path: Path
) -> None:
    with service(server, app, gunicorn("mounted"), tmp_path / "output") as running:
        paths = ["/items/1", "/more/items/2", "/more/nothing", "/plain/write", "/plain/error"]
        assert [running.ask(path).answer.status for path in paths] == [200, 200, 404, 200, 500]
        running.stats()
        found = {each["path"]: each for each in running.requests()}
        [event] = running.events()
    assert [found[path]["route"] for path in paths[:2]] == ["/items/{item}", "/more/items/{item}"]
    assert found["/more/nothing"]["status"] == 404
    assert found["/plain/write"]["response_bytes"] == len("written, and returned")
    assert found["/plain/error"]["event_id"] == event["event_id"]
    assert event["stack"]["value"] == "of plain WSGI"


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_a_service_that_the_server_mounts(
    server: Served, app: App, tmp_path: Path, framework: str
) -> None:
    output = tmp_path / "output"
    with service(server, app, gunicorn(framework), output, below="/base") as running:
        assert running.ask("/items/7").answer.body == b"item 7"
        assert running.request("/base/items/7")["route"] == "/base/items/{item}"


@pytest.mark.parametrize("preload", [[], ["--preload"]])
@pytest.mark.parametrize("framework", ["flask", "django"])
@pytest.mark.parametrize("workers", [["-k", "sync"], list(GTHREAD)])
def test_forked_workers_tell_their_own_and_all_at_their_end(
    server: Served, app: App, tmp_path: Path, framework: str, workers: list[str], preload: list[str]
) -> None:
    words = gunicorn(framework, "-w", "2", *workers, *preload)
    with service(server, app, words, tmp_path / "output") as running:
        processes = set()

        def both() -> bool:
            with ThreadPoolExecutor(4) as pool:
                processes.update(each[0] for each in pool.map(lambda _: running.stats(), "1234"))
            return len(processes) == 2

        assert eventually(both, 10)
        paths = [f"/items/{number}" for number in range(60)]
        with ThreadPoolExecutor(8) as pool:
            assert {asked.answer.status for asked in pool.map(running.ask, paths)} == {200}
    found = running.requests()
    assert sorted(each["path"] for each in found) == sorted(paths)
