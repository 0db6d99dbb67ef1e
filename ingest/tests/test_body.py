"""Bodies: capped, whole, inflated. No database."""

import gzip
import io
import zlib

import brotli
import pytest

from ingest import body
from ingest.refusals import Refusal, TooLarge, Unsupported
from loghandler import zstd

TEXT = b'{"message": "x"}' * 1_000


def raw_deflate(content: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(content) + compressor.flush()


ENCODED = [
    ("", TEXT),
    ("identity", TEXT),
    ("gzip", gzip.compress(TEXT, mtime=0)),
    ("x-gzip", gzip.compress(TEXT[:500], mtime=0) + gzip.compress(TEXT[500:], mtime=0)),
    ("deflate", zlib.compress(TEXT)),
    ("Deflate", raw_deflate(TEXT)),
    ("br", brotli.compress(TEXT)),
    ("zstd", zstd.compress(TEXT)),
    ("zstd", zstd.compress(TEXT[:500]) + zstd.compress(TEXT[500:])),
]
COMPRESSED = ENCODED[2:]


def read(content: bytes, encoding: str, cap: int, *, chunked: bool = False) -> bytes:
    length = "" if chunked else str(len(content))
    return body.read(io.BytesIO(content), length=length, encoding=encoding, cap=cap)


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize(("encoding", "content"), ENCODED)
def test_every_encoding_is_inflated(encoding: str, content: bytes, chunked: bool) -> None:
    assert read(content, encoding, 100_000, chunked=chunked) == TEXT


@pytest.mark.parametrize(("encoding", "content"), ENCODED)
def test_a_body_of_exactly_the_cap_passes_and_one_byte_more_does_not(
    encoding: str, content: bytes
) -> None:
    assert read(content, encoding, len(TEXT)) == TEXT
    with pytest.raises(TooLarge):
        read(content, encoding, len(TEXT) - 1)


@pytest.mark.parametrize(("encoding", "content"), COMPRESSED)
def test_a_body_that_is_cut_short_is_refused(encoding: str, content: bytes) -> None:
    with pytest.raises(Refusal, match="cut short"):
        read(content[:-3], encoding, 100_000)


@pytest.mark.parametrize(("encoding", "content"), COMPRESSED)
def test_garbage_is_refused(encoding: str, content: bytes) -> None:
    with pytest.raises(Refusal, match="not valid"):
        read(b"\x00garbage" * 3, encoding, 100_000)


@pytest.mark.parametrize("encoding", ["gzip, br", "compress", "GZIP2"])
def test_unknown_encodings_are_unsupported(encoding: str) -> None:
    with pytest.raises(Unsupported):
        read(TEXT, encoding, 100_000)


@pytest.mark.parametrize(
    ("encoding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(50_000_000))),
        ("deflate", zlib.compress(bytes(50_000_000))),
        ("br", brotli.compress(bytes(50_000_000))),
        ("zstd", zstd.compress(bytes(50_000_000))),
    ],
)
def test_a_bomb_is_not_inflated_past_the_cap(encoding: str, bomb: bytes) -> None:
    with pytest.raises(TooLarge):
        read(bomb, encoding, 1_000_000)


def test_a_body_that_ends_before_its_length_is_refused() -> None:
    with pytest.raises(Refusal, match="ended after 5 of 10 bytes"):
        body.read(io.BytesIO(b"12345"), length="10", encoding="", cap=100)


def test_a_body_whose_length_is_past_the_cap_is_not_read() -> None:
    stream = io.BytesIO(TEXT)
    with pytest.raises(TooLarge):
        body.read(stream, length=str(len(TEXT)), encoding="", cap=100)
    assert stream.tell() == 0


def test_a_connection_that_breaks_is_refused() -> None:
    class Broken:
        def read(self, size: int, /) -> bytes:
            raise ConnectionResetError

    with pytest.raises(Refusal, match="could not be read"):
        body.read(Broken(), length="10", encoding="", cap=100)
