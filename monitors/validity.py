"""Whether a target can be checked at all; what is wrong, in words. No I/O."""

import re
from datetime import timedelta
from functools import singledispatch
from urllib.parse import urlsplit

from monitors import heartbeats
from monitors.records import HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
MOST_REDIRECTS = 10
MOST_BODY_BYTES = 100_000
SHORTEST, LONGEST = timedelta(minutes=1), timedelta(days=366)  # of heartbeats' periods
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, 5.6.2
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def require_valid(target: Target) -> None:
    """Raises ValueError that says what is wrong."""
    for is_wrong, words in _wrongs(target):
        if is_wrong:
            raise ValueError(words)


@singledispatch
def _wrongs(target: Target) -> list[tuple[bool, str]]:
    raise TypeError(target)


@_wrongs.register
def _http(target: HttpTarget) -> list[tuple[bool, str]]:
    names, values = ([each[index] for each in target.headers] for index in (0, 1))
    return [
        (not _is_address(target.url), "Write an address such as https://service.example/health."),
        (
            any("\0" in each for each in (target.keyword, target.json_path, target.json_value)),
            "Null characters are not allowed.",
        ),
        (target.method not in METHODS, f"The method is none of {', '.join(METHODS)}."),
        (not all(map(_TOKEN.fullmatch, names)), "A header's name has letters, digits and dashes."),
        (any(map(_CONTROL.search, values)), "A header's value is one line."),
        (len(target.body) > MOST_BODY_BYTES, f"A body has at most {MOST_BODY_BYTES:,} bytes."),
        (
            not target.statuses or any(not 100 <= a <= b <= 599 for a, b in target.statuses),
            "Statuses are ranges within 100 and 599, the smaller one first.",
        ),
        (not 0 <= target.redirects <= MOST_REDIRECTS, f"Follow 0 to {MOST_REDIRECTS} redirects."),
        (target.keyword_absent and not target.keyword, "Which keyword must be absent?"),
        (bool(target.json_value) and not target.json_path, "Where in the JSON is the value?"),
    ]


@_wrongs.register(TcpTarget)
@_wrongs.register(TlsTarget)
def _port(target: TcpTarget | TlsTarget) -> list[tuple[bool, str]]:
    days = target.days if isinstance(target, TlsTarget) else 0
    return [
        (not _is_host(target.host), "Write a host such as service.example, without a scheme."),
        (not 1 <= target.port <= 65_535, "A port is a number of 1 to 65535."),
        (not 0 <= days <= 3_650, "Days are 0 to 3650."),
    ]


@_wrongs.register
def _heartbeat(target: HeartbeatTarget) -> list[tuple[bool, str]]:
    if target.cron:
        heartbeats.schedule(target)  # says itself what is wrong with it
    spans = f"{SHORTEST.seconds} seconds to {LONGEST.days} days"
    period, grace = target.period_seconds, target.grace_seconds
    least, most = SHORTEST.total_seconds(), LONGEST.total_seconds()
    return [
        ("\0" in target.zone, "Null characters are not allowed."),
        (not target.cron and not least <= period <= most, f"A period is {spans}."),
        (not least <= grace <= most, f"A grace is {spans}."),
    ]


def _is_address(url: str) -> bool:
    if _CONTROL.search(url):  # urlsplit would leave some of them out
        return False
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and _is_host(parts.hostname or "") and port != 0


def _is_host(host: str) -> bool:
    return bool(host) and len(host) <= 253 and not re.search(r"[\s/@?#\\]|[\x00-\x1f]", host)
