"""Checks of real targets on loopback."""

import asyncio
import socket
import ssl
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta

import pytest
import trustme

from loghandler.outbound.addresses import Guard
from loghandler.outbound.connections import Connector, Resolver
from loghandler.tests import targets
from loghandler.tests.targets import Target as Server
from loghandler.tests.targets import answer, redirect, serving_tls, target
from monitors.probes import probe
from monitors.records import FAILURES, CheckRecord, HttpTarget, Target, TcpTarget, TlsTarget

authority, trusted = targets.authority, targets.trusted
TIMEOUT = 0.5
NAME = "service.example"


def check(served: bytes, made: Callable[[Server], Target]) -> CheckRecord:
    """The check of a target made of a server that answers so."""
    return check_all([served], made)


def check_all(
    served: list[bytes],
    made: Callable[..., Target],
    *,
    tls: ssl.SSLContext | None = None,
    timeout: float = TIMEOUT,
) -> CheckRecord:
    async def main() -> CheckRecord:
        connector = Connector(Guard(["127.0.0.0/8"]), Resolver(lambda _: ["127.0.0.1"]))
        async with AsyncExitStack() as stack:
            servers = [await stack.enter_async_context(target(each, tls)) for each in served]
            return await probe(made(*servers), connector, timeout=timeout)

    found = asyncio.run(main())
    assert found.failure is None or found.failure in FAILURES
    assert abs(found.checked_at - datetime.now(UTC)) < timedelta(seconds=30)
    return found


def test_a_healthy_service() -> None:
    found = check(answer(), lambda server: HttpTarget(server.url()))
    assert (found.up, found.words, found.status, found.address) == (True, "", 200, "127.0.0.1")
    assert found.timings.total > 0


def test_a_wrong_status() -> None:
    found = check(answer("500 Oops"), lambda server: HttpTarget(server.url()))
    assert (found.failure, found.words) == ("status", "Status 500, not 200 to 299")
    assert found.status == 500


def test_a_missing_keyword() -> None:
    found = check(answer(), lambda server: HttpTarget(server.url(), keyword="welcome"))
    assert (found.failure, found.words) == ("keyword", "“welcome” is not in the answer")


def test_a_wrong_value() -> None:
    body = answer(body=b'{"database": "away"}')
    found = check(
        body, lambda server: HttpTarget(server.url(), json_path="database", json_value="up")
    )
    assert (found.failure, found.words) == ("value", "database is away, not up")


def test_a_redirect_is_followed_and_may_be_expected() -> None:
    def made(server: Server) -> Target:
        return HttpTarget(server.url(), redirects=0, statuses=((302, 302),))

    assert check(redirect("https://elsewhere.example/"), made).up
    found = check(redirect("http://10.0.0.1/"), lambda server: HttpTarget(server.url()))
    assert (found.failure, found.status) == ("forbidden", None)


def test_a_slow_one_is_told_by_its_timings() -> None:
    found = check(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n",
                  lambda server: HttpTarget(server.url()))  # fmt: skip
    assert found.failure == "protocol"  # it closed
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        found = check_all([], lambda: HttpTarget(f"http://127.0.0.1:{port}/"), timeout=0.2)
    assert (found.failure, found.words) == ("timeout", "No answer within 0.2 s")
    assert (found.timings.first_byte or 0) >= 190
    assert found.timings.body is None


def test_a_port() -> None:
    found = check(b"", lambda server: TcpTarget(NAME, server.port))
    assert (found.up, found.status, found.address) == (True, None, "127.0.0.1")
    assert (found.timings.connect or 0) > 0
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        found = check_all([], lambda: TcpTarget("127.0.0.1", port))
    assert found.failure == "refused"
    assert check_all([], lambda: TcpTarget("10.0.0.1", 22)).failure == "forbidden"


def certificate(authority: trustme.CA, days: float, least: int) -> CheckRecord:
    def made(server: Server) -> Target:
        return TlsTarget(NAME, server.port, least)

    return check_all(
        [b""], made, tls=serving_tls(authority, NAME, datetime.now(UTC) + timedelta(days=days))
    )


@pytest.mark.usefixtures("trusted")
def test_a_certificate_of_five_days(authority: trustme.CA) -> None:
    found = certificate(authority, 5.5, least=14)
    day = f"{datetime.now(UTC) + timedelta(days=5.5):%-d %B %Y}"
    assert (found.failure, found.words) == (
        "certificate",
        f"The certificate ends in 5 days, on {day}",
    )
    assert found.certificate_until is not None
    assert (found.timings.tls or 0) > 0
    assert certificate(authority, 5.5, least=5).up


@pytest.mark.usefixtures("trusted")
def test_a_certificate_that_has_ended(authority: trustme.CA) -> None:
    found = certificate(authority, -1, least=0)
    assert (found.failure, found.words) == ("tls", "TLS failed: certificate has expired")


@pytest.mark.usefixtures("trusted")
def test_an_https_service_tells_until_when_its_certificate_is_valid(authority: trustme.CA) -> None:
    def made(server: Server) -> Target:
        return HttpTarget(server.url(host=NAME, scheme="https"))

    found = check_all(
        [answer()], made, tls=serving_tls(authority, NAME, datetime.now(UTC) + timedelta(days=30))
    )
    assert found.up
    assert found.certificate_until is not None


def test_a_slow_target_delays_nobody() -> None:
    """A thousand at once, a tenth of which never answer: the others are done before these."""

    async def main() -> None:
        connector = Connector(Guard(["127.0.0.0/8"]))
        done: list[bool] = []

        async def one(url: str) -> None:
            done.append((await probe(HttpTarget(url), connector, timeout=20)).up)

        async with target(answer()) as healthy:
            with socket.create_server(("127.0.0.1", 0), backlog=200) as silent:
                deaf = f"http://127.0.0.1:{silent.getsockname()[1]}/"
                urls = [deaf if number % 10 == 0 else healthy.url() for number in range(1_000)]
                async with asyncio.TaskGroup() as group:
                    tasks = [group.create_task(one(url)) for url in urls]
                    while len(done) < 900:
                        await asyncio.sleep(0.01)
                    for task in tasks:
                        task.cancel()
            assert done == [True] * 900

    asyncio.run(main())
