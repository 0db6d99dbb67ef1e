"""Packs the JSON that no query looks into, stacks and data: as text, or compressed (zstd).

PostgreSQL took 90 µs to read, check and compress a stack of 6 KB as jsonb, and made it larger than
9 µs make it here (docs/decisions/008-packed-json.md). What is packed begins with zstd's own magic
number, which no JSON begins with.
"""

from loghandler import zstd

WORTH = 128  # bytes: less is not made smaller
_MAGIC = b"\x28\xb5\x2f\xfd"
_LEVEL = 1  # what more than that saves is 1 %

# Kept: to make one takes longer than to use it. It locks itself.
_compressor = zstd.ZstdCompressor(_LEVEL)


def packed(text: bytes) -> bytes:
    """JSON text as it is stored."""
    if len(text) < WORTH:
        return text
    shorter = _compressor.compress(text, zstd.ZstdCompressor.FLUSH_FRAME)
    return shorter if len(shorter) < len(text) else text


def unpacked(stored: bytes) -> bytes:
    """The JSON text of what is stored. Raises zstd.ZstdError where that is broken."""
    return zstd.decompress(stored) if stored.startswith(_MAGIC) else stored
