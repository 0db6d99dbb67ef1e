"""What can't be checked is refused, in words."""

import pytest

from monitors.records import HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget
from monitors.validity import require_valid

URL = "https://service.example/"


@pytest.mark.parametrize(
    "target",
    [
        HttpTarget(URL),
        HttpTarget("http://[::1]:8000/x?y=1", "POST", (("X-Key", "a b"),), b"{}", ((200, 200),)),
        TcpTarget("db.example", 5432),
        TlsTarget("192.0.2.1", 8443, 0),
        HeartbeatTarget(60, grace_seconds=60),
        HeartbeatTarget(0, "0 2 * * *", "Europe/Berlin"),
    ],
)
def test_what_can_be_checked_is_valid(target: Target) -> None:
    require_valid(target)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (HttpTarget("service.example"), "https://service"),
        (HttpTarget("ftp://service.example/"), "https://service"),
        (HttpTarget("http:///path"), "https://service"),
        (HttpTarget("http://service.example:99999/"), "https://service"),
        (HttpTarget("http://[::1/"), "https://service"),
        (HttpTarget(URL + "\0"), "https://service"),
        (HttpTarget(URL + "a\nb"), "https://service"),
        (HttpTarget(URL, keyword="a\0b"), "Null characters"),
        (HttpTarget(URL, json_path="a\0b"), "Null characters"),
        (HttpTarget(URL, json_path="a", json_value="\0"), "Null characters"),
        (HttpTarget(URL, "BREW"), "none of GET"),
        (HttpTarget(URL, headers=(("X Key", ""),)), "header's name"),
        (HttpTarget(URL, headers=(("X-Key", "a\r\nHost: b"),)), "one line"),
        (HttpTarget(URL, body=b"x" * 100_001), "at most 100,000 bytes"),
        (HttpTarget(URL, statuses=()), "Statuses"),
        (HttpTarget(URL, statuses=((300, 200),)), "Statuses"),
        (HttpTarget(URL, redirects=11), "0 to 10 redirects"),
        (HttpTarget(URL, keyword_absent=True), "Which keyword"),
        (HttpTarget(URL, json_value="ok"), "Where in the JSON"),
        (TcpTarget("http://db.example", 5432), "without a scheme"),
        (TcpTarget("", 5432), "without a scheme"),
        (TcpTarget("db.example", 0), "1 to 65535"),
        (TlsTarget("service.example", days=-1), "0 to 3650"),
        (HeartbeatTarget(59), "60 seconds to 366 days"),
        (HeartbeatTarget(10**25), "60 seconds to 366 days"),
        (HeartbeatTarget(grace_seconds=10**25), "60 seconds to 366 days"),
        (HeartbeatTarget(grace_seconds=0), "60 seconds to 366 days"),
        (HeartbeatTarget(cron="0 25 * * *"), "no cron expression"),
        (HeartbeatTarget(cron="0 2 * * *", zone="Mars"), "no time zone"),
        (HeartbeatTarget(zone="a\0"), "Null characters"),
    ],
)
def test_what_can_t_is_refused(target: Target, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        require_valid(target)
