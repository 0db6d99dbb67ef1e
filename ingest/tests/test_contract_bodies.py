"""Bodies on the wire: encodings, chunks, bounds, bombs, what is cut short, what is hostile."""

import gzip
import json
import socket
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest

from ingest.tests.serving import App, Http, Served
from ingest.tests.test_contract import is_refusal
from loghandler import zstd

MEGABYTE = 1_000_000
NDJSON = "application/x-ndjson"


def _raw_deflated(content: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(content) + stream.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("X-GZIP", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw deflate": ("deflate", _raw_deflated),
    "br": ("br", brotli.compress),
    "zstd": ("zstd", zstd.compress),
    "identity": ("identity", bytes),
}


def in_pieces(content: bytes, size: int) -> Iterator[bytes]:
    return (content[start : start + size] for start in range(0, len(content), size))


@pytest.mark.parametrize("name", ENCODERS)
def test_every_encoding_is_inflated_whole_and_chunked(http: Http, app: App, name: str) -> None:
    encoding, encode = ENCODERS[name]
    content = json.dumps([{"message": f"{name} {n}"} for n in range(50)]).encode()
    packed = encode(content)
    whole = app.send(http, packed, Content_Encoding=encoding)
    chunked = app.send(http, in_pieces(packed, 7), Content_Encoding=encoding)
    assert [(answer.status, answer.json["accepted"]) for answer in (whole, chunked)] == [
        (201, 50)
    ] * 2
    assert app.messages(http, "limit=1") == [f"{name} 49"]
    cut = app.send(http, packed[:-9], Content_Encoding=encoding)
    assert (cut.status, is_refusal(cut.json)) == (400, True)


def test_a_chunked_event_is_stored(http: Http, app: App) -> None:
    answer = app.send(http, iter([b'{"mess', b'age": "In ', b'chunks"}']))
    assert (answer.status, answer.json["message"]) == (201, "In chunks")


@pytest.mark.parametrize("chunked", [False, True], ids=["by length", "chunked"])
def test_an_oversized_body_is_refused_and_the_server_goes_on(
    server: Served, http: Http, app: App, chunked: bool
) -> None:
    workers = server.workers()
    body = b'{"message":"' + b"x" * 20 * MEGABYTE + b'"}'
    answer = app.send(http, in_pieces(body, 65_536) if chunked else body)
    assert (answer.status, is_refusal(answer.json)) == (413, True)
    assert app.send(http, {"message": "After"}).status == 201
    assert app.messages(http) == ["After"]
    assert server.workers() == workers


def test_a_body_of_the_greatest_size_is_stored(http: Http, app: App) -> None:
    line = b'{"message":"' + b"x" * 1_900 + b'"}\n'
    body = line * 10_000
    assert 19 * MEGABYTE < len(body) < 20 * MEGABYTE
    answer = app.send(http, gzip.compress(body, 1), Content_Encoding="gzip", Content_Type=NDJSON)
    assert (answer.status, answer.json["accepted"]) == (201, 10_000)
    answer = app.send(http, in_pieces(body, 65_536), Content_Type=NDJSON)
    assert (answer.status, answer.json["accepted"]) == (201, 10_000)


def test_too_many_events_are_refused_together(http: Http, app: App) -> None:
    lines = b'{"message":"x"}\n' * 10_001
    for body, content_type in (
        (lines, NDJSON),
        (b"[" + b",".join(lines.split()) + b"]", "application/json"),
    ):
        answer = app.send(http, body, Content_Type=content_type)
        assert (answer.status, is_refusal(answer.json)) == (413, True)
    assert app.messages(http) == []


def test_an_event_that_is_too_large_costs_only_itself(http: Http, app: App) -> None:
    large = {"message": "x" * 2 * MEGABYTE}
    assert app.send(http, large).status == 413
    answer = app.send(http, [{"message": "Small"}, large])
    assert (answer.status, answer.json["accepted"]) == (201, 1)
    assert [item["index"] for item in answer.json["rejected"]] == [1]


# --- Bombs -----------------------------------------------------------------------------


def _peak_bytes(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


def _zeros(megabytes: int) -> Iterator[bytes]:
    piece = bytes(MEGABYTE)
    return (piece for _ in range(megabytes))


def _stream_of_zeros(compress: Any, finish: Callable[[], bytes]) -> bytes:
    return b"".join(compress(piece) for piece in _zeros(400)) + finish()


def _bombs() -> dict[str, tuple[str, bytes]]:
    """400 MB of zeros in every encoding, and what is dear to take apart member by member."""
    raw = zlib.compressobj(1, wbits=-zlib.MAX_WBITS)
    deflated = _stream_of_zeros(raw.compress, raw.flush)
    br = brotli.Compressor(quality=3)
    zst = zstd.ZstdCompressor(level=1)
    header = gzip.compress(b"")[:10]
    return {
        "gzip": ("gzip", header + deflated),
        "deflate": ("deflate", b"\x78\x01" + deflated),
        "raw deflate": ("deflate", deflated),
        "br": ("br", _stream_of_zeros(br.process, br.finish)),
        "zstd": ("zstd", _stream_of_zeros(zst.compress, zst.flush)),
    }


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured in /proc")
def test_bombs_are_refused_quickly_and_in_little_memory(
    server: Served, http: Http, app: App
) -> None:
    (worker,) = server.workers()
    for name, (encoding, bomb) in _bombs().items():
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # the peak begins anew
        before, started = _peak_bytes(worker), time.monotonic()
        answer = app.send(http, bomb, Content_Encoding=encoding)
        assert (name, answer.status, is_refusal(answer.json)) == (name, 413, True)
        assert (name, time.monotonic() - started < 3) == (name, True)
        assert (name, (_peak_bytes(worker) - before) // MEGABYTE < 100) == (name, True)
    assert server.workers() == [worker]


def _filled(piece: bytes, start: bytes = b"", end: bytes = b"") -> bytes:
    return start + piece * ((20 * MEGABYTE - 100) // len(piece)) + end


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="measured in /proc")
@pytest.mark.parametrize(
    ("parts", "status"),
    [
        pytest.param((b"7,", b"[", b"7]"), 413, id="numbers"),
        pytest.param((b"{},", b"[", b"{}]"), 413, id="objects"),
        pytest.param((b'{"message":"x"},', b"[", b"7]"), 413, id="events"),
        pytest.param((b'"\\ud800",', b"[", b"7]"), 413, id="surrogates"),
        pytest.param((b"7\n",), 413, id="lines"),
        pytest.param((b'{"message":"x"}\n',), 413, id="events in lines"),
        pytest.param((b"\n", b"7", b"7"), 413, id="empty lines"),
        pytest.param((b"[],", b'{"message":"x","stack":[', b"[]]}"), 413, id="one event"),
        pytest.param((b"[],", b"[", b"[]"), 413, id="not closed"),
        pytest.param((b"7,", b"[" + b"9" * 5_000 + b",", b"7]"), 413, id="huge number"),
        pytest.param((b"7,", b"[7]],", b"7]"), 400, id="broken"),
    ],
)
def test_millions_of_items_are_refused_in_little_memory(
    server: Served, http: Http, app: App, parts: tuple[bytes, ...], status: int
) -> None:
    (worker,) = server.workers()
    body = _filled(*parts)
    content_type = "application/json" if body[:1] in b"[{" and b"\n" not in body else NDJSON
    packed = zstd.compress(body, 1)
    Path(f"/proc/{worker}/clear_refs").write_text("5")
    before, started = _peak_bytes(worker), time.monotonic()
    answer = app.send(http, packed, Content_Encoding="zstd", Content_Type=content_type)
    assert (answer.status, is_refusal(answer.json)) == (status, True)
    assert time.monotonic() - started < 3
    assert (_peak_bytes(worker) - before) // MEGABYTE < 150


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_million_empty_members_do_not_hold_the_worker(
    http: Http, app: App, encoding: str
) -> None:
    empty = {"gzip": gzip.compress(b""), "zstd": zstd.compress(b"")}[encoding]
    started = time.monotonic()
    answer = app.send(http, empty * (19 * MEGABYTE // len(empty)), Content_Encoding=encoding)
    assert (answer.status, is_refusal(answer.json)) == (400, True)
    assert time.monotonic() - started < 3
    few = empty * 300 + ENCODERS[encoding][1](b'{"message":"Few"}') + empty * 300
    assert app.send(http, few, Content_Encoding=encoding).status == 201


# --- Cut short -------------------------------------------------------------------------

EVENT = b'{"message":"Cut"}'


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        (b"Content-Length: 100", EVENT),
        (b"Content-Length: 17", EVENT[:-1]),
        (b"Transfer-Encoding: chunked", b"11\r\n" + EVENT + b"\r\n"),
        (b"Transfer-Encoding: chunked", b"20\r\n" + EVENT),
        (b"Transfer-Encoding: chunked", b"11\r\n" + EVENT),
        (b"Transfer-Encoding: chunked", b"11\r\n" + EVENT + b"\r\nzz\r\n"),
        (b"Transfer-Encoding: chunked\r\nContent-Length: 3", b"11\r\n" + EVENT + b"\r\n0\r\n\r\n"),
    ],
)
@pytest.mark.parametrize("gone", [False, True], ids=["half closed", "closed"])
def test_a_body_cut_short_is_not_stored(
    server: Served, http: Http, app: App, headers: bytes, body: bytes, gone: bool
) -> None:
    request = (
        f"POST {app.path}/events HTTP/1.1\r\nHost: localhost\r\nX-Ingest-Key: {app.key}\r\n"
    ).encode() + headers
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as client:
        client.sendall(request + b"\r\n\r\n" + body)
        if not gone:
            client.shutdown(socket.SHUT_WR)
            answer = client.recv(65_536)
            assert answer.startswith(b"HTTP/1.1 400")
    assert app.send(http, {"message": "After"}).status == 201
    assert app.messages(http) == ["After"]


# --- Hostile content -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b" \n ", 400),
        (b"[]", 400),
        (b"{}", 400),
        (b"null", 400),
        (b"7", 400),
        (b'"text"', 400),
        (b"{", 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 100_000, 400),
        (b'{"message":"a"}{"message":"b"}', 400),
        (b'{"message":null}', 400),
        (b'{"message":""}', 400),
        (b'{"message":{"a":1}}', 400),
        (b'{"message":"a","level":1e400}', 400),
        (b'{"message":"a","level":NaN}', 201),
        (b'{"message":"a","level":' + b"9" * 5_000 + b"}", 400),
        (b'{"message":"a","occurred_at":1e999}', 400),
        (b'{"message":"a","occurred_at":"0001-01-01T00:00:00+14:00"}', 400),
        (b'{"message":"a","occurred_at":"99999-01-01T00:00:00Z"}', 400),
        (b'{"message":"a","environment":"' + b"x" * 201 + b'"}', 400),
        (b'{"message":"a\\u0000b"}', 201),
        (b'{"message":"\\ud800"}', 201),
        (b'{"message":"\xff\xfe"}', 201),
        (b'\xef\xbb\xbf{"message":"a"}', 201),
        (b'{"message":"a","tags":{"\\u0000":"\\udfff"},"user":"\\u0000"}', 201),
        (b'{"message":"a","stack":"\\ud83d"}', 201),
        (b'{"message":"a","unknown":{"\\u0000":[1e5]}}', 201),
        (b'{"message":"a","stack":NaN}', 201),
        (b'{"message":"a","message":"b"}', 201),
    ],
)
def test_a_strange_body_is_answered_and_leaves_everything_readable(
    http: Http, app: App, body: bytes, status: int
) -> None:
    answer = app.send(http, body)
    assert (answer.status, "errors" in answer.json or status == 201) == (status, True)
    stored = app.listed(http)
    assert len(stored) == (status == 201)
    for event in stored:
        assert http.get(f"{app.path}/events/{event['id']}").json == answer.json
    assert http.get(f"{app.path}/stats/top-messages").status == 200


@pytest.mark.parametrize("as_array", [False, True], ids=["one", "array"])
@pytest.mark.parametrize(
    "number",
    ["1e400", "-1e400", "1e5000", "1e999999", "9" * 400, "9" * 400 + ".5", "9" * 5_000,
     "1e-400", "1e-20000", "18446744073709551616", "0." + "1" * 5_000],
    ids=lambda number: number[:8] + f"…{len(number)}" if len(number) > 20 else number,
)  # fmt: skip
def test_a_huge_number_is_stored_or_refused_and_the_list_stays_readable(
    http: Http, app: App, number: str, as_array: bool
) -> None:
    event = f'{{"message":"Huge","stack":[{number}]}}'
    answer = app.send(http, (f"[{event}]" if as_array else event).encode())
    assert answer.status in {201, 400}
    assert len(app.listed(http)) == (answer.status == 201)


@pytest.mark.parametrize("healthy", [0, 5_000])
def test_thousands_of_poisoned_events_do_not_hold_the_writer(
    http: Http, app: App, healthy: int
) -> None:
    poison = [b'{"message":"Poison","user":{"is":["\\"1e5",1e999999]}}'] * (10_000 - healthy)
    body = b",".join([*poison, *[b'{"message":"Healthy"}'] * healthy])
    started = time.monotonic()
    answer = app.send(http, b"[" + body + b"]")
    assert (answer.json["accepted"], len(answer.json["rejected"])) == (healthy, 10_000 - healthy)
    assert time.monotonic() - started < 3


@pytest.mark.parametrize("field", ["stack", "unknown"])
def test_a_nested_event_is_stored_or_refused_and_the_list_stays_readable(
    http: Http, app: App, field: str
) -> None:
    stored = 0
    for depth in (20, 100, 500, *range(820, 1_000, 6), 2_000, 6_000, 50_000):
        nested = b"[" * depth + b"]" * depth
        answer = app.send(http, b'{"message":"Deep","' + field.encode() + b'":' + nested + b"}")
        stored += answer.status == 201
        assert (depth, answer.status) in {(depth, 201), (depth, 400)}
        assert (depth, http.get(f"{app.path}/events?limit=1").status) == (depth, 200)
        assert (depth, http.call("HEAD", "/apps").status) == (depth, 200)
    assert stored >= 2


def test_a_form_s_content_type_is_read_as_what_it_holds(http: Http, app: App) -> None:
    form = "application/x-www-form-urlencoded"
    assert app.send(http, {"message": "curl"}, Content_Type=form).status == 201
    assert app.send(http, b"message=curl", Content_Type=form).status == 400
    multipart = app.send(http, b"--x--", Content_Type="multipart/form-data; boundary=x")
    assert (multipart.status, is_refusal(multipart.json)) == (415, True)
