"""Asking real servers on loopback: what they answer, and in which words they do not."""

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import cycle
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import trustme

from loghandler.outbound import connections
from loghandler.outbound.addresses import Guard
from loghandler.outbound.connections import Connector, Resolver, Stopwatch, Unreachable
from loghandler.outbound.http import Answer, Client, Request
from loghandler.tests import targets
from loghandler.tests.targets import answer, redirect, serving_tls, target

authority, trusted = targets.authority, targets.trusted
LOOPBACK = ("127.0.0.0/8", "::1/128")
NAMES = {"service.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]}


def lookup(host: str) -> Sequence[str]:
    return NAMES.get(host) or connections.system_lookup(host)


def client(*allowed: str, lookup: connections.Lookup = lookup) -> Client:
    return Client(Connector(Guard(allowed or LOOPBACK), Resolver(lookup)))


def asked(request: Request, by: Client | None = None) -> Awaitable[Answer]:
    return (by or client()).ask(request)


async def failure(request: Request, by: Client | None = None) -> tuple[str, str]:
    with pytest.raises(Unreachable) as failed:
        await asked(request, by)
    assert failed.value.kind in connections.FAILURES
    return failed.value.kind, str(failed.value)


def test_an_answer_comes_with_its_timings() -> None:
    async def main() -> None:
        async with target(answer()) as healthy:
            got = await asked(Request(healthy.url("/a b?q=ü&r=%20")))
            assert (got.status, got.body, got.cut) == (200, b"fine", False)
            assert got.header("Content-Type") == "text/plain"
            assert str(got.address) == "127.0.0.1"
            assert got.certificate_until is None
            taken = got.timings
            assert taken.tls is None
            steps = [taken.dns, taken.connect, taken.first_byte, taken.body]
            assert all(each is not None and each >= 0 for each in steps)
            assert taken.total == pytest.approx(sum(each or 0 for each in steps))
            (sent,) = healthy.asked
            assert sent.startswith(b"GET /a%20b?q=%C3%BC&r=%20 HTTP/1.1\r\n")
            assert f"host: 127.0.0.1:{healthy.port}\r\n".encode() in sent.lower()

    asyncio.run(main())


def test_method_headers_and_body_are_those_of_the_request() -> None:
    async def main() -> None:
        async with target(answer("201 Created", b"")) as healthy:
            url = healthy.url().replace("//", "//ann:p%40ss@")
            request = Request(url, "POST", (("X-Shop", "7"), ("User-Agent", "mine")), b'{"a":1}')
            assert (await asked(request)).status == 201
            (sent,) = healthy.asked
            head, _, body = sent.partition(b"\r\n\r\n")
            lines = [line.lower() for line in head.split(b"\r\n")]
            assert body == b'{"a":1}'
            assert b"x-shop: 7" in lines
            assert [line for line in lines if line.startswith(b"user-agent")] == [
                b"user-agent: mine"
            ]
            assert b"authorization: basic yw5uonbac3m=" in lines  # ann:p@ss
            assert b"ann" not in next(line for line in lines if line.startswith(b"host"))

    asyncio.run(main())


def test_an_answer_of_chunks_and_one_that_ends_with_the_connection() -> None:
    chunks = (
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
    )
    until_end = b"HTTP/1.0 200 OK\r\n\r\nabcde"

    async def main() -> None:
        for written in (chunks, until_end):
            async with target(written) as serving:
                got = await asked(Request(serving.url()))
                assert (got.body, got.cut) == (b"abcde", False)

    asyncio.run(main())


def test_a_switch_to_another_protocol_is_an_answer() -> None:
    switch = b"HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\nConnection: upgrade\r\n\r\nframes"
    headers = (("Upgrade", "websocket"), ("Connection", "Upgrade"))

    async def main() -> None:
        async with target(switch) as serving:
            got = await asked(Request(serving.url(), headers=headers))
            assert (got.status, got.body, got.cut) == (101, b"", False)
            kind, words = await failure(Request(serving.url()))  # nobody asked for it
            assert (kind, words[:22]) == ("protocol", "The answer is not HTTP")

    asyncio.run(main())


def test_what_comes_before_an_answer_is_none() -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n"

    async def main() -> None:
        async with target(hints + answer()) as serving:
            assert (await asked(Request(serving.url()))).status == 200
        async with target(hints) as serving:
            assert (await failure(Request(serving.url())))[0] == "protocol"

    asyncio.run(main())


def test_headers_of_any_text_are_sent_as_utf_8() -> None:
    async def main() -> None:
        async with target(answer()) as serving:
            await asked(Request(serving.url(), headers=(("X-Who", "Zoë"),)))
            assert "\r\nX-Who: Zoë\r\n".encode() in serving.asked[0]

    asyncio.run(main())


def test_a_redirect_to_what_is_no_address_is_told() -> None:
    async def main() -> None:
        async with target(redirect("http://ann:pass@[nowhere")) as begin:
            kind, words = await failure(Request(begin.url(), redirects=1))
            assert (kind, words) == (
                "forbidden",
                "http://[nowhere is no address: Invalid IPv6 URL",
            )

    asyncio.run(main())


def test_name_and_password_of_an_address_stay_with_its_origin() -> None:
    async def main() -> None:
        moved: list[bytes] = []

        async def served(asked: bytes, writer: asyncio.StreamWriter) -> None:
            writer.write(answer() if asked.startswith(b"GET /new ") else moved[0])

        async with target(served) as origin, target(answer()) as other:
            url = origin.url().replace("//", "//ann:p%40ss@")
            for location in ("/new", origin.url("/new"), other.url("/new")):
                moved[:] = [redirect(location)]
                assert (await asked(Request(url, redirects=1))).status == 200
            sent = [b"basic yw5uonbac3m=" in each.lower() for each in origin.asked]
            assert sent == [True] * 5
            assert b"authorization" not in other.asked[0].lower()

    asyncio.run(main())


def test_a_redirect_may_be_written_in_any_script() -> None:
    async def main() -> None:
        async with target(answer()) as end, target(redirect(end.url("/über"))) as begin:
            await asked(Request(begin.url(), redirects=1))
            assert end.asked[0].startswith(b"GET /%C3%BCber HTTP")

    asyncio.run(main())


def test_redirects_are_followed_as_far_as_asked() -> None:
    async def main() -> None:
        async with target(answer()) as end, target(redirect(end.url("/there"))) as begin:
            got = await asked(Request(begin.url(), redirects=1))
            assert (got.status, got.url) == (200, end.url("/there"))
            assert (await asked(Request(begin.url()))).status == 302
        async with target(redirect("/again")) as circle:
            kind, words = await failure(Request(circle.url(), redirects=3))
            assert (kind, words) == ("redirects", "More than 3 redirects")
            assert len(circle.asked) == 4

    asyncio.run(main())


@pytest.mark.parametrize(
    ("status", "method", "kept"),
    [
        ("301 Moved", "GET", False),
        ("302 Found", "GET", False),
        ("303 See", "GET", False),
        ("307 Temporary", "POST", True),
        ("308 Permanent", "POST", True),
    ],
)
def test_what_a_redirect_does_to_a_post(status: str, method: str, kept: bool) -> None:
    async def main() -> None:
        async with target(answer()) as end, target(redirect(end.url(), status)) as begin:
            await asked(Request(begin.url(), "POST", body=b"body", redirects=1))
            assert end.asked[0].startswith(method.encode())
            assert end.asked[0].endswith(b"body") is kept

    asyncio.run(main())


def test_secrets_do_not_go_to_another_origin() -> None:
    headers = (("Authorization", "Bearer s"), ("X-Key", "s"), ("Accept", "text/plain"))

    async def main() -> None:
        async with target(answer()) as end, target(redirect(end.url())) as begin:
            await asked(Request(begin.url(), headers=headers, redirects=1))
            assert b"X-Key: s" in begin.asked[0]
            assert b"Bearer" not in end.asked[0]
            assert b"X-Key" not in end.asked[0]
            assert b"Accept: text/plain" in end.asked[0]

    asyncio.run(main())


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:{port}/",
        "http://localhost:{port}/",
        "http://2130706433:{port}/",
        "http://0x7f.1:{port}/",
        "http://127.1:{port}/",
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://0:{port}/",
        "http://service.example:{port}/",
        "http://inside.example:{port}/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_this_machine_and_its_network_are_not_asked(url: str) -> None:
    async def main() -> None:
        async with target(answer()) as inside:
            request = Request(url.format(port=inside.port))
            kind, words = await failure(request, client("192.0.2.0/24"))
            assert kind == "forbidden"
            assert "which this server does not ask" in words
            assert not inside.connected

    asyncio.run(main())


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "//127.0.0.1", "", "a"]
)
def test_only_http_is_asked(url: str) -> None:
    kind, words = asyncio.run(failure(Request(url)))
    assert (kind, "no address of http or https" in words) == ("forbidden", True)


