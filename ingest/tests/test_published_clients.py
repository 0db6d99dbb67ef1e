"""The published clients of API Analytics, pointed here by their server URL alone."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingest.tests.published.driving import AGENT, ASKED
from ingest.tests.serving import App, Http, Served
from loghandler.tests.running import ROOT

SERVICES = {"fastapi": "FastAPI", "flask": "Flask", "django": "Django", "tornado": "Tornado"}


def sent_by(service: str, server: Served, app: App, *, zone: str = "UTC", level: int = 0) -> None:
    """Run the service until its client has sent everything."""
    environment = {
        **os.environ,
        "SERVER_URL": f"http://127.0.0.1:{server.port}/some/base",
        "KEY": f"{app.key[:8]}-{app.key[8:12]}-{app.key[12:16]}-{app.key[16:20]}-{app.key[20:]}",
        "PRIVACY_LEVEL": str(level),
        "TZ": zone,
    }
    done = subprocess.run(
        [sys.executable, "-m", f"ingest.tests.published.{service}_service"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr


def requests_of(http: Http, app: App) -> list[Any]:
    """The stored requests, the oldest first."""
    answer = http.get(f"{app.path}/requests?limit=50")
    assert answer.status == 200, answer.body
    found: list[Any] = answer.json["items"][::-1]
    return found


@pytest.mark.parametrize("service", SERVICES)
def test_all_that_a_service_answered_is_here(
    server: Served, http: Http, app: App, service: str
) -> None:
    started = datetime.now(UTC)
    sent_by(service, server, app, zone="Asia/Kathmandu")  # UTC+5:45
    found = requests_of(http, app)
    assert sorted((each["path"], each["status"]) for each in found) == sorted(ASKED)
    for each in found:
        assert each["method"] == "GET"
        assert each["framework"] == SERVICES[service]
        assert each["hostname"].startswith("127.0.0.1")
        assert each["ip_address"] == "127.0.0.1"
        assert each["user_agent"] == AGENT
        assert (each["client"], each["system"], each["device"]) == ("Firefox", "Linux", "Desktop")
        assert each["duration_ms"] >= 0
        occurred = datetime.fromisoformat(each["occurred_at"])
        assert started - timedelta(seconds=2) <= occurred <= datetime.now(UTC)
    routes = {each["route"] for each in found}
    assert routes == {"/items/{id}", "/missing", "/users/update"}


@pytest.mark.parametrize(("level", "address"), [(1, None), (2, None)])
@pytest.mark.parametrize("service", SERVICES)
def test_privacy_levels_keep_the_address_out(
    server: Served, http: Http, app: App, service: str, level: int, address: str | None
) -> None:
    sent_by(service, server, app, level=level)
    found = requests_of(http, app)
    assert len(found) == len(ASKED)
    assert {each["ip_address"] for each in found} == {address}
    users = {each["user"] for each in found}
    assert (users == {None}) == (level == 2)
