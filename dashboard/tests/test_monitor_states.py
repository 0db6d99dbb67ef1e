"""What pages say of a monitor: its state in a sentence, its target in short."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.monitor_states import days_left, in_short, sentence, state
from monitors.models import Monitor
from monitors.records import HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget
from monitors.verdicts import DOWN, MAINTENANCE, UP

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def monitor(**fields: Any) -> Monitor:
    return Monitor(kind="http", state_since=NOW - timedelta(minutes=12), **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": UP}, "Up for 12 minutes"),
        ({"state": DOWN, "words": "Status 500, not 200 to 299"},
         "Down for 12 minutes: Status 500, not 200 to 299"),
        ({"state": MAINTENANCE}, "In maintenance for 12 minutes"),
        ({"state": UP, "paused": True}, "Paused for 12 minutes"),
        ({}, "Waiting for its first check"),
        ({"kind": "heartbeat"}, "Waiting for its first call"),
    ],
)  # fmt: skip
def test_the_state_is_a_sentence(fields: dict[str, Any], words: str) -> None:
    told = monitor(**{key: value for key, value in fields.items() if key != "kind"})
    told.kind = fields.get("kind", "http")
    assert sentence(told, NOW) == words


def test_words_of_a_target_can_not_turn_a_line_around() -> None:
    assert "\u202e" not in sentence(monitor(state=DOWN, words="No\u202eanswer"), NOW)


def test_what_is_paused_has_no_other_state() -> None:
    assert state(monitor(state=DOWN, paused=True)).word == "Paused"


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (HttpTarget("https://a.example/"), "a.example"),
        (HttpTarget("https://a.example/x?y=1", "POST"), "POST a.example/x?y=1"),
        (TcpTarget("db.example", 5432), "db.example:5432"),
        (TlsTarget("a.example"), "a.example:443"),
        (HeartbeatTarget(), "every day"),
        (HeartbeatTarget(period_seconds=5_400), "every 90 minutes"),
        (HeartbeatTarget(cron="0 3 * * *", zone="Europe/Berlin"), "0 3 * * * Europe/Berlin"),
    ],
)
def test_a_target_is_told_in_short(target: Target, words: str) -> None:
    assert in_short(target) == words


def test_name_and_password_of_an_address_are_not_told() -> None:
    assert in_short(HttpTarget("https://me:s3cret@a.example/x")) == "a.example/x"


@pytest.mark.parametrize(
    ("days", "told"),
    [(73, ("73 days", "")), (1, ("1 day", "some")), (0, ("expired", "many"))],
)
def test_a_certificate_that_ends_soon_is_seen(days: int, told: tuple[str, str]) -> None:
    assert days_left(NOW + timedelta(days=days), NOW) == told