@pytest.mark.parametrize("url", ["http://a:b/", "http://[::1/", f"http://{'ü' * 64}.example/"])
def test_what_is_no_address_is_said_so(url: str) -> None:
    kind, words = asyncio.run(failure(Request(url)))
    assert (kind, "is no address" in words) == ("forbidden", True)


def test_passwords_are_not_told_in_reasons() -> None:
    _, words = asyncio.run(failure(Request("ftp://ann:secret@files.example/a")))
    assert words == "ftp://files.example/a is no address of http or https"


@pytest.mark.parametrize("url", ["http://127.0.0.2:{port}/", "file:///etc/passwd", "http://[::1]/"])
def test_a_redirect_to_a_forbidden_address_is_not_followed(url: str) -> None:
    async def main() -> None:
        async with (
            target(answer(), host="127.0.0.2") as inside,
            target(redirect(url.format(port=inside.port))) as begin,
        ):
            by = client("127.0.0.1/32")
            kind, _ = await failure(Request(begin.url(), redirects=5), by)
            assert kind == "forbidden"
            assert not inside.connected

    asyncio.run(main())


def test_a_name_is_resolved_once_and_the_checked_address_is_connected_to() -> None:
    """A name server may answer differently the next time (DNS rebinding)."""
    answers = cycle([["127.0.0.1"], ["127.0.0.2"]])
    questions: list[str] = []

    def changing(host: str) -> list[str]:
        questions.append(host)
        return next(answers)

    async def main() -> None:
        async with target(answer(), host="127.0.0.1") as outside:
            by = client("127.0.0.1/32", lookup=changing)
            got = await asked(Request(outside.url(host="changing.example")), by)
            assert (str(got.address), questions) == ("127.0.0.1", ["changing.example"])
            kind, words = await failure(Request(outside.url(host="changing.example")), by)
            assert kind == "forbidden"
            assert words.startswith("127.0.0.2")

    asyncio.run(main())


