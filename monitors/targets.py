"""Targets as they are stored: JSON of the fields that their kind has. No Django."""

import msgspec

from loghandler.kinds import Kinds
from monitors.records import HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget

HEARTBEAT = "heartbeat"  # the one kind that is not asked, but calls

_KINDS: Kinds[Target] = Kinds(
    {
        "http": (HttpTarget, "HTTP(S) address"),
        "tcp": (TcpTarget, "TCP port"),
        "tls": (TlsTarget, "TLS certificate"),
        HEARTBEAT: (HeartbeatTarget, "Heartbeat of a job"),
    },
    unknown="no kind of monitor:",
)
kinds = _KINDS.words
KINDS = list(kinds())
stored = _KINDS.stored
read = _KINDS.read
taken = _KINDS.taken


def parsed(kind: str, text: str) -> Target:
    """The target of this JSON text, as it was stored."""
    return read(kind, msgspec.json.decode(text))
