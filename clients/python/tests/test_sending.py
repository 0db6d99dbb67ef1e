"""Nothing is lost within the bounds and nothing counted twice, whatever the server does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from typing import Any

import pytest
from clients.python.tests.relay import Relay
from ingest.tests.serving import App, Http
from loghandler.tests.running import eventually

from loghandler_client import Client, sending


@pytest.fixture(autouse=True)
def _quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_RETRY", 0.05)
    monkeypatch.setattr(sending, "LAST_RETRY", 0.2)


def messages(http: Http, app: App) -> Counter[str]:
    return Counter(event["message"] for event in app.all_listed(http))


def send(client: Client, count: int, name: str = "event") -> list[str]:
    told = [f"{name} {number}" for number in range(count)]
    for message in told:
        client.event(message)
    return told


def test_events_and_requests_arrive_with_the_key_alone(
    client: Client, http: Http, app: App
) -> None:
    event_id = client.event("Paid", "ERROR", tags={"shop": 7}, data={"sum": 3.5}, user={"id": 1})
    client.request("GET", "/orders/7", 200, duration_ms=1.5, route="/orders/{id}")
    assert client.flush()
    [event] = app.listed(http)
    assert (event["message"], event["level"], event["tags"]) == ("Paid", "ERROR", {"shop": 7})
    assert (event["event_id"], event["data"]["sum"], event["user"]) == (event_id, 3.5, {"id": 1})
    [request] = http.get(f"{app.path}/requests").json["items"]
    assert (request["path"], request["route"], request["status"]) == (
        "/orders/7", "/orders/{id}", 200,
    )  # fmt: skip
    assert client.stats == (2, 0, 0, 0, 0)


def test_the_address_of_the_application_does_as_well(
    make_client: Any, relay: Relay, http: Http, app: App
) -> None:
    for end in ("", "/", "/events", "/requests/"):
        client = make_client(url=f"{relay.url}{app.path}{end}")
        client.event(f"to {end}")
        assert client.flush()
    assert len(messages(http, app)) == 4
    assert {path for path, _, _ in relay.asked} == {f"{app.path}/events"}


def test_many_go_in_few_posts_and_large_ones_are_compressed(
    make_client: Any, relay: Relay, http: Http, app: App
) -> None:
    client = make_client(batch_items=100, event_seconds=5)
    told = send(client, 1_000)
    assert client.flush()
    assert messages(http, app) == Counter(told)
    assert len(relay.asked) <= 20
    assert all(headers["content-encoding"] == "gzip" for _, headers, _ in relay.asked)


@pytest.mark.parametrize("trouble", ["503", "429", "502", "cut", "deaf", "slow"])
def test_in_trouble_it_tries_again_and_nothing_counts_twice(
    make_client: Any, relay: Relay, http: Http, app: App, trouble: str
) -> None:
    client = make_client(timeout=5.0)
    relay.mode = trouble
    told = send(client, 20, "before")
    assert eventually(lambda: len(relay.asked) >= (1 if trouble == "slow" else 2), 10)
    told += send(client, 20, "meanwhile")
    relay.mode = "pass"
    assert client.flush(15)
    assert messages(http, app) == Counter(told)
    assert client.stats == (40, 0, 0, 0, 0)


def test_a_server_that_is_away_for_a_while_gets_all_when_it_is_back(
    client: Client, relay: Relay, http: Http, app: App
) -> None:
    relay.close()
    told = send(client, 50)
    assert not client.flush(0.5)
    assert client.stats.waiting == 50
    relay.open()
    assert client.flush(15)
    assert messages(http, app) == Counter(told)


def test_a_server_that_answers_later_than_the_timeout_is_asked_again(
    make_client: Any, relay: Relay, http: Http, app: App
) -> None:
    client = make_client(timeout=0.3)
    relay.mode, relay.seconds = "slow", 1.0
    told = send(client, 5)
    time.sleep(0.8)
    relay.mode = "pass"
    assert client.flush(15)
    assert messages(http, app) == Counter(told)


def test_retry_after_is_respected(client: Client, relay: Relay, http: Http, app: App) -> None:
    relay.mode, relay.retry_after = "503", "1"
    client.event("Later")
    assert eventually(lambda: bool(relay.asked), 5)
    refused, relay.mode = time.monotonic(), "pass"
    assert eventually(lambda: len(relay.asked) > 1, 5)
    assert time.monotonic() - refused > 0.8
    assert client.flush()
    assert messages(http, app) == {"Later": 1}


def test_beyond_the_bound_the_oldest_go_and_the_server_is_told_how_many(
    make_client: Any, relay: Relay, http: Http, app: App
) -> None:
    client = make_client(most_items=100)
    relay.close()
    told = send(client, 250)
    assert eventually(lambda: client.stats.dropped == 150, 5)
    relay.open()
    assert client.flush(15)
    assert eventually(lambda: client.stats.waiting == 0, 5)
    assert client.flush()
    found = messages(http, app)
    dropped = "Events or requests were dropped: more waited than there was room for."
    assert found == Counter([*told[-100:], dropped])
    [report] = app.listed(http, "level=WARNING")
    assert report["tags"] == {"dropped_events": 150}


def test_the_bound_is_one_of_bytes_too(make_client: Any, relay: Relay) -> None:
    client = make_client(most_bytes=100_000)
    relay.close()
    for _ in range(100):
        client.event("x" * 10_000)
    assert eventually(lambda: client.stats.dropped >= 90, 5)
    assert client.stats.waiting <= 10


def test_what_is_refused_is_counted_and_the_rest_goes_on(
    client: Client, relay: Relay, http: Http, app: App, capfd: pytest.CaptureFixture[str]
) -> None:
    client.request("GET", "/fine", 200)
    client.request("GET", "/wrong", "two hundred")  # type: ignore[arg-type]
    assert client.flush()
    assert client.stats == (1, 0, 0, 1, 0)
    assert "1 of 2 requests were refused" in capfd.readouterr().err


def test_a_key_that_opens_nothing_is_told_and_loses_nothing(
    make_client: Any, relay: Relay, capfd: pytest.CaptureFixture[str]
) -> None:
    client = make_client(key="1a2b3c4d5e6f708192a3b4c5d6e7f809")
    client.event("Who am I?")
    assert not client.flush(0.5)
    assert client.stats.waiting == 1
    assert "401" in capfd.readouterr().err


def test_a_batch_that_is_too_large_is_halved(
    make_client: Any, relay: Relay, http: Http, app: App
) -> None:
    client = make_client(event_seconds=5)
    told = send(client, 40)
    passed, relay_answer = relay._passed, []

    def strict(path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        relay_answer.append(len(body))
        return (413, b"{}") if len(body) > 900 else passed(path, headers, body)

    relay._passed = strict  # type: ignore[method-assign]
    client.sender._settings = client.sender._settings._replace(gzip_over=1_000_000)
    assert client.flush(15)
    assert messages(http, app) == Counter(told)
    assert max(relay_answer) > 900


def test_fifty_threads_lose_nothing(client: Client, http: Http, app: App) -> None:
    def tell(number: int) -> None:
        for each in range(100):
            client.event(f"{number}/{each}")

    threads = [threading.Thread(target=tell, args=[number]) for number in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.flush(20)
    found = messages(http, app)
    assert (len(found), found.total()) == (5_000, 5_000)


def test_one_may_flush_while_another_tells_the_first_event(
    client: Client, relay: Relay, http: Http, app: App
) -> None:
    relay.mode, relay.seconds = "slow", 0.3
    client.event("First")
    # As flush does where it has met no sending thread, a moment before the event started one.
    assert client.sender._without_thread(time.monotonic() + 5)
    time.sleep(0.5)
    assert messages(http, app) == {"First": 1}
    assert client.stats == (1, 0, 0, 0, 0)


def test_after_its_end_it_begins_again(client: Client, http: Http, app: App) -> None:
    for number in range(3):
        client.event(f"event {number}")
        client.close()
    client.event("last")
    assert client.flush()
    assert messages(http, app) == Counter(["event 0", "event 1", "event 2", "last"])
    mine = [each for each in threading.enumerate() if each is client.sender._thread]
    assert len(mine) == 1


def test_a_destructor_that_logs_while_something_is_put_hinders_nobody(
    client: Client, http: Http, app: App
) -> None:
    class Logging:
        def __del__(self) -> None:
            client.event("gone")

    with client.sender._changed:  # as if the collector ran in the midst of it
        client.event("outer")
        one = Logging()
        del one
    assert client.flush()
    assert messages(http, app) == Counter(["outer", "gone"])


def test_it_does_nothing_without_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOGHANDLER_CLIENT_URL", raising=False)
    client = Client()
    assert client.event("Nobody hears") is None
    client.request("GET", "/", 200)
    assert client.flush()
    client.close()
    assert client.stats == (0, 0, 0, 0, 0)


@pytest.mark.parametrize("url", ["logs.example.com", "ftp://logs.example.com", "http://"])
def test_an_address_that_is_none_is_told_at_once(url: str) -> None:
    with pytest.raises(ValueError, match="is no address"):
        Client(url, "key")


def test_a_value_that_cannot_be_told_costs_itself_alone(
    client: Client, http: Http, app: App
) -> None:
    class Wrong:
        def __str__(self) -> str:
            raise RuntimeError

    client.event("Wrong", data={"it": Wrong()})
    client.event("Right \ud800", data={"nan": float("nan"), "set": {1}})
    assert client.flush()
    assert set(messages(http, app)) == {"Right ?"}
    assert client.stats.failed == 1
