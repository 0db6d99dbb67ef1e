"""The addresses that jobs call, as curl and runitor call them."""

import json
import subprocess
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier, Thread

import pytest
from django.db import connections
from django.test import Client

from ingest.tests.serving import served
from loghandler import partitions
from monitors.factories import create_heartbeat
from monitors.models import Check, Monitor
from monitors.records import HeartbeatTarget


@pytest.fixture
def job(db: None) -> Monitor:
    return made()


def made() -> Monitor:
    partitions.ensure()
    return create_heartbeat(HeartbeatTarget(3_600), datetime.now(UTC))


@pytest.mark.parametrize(
    ("method", "word", "state"),
    [
        ("GET", "", "up"),
        ("HEAD", "/0", "up"),
        ("POST", "/", "up"),
        ("POST", "/fail", "down"),
        ("GET", "/7/", "down"),
        ("POST", "/start", "unknown"),
    ],
)
def test_a_call_is_answered_and_counts(job: Monitor, method: str, word: str, state: str) -> None:
    answer = Client().generic(method, f"/ping/{job.ping_key}{word}", HTTP_HOST="anything.example")
    assert answer.status_code == 200
    assert answer.content == (b"" if method == "HEAD" else b"OK\n")
    assert not answer.cookies
    job.refresh_from_db()
    assert job.state == state


def test_a_key_without_dashes_is_the_same(job: Monitor) -> None:
    assert job.ping_key
    assert Client().get(f"/ping/{job.ping_key.hex}").status_code == 200


def test_what_a_job_sends_is_kept(job: Monitor) -> None:
    body = b"\xff" + b"line\n" * 3_000 + b"the \0 end"
    assert Client().post(f"/ping/{job.ping_key}/1", body, "text/plain").status_code == 200
    output = Check.objects.get().output
    assert output is not None
    assert output.endswith("the � end")
    assert len(output) == 10_000


def test_of_a_large_body_the_end_is_kept(job: Monitor) -> None:
    body = "größer\n".encode() * 300_000 + b"disk full"
    assert Client().post(f"/ping/{job.ping_key}/1", body, "text/plain").status_code == 200
    output = Check.objects.get().output
    assert output is not None
    assert len(output) == 10_000
    assert output.endswith("größer\ndisk full")
    assert "�" not in output


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/ping/nobody", "GET", 404),
        ("/ping/0123456789abcdef0123456789abcdef", "POST", 404),
        ("/ping/{key}/stop", "GET", 400),
        ("/ping/{key}/256", "POST", 400),
        ("/ping/{key}", "DELETE", 405),
    ],
)
def test_others_are_refused_in_words(job: Monitor, path: str, method: str, status: int) -> None:
    answer = Client().generic(method, path.format(key=job.ping_key))
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("text/plain")
    assert len(answer.content) > 10
    assert not Check.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_calls_at_once_all_count() -> None:
    job = made()
    together = Barrier(8)

    statuses: list[int] = []

    def call(word: str) -> None:
        together.wait()
        try:
            statuses.append(Client().get(f"/ping/{job.ping_key}{word}").status_code)
        finally:
            connections.close_all()

    threads = [Thread(target=call, args=[word]) for word in ["", "/1"] * 4]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 8
    job.refresh_from_db()
    last = Check.objects.order_by("-checked_at")[0]
    assert job.state == ("down" if last.failure else "up")


def curl(*arguments: str) -> str:
    done = subprocess.run(
        ["curl", "--silent", "--show-error", "--max-time", "10", *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_curl_calls_as_the_page_says_it(tmp_path: Path) -> None:
    with served(tmp_path, LOGHANDLER_API_ACCESS="open") as server:
        apps = f"http://127.0.0.1:{server.port}/apps"
        application = json.loads(curl("-X", "POST", f"{apps}/shop"))["id"]
        sent = {"name": "backup", "kind": "heartbeat", "target": {"period_seconds": 3_600}}
        monitors = f"{apps}/{application}/monitors"
        job = json.loads(curl("--json", json.dumps(sent), monitors))
        url = job["ping_url"]
        assert curl("-fsS", "-m", "10", "--retry", "3", url) == "OK\n"
        # As runitor does: a start, then the exit status with the output, each with a run's id.
        assert curl("-X", "POST", f"{url}/start?rid=4f7c") == "OK\n"
        assert curl("--data-binary", "all is well", f"{url}/0?rid=4f7c") == "OK\n"
        chunked = ["-H", "Transfer-Encoding: chunked", "--data-binary", "disk full"]
        assert curl(*chunked, f"{url}/3") == "OK\n"
        checks = json.loads(curl(f"{monitors}/{job['id']}/checks"))["items"]
        assert [(check["words"], check["output"]) for check in checks] == [
            ("Exit status 3", "disk full"), ("", "all is well"), ("", None),
        ]  # fmt: skip
        assert json.loads(curl(f"{monitors}/{job['id']}"))["state"] == "down"
        log = tmp_path / "log"
        log.write_bytes(b"line\n" * 1_000_000 + b"all is well")
        for more in ([], ["-H", "Transfer-Encoding: chunked"]):
            assert curl(*more, "--data-binary", f"@{log}", f"{url}/0") == "OK\n"
            last = json.loads(curl(f"{monitors}/{job['id']}/checks?limit=1"))["items"][0]
            assert last["output"].endswith("line\nall is well")
        headers = curl("--head", "-H", "Host: any.example", url)
        assert headers.startswith("HTTP/1.1 200")
        assert "set-cookie" not in headers.lower()