def test_of_several_addresses_the_first_that_is_permitted_and_answers_is_taken() -> None:
    async def main() -> None:
        async with target(answer(), host="127.0.0.3") as serving:
            addresses = ["10.0.0.1", "127.0.0.1", "127.0.0.3"]
            by = client(lookup=lambda _: addresses)
            got = await asked(Request(serving.url(host="many.example")), by)
            assert str(got.address) == "127.0.0.3"

    asyncio.run(main())


def test_a_name_that_does_not_exist() -> None:
    kind, words = asyncio.run(failure(Request("http://nothing.invalid/")))
    assert kind == "dns"
    assert words.startswith("nothing.invalid has no address")


def test_a_port_where_nobody_listens() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        kind, words = asyncio.run(failure(Request(f"http://127.0.0.1:{port}/")))
    assert (kind, words) == ("refused", f"127.0.0.1 refused the connection to port {port}")


def test_whoever_is_slow_is_told_by_what_did_not_come() -> None:
    async def silent(_: bytes, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(60)

    async def halting(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine")
        await asyncio.sleep(60)

    async def main() -> None:
        for served, words in [(silent, "No answer"), (halting, "No end of the answer")]:
            async with target(served) as slow:
                watch = Stopwatch()
                with pytest.raises(Unreachable) as failed:
                    await client().ask(Request(slow.url(), timeout=0.2), watch)
                assert failed.value.kind == "timeout"
                assert str(failed.value) == f"{words} within 0.2 s"
                assert watch.timings().total >= 190
        with socket.create_server(("127.0.0.1", 0)) as deaf:  # the kernel takes the connection
            url = f"https://127.0.0.1:{deaf.getsockname()[1]}/"
            assert await failure(Request(url, timeout=0.2)) == (
                "timeout",
                "No TLS handshake within 0.2 s",
            )

    asyncio.run(main())


def test_an_unending_name_server_holds_up_its_own_name_alone() -> None:
    ended = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    def stuck(host: str) -> list[str]:
        if host == "stuck.example":
            asyncio.run_coroutine_threadsafe(ended.wait(), loops[0]).result()
        return ["127.0.0.1"]

    async def main() -> None:
        loops.append(asyncio.get_running_loop())
        by = client(lookup=stuck)
        async with target(answer()) as healthy:
            request = Request(healthy.url(host="stuck.example"), timeout=0.2)
            failed = [failure(request, by) for _ in range(connections.RESOLVING + 1)]
            kinds = {kind for kind, _ in await asyncio.gather(*failed)}
            assert kinds == {"timeout"}
            assert (await asked(Request(healthy.url(host="fine.example")), by)).status == 200
        ended.set()

    asyncio.run(main())


def test_an_endless_body_is_read_up_to_its_bound() -> None:
    async def endless(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65_536)
            await writer.drain()

    async def main() -> None:
        async with target(endless) as serving:
            got = await asked(Request(serving.url(), most_bytes=100_000))
            assert (got.status, got.body, got.cut) == (200, b"x" * 100_000, True)

    asyncio.run(main())


def test_so_are_endless_headers_and_interim_answers() -> None:
    async def headers(_: bytes, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        while True:
            writer.write(b"X-Again: and again\r\n" * 1_000)
            await writer.drain()

    async def interim(_: bytes, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"HTTP/1.1 102 Processing\r\n\r\n" * 1_000)
            await writer.drain()

    async def main() -> None:
        for served in (headers, interim):
            async with target(served) as serving:
                kind, _ = await failure(Request(serving.url(), most_bytes=100_000))
                assert kind == "protocol"

    asyncio.run(main())


@pytest.mark.parametrize(
    "written",
    [b"SSH-2.0-OpenSSH_9.6\r\n\r\n", b"HTTP/1.1 xyz\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\nConte"],
    ids=["ssh", "no status", "nothing", "half"],
)
def test_what_is_not_http_is_said_so(written: bytes) -> None:
    async def main() -> None:
        async with target(written) as serving:
            kind, words = await failure(Request(serving.url()))
            assert kind == "protocol"
            assert words.startswith("The answer is not HTTP")

    asyncio.run(main())


@pytest.mark.parametrize("headers", [(("X-A", "b\r\nX-C: d"),), (("X A", "b"),)])
def test_headers_can_not_make_a_second_request(headers: tuple[tuple[str, str], ...]) -> None:
    async def main() -> None:
        async with target(answer()) as serving:
            kind, words = await failure(Request(serving.url(), headers=headers))
            assert (kind, words.startswith("The request is not HTTP")) == ("protocol", True)
            assert not serving.asked

    asyncio.run(main())


def test_a_body_that_ends_too_early_is_no_answer() -> None:
    async def main() -> None:
        async with target(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfine") as serving:
            kind, words = await failure(Request(serving.url()))
            assert (kind, "not HTTP" in words) == ("protocol", True)

    asyncio.run(main())


@pytest.mark.usefixtures("trusted")
def test_a_certificate_tells_until_when_it_is_valid(authority: trustme.CA) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=5)

    async def main() -> None:
        tls = serving_tls(authority, "service.example", until)
        async with target(answer(), tls) as serving:
            got = await asked(Request(serving.url(host="service.example", scheme="https")))
            assert (got.status, got.certificate_until) == (200, until)
            assert got.timings.tls

    asyncio.run(main())


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize(
    ("name", "days", "words"),
    [("other.example", 5, "Hostname mismatch"), ("service.example", -1, "certificate has expired")],
)
def test_a_certificate_that_does_not_hold(
    authority: trustme.CA, name: str, days: int, words: str
) -> None:
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)

    async def main() -> None:
        async with target(answer(), serving_tls(authority, name, until)) as serving:
            request = Request(serving.url(host="service.example", scheme="https"))
            kind, said = await failure(request)
            assert kind == "tls"
            assert words in said
            careless = Request(request.url, verify=False)
            assert (await asked(careless)).certificate_until == until

    asyncio.run(main())


def test_a_certificate_of_an_authority_that_nobody_knows(authority: trustme.CA) -> None:
    async def main() -> None:
        async with target(answer(), serving_tls(authority, "service.example")) as serving:
            request = Request(serving.url(host="service.example", scheme="https"))
            kind, words = await failure(request)
            assert kind == "tls"
            assert "unable to get local issuer certificate" in words

    asyncio.run(main())


def test_a_server_without_tls_is_said_so() -> None:
    def refuse(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer("400 Bad Request"))
        writer.close()

    async def main() -> None:
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as plain:
            port = plain.sockets[0].getsockname()[1]
            kind, words = await failure(Request(f"https://127.0.0.1:{port}/"))
            assert (kind, words) == ("tls", "TLS failed: wrong version number")

    asyncio.run(main())


@pytest.mark.usefixtures("trusted")
@pytest.mark.parametrize("name", ["SERVICE.example", "service.example."])
def test_a_certificate_holds_for_each_way_to_write_a_name(authority: trustme.CA, name: str) -> None:
    async def main() -> None:
        async with target(answer(), serving_tls(authority, "service.example")) as serving:
            by = client(lookup=lambda _: ["127.0.0.1"])
            url = serving.url(scheme="https", host=name)
            assert (await asked(Request(url), by)).status == 200

    asyncio.run(main())


NO_END = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)


def serving_end(authority: trustme.CA, end: bytes, file: Path) -> ssl.SSLContext:
    """Of a server whose certificate says that it ends then, which nobody signed."""
    issued = authority.issue_cert("service.example", not_after=NO_END)
    der = ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())
    assert b"99991231235959Z" in der
    written = ssl.DER_cert_to_PEM_cert(der.replace(b"99991231235959Z", end))
    file.write_bytes(written.encode() + issued.private_key_pem.bytes())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@pytest.mark.parametrize(
    ("end", "year"),
    [(b"99991231235959Z", 9999), (b"9999123123+0100", None), (b"\xff" * 15, None)],
)
def test_a_certificate_may_have_no_end_or_none_that_is_a_time(
    authority: trustme.CA, tmp_path: Path, end: bytes, year: int | None
) -> None:
    async def main() -> None:
        async with target(answer(), serving_end(authority, end, tmp_path / "chain.pem")) as serving:
            url = serving.url(scheme="https", host="service.example")
            until = (await asked(Request(url, verify=False))).certificate_until
            assert (until and until.astimezone(ZoneInfo("Pacific/Auckland")).year) == year

    asyncio.run(main())
