"""Reads a request's body: under a cap, whole, inflated under the same cap."""

import zlib
from collections.abc import Callable
from typing import Any, Protocol

import brotli

from ingest.refusals import Refusal, TooLarge, Unsupported
from loghandler import zstd

_PIECE = 65_536
# Of one body. Parallel packers make a member of some 100 KB; a million of 20 bytes is an attack.
_MOST_MEMBERS = 1_000
# 128 MiB: what `zstd --long` asks for.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 27}


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def read(stream: Readable, *, length: str, encoding: str, cap: int) -> bytes:
    """The body of a request, inflated.

    `length` is its Content-Length, empty for a chunked body; `encoding` its Content-Encoding;
    `cap` bounds it in bytes, as sent and inflated. Raises Refusal, TooLarge, Unsupported.
    """
    inflate = inflater(encoding)
    body = _whole(stream, length, cap)
    return inflate(body, cap) if inflate else body


def inflater(encoding: str) -> Callable[[bytes, int], bytes] | None:
    """The function that inflates a Content-Encoding; None for identity. Raises Unsupported."""
    name = encoding.strip().lower()
    if name in {"", "identity"}:
        return None
    try:
        return _INFLATERS[name]
    except KeyError:
        raise Unsupported(
            f"Content-Encoding {encoding!r} is not understood; use gzip, deflate, br or zstd."
        ) from None


def _too_large(cap: int) -> TooLarge:
    return TooLarge(f"The body is larger than {cap:,} bytes; send it in parts.")


def _whole(stream: Readable, length: str, cap: int) -> bytes:
    if length and int(length) > cap:
        raise _too_large(cap)
    pieces = []
    size = 0
    try:
        while piece := stream.read(min(_PIECE, cap + 1 - size) if size <= cap else 0):
            pieces.append(piece)
            size += len(piece)
    except OSError as error:
        raise Refusal("The body could not be read to its end.") from error
    if size > cap:
        raise _too_large(cap)
    if length and size < int(length):
        raise Refusal(f"The body ended after {size:,} of {int(length):,} bytes.")
    return b"".join(pieces)


def _gunzipped(body: bytes, cap: int) -> bytes:
    return _inflated(body, cap, "gzip", lambda: zlib.decompressobj(zlib.MAX_WBITS | 16))


def _undeflated(body: bytes, cap: int) -> bytes:
    """What RFC 9110 calls deflate is zlib's format; some clients send the raw stream instead."""
    try:
        return _inflated(body, cap, "deflate", zlib.decompressobj)
    except TooLarge:
        raise
    except Refusal:
        return _inflated(body, cap, "deflate", lambda: zlib.decompressobj(-zlib.MAX_WBITS))


def _unzstded(body: bytes, cap: int) -> bytes:
    return _inflated(body, cap, "zstd", lambda: zstd.ZstdDecompressor(options=_ZSTD_OPTIONS))


def _inflated(body: bytes, cap: int, name: str, decompressor: Callable[[], Any]) -> bytes:
    """The members of a body (gzip and zstd allow several), inflated and joined."""
    inflated, size = [], 0
    rest = memoryview(body)
    for _ in range(_MOST_MEMBERS):
        stream = decompressor()
        # A member leaves a copy of all that follows it. A small one is given little to copy:
        # else the time grows with the square of their number.
        for piece in (rest[:_PIECE], rest[_PIECE:]):
            if not stream.eof:
                inflated.append(_decompressed(stream, piece, cap + 1 - size, name))
                rest = rest[len(piece) :]
                size += len(inflated[-1])
            if size > cap:
                raise _too_large(cap)
        if not stream.eof:
            raise _broken(name)
        rest = memoryview(body)[len(body) - len(rest) - len(stream.unused_data) :]
        if not bytes(rest[:1]).strip(b"\x00"):  # gzip may be padded behind its last member
            break
    if bytes(rest).strip(b"\x00"):
        raise _broken(name)
    return b"".join(inflated)


def _decompressed(stream: Any, piece: memoryview, limit: int, name: str) -> bytes:
    try:
        inflated: bytes = stream.decompress(piece, limit)
    except (zlib.error, zstd.ZstdError) as error:
        raise _broken(name) from error
    return inflated


def _unbrotlied(body: bytes, cap: int) -> bytes:
    stream = brotli.Decompressor()
    inflated: bytes = b""
    try:
        piece = body
        while True:
            inflated += stream.process(piece, output_buffer_limit=cap + 1 - len(inflated))
            if len(inflated) > cap:
                raise _too_large(cap)
            if stream.can_accept_more_data():
                break
            piece = b""
    except brotli.error as error:
        raise _broken("br") from error
    if not stream.is_finished():
        raise _broken("br")
    return inflated


def _broken(name: str) -> Refusal:
    return Refusal(f"The body is not valid {name}, or it is cut short.")


_INFLATERS: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _gunzipped,
    "x-gzip": _gunzipped,
    "deflate": _undeflated,
    "br": _unbrotlied,
    "zstd": _unzstded,
}
