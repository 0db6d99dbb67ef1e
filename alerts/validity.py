"""Whether a rule can hold, and a channel can be sent to; what is wrong, in words. No I/O."""

import re
from functools import singledispatch

from alerts.records import (
    Address,
    Apprise,
    CertificateEnds,
    Condition,
    Email,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NewMessage,
    NoEvent,
    ReturnedMessage,
    SlowRequests,
    Webhook,
)

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MOST_MINUTES = 1_440
MOST_DAYS = 90
MOST_EVENTS, MOST_REQUESTS = 1_000_000_000, 1_000_000
MOST_ADDRESSES = 20
MOST_TEMPLATE = 20_000
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")
_URL = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.IGNORECASE)

Wrongs = list[tuple[bool, str]]


def require_valid(record: Condition | Address) -> None:
    """Raises ValueError that says what is wrong."""
    for is_wrong, words in _wrongs(record):
        if is_wrong:
            raise ValueError(words)


@singledispatch
def _wrongs(record: Condition | Address) -> Wrongs:
    raise TypeError(record)


@_wrongs.register
def _new_message(rule: NewMessage) -> Wrongs:
    return [_level(rule.level)]


@_wrongs.register
def _returned_message(rule: ReturnedMessage) -> Wrongs:
    return [_level(rule.level), _days(rule.days)]


@_wrongs.register
def _many_events(rule: ManyEvents) -> Wrongs:
    return [
        _level(rule.level),
        _minutes(rule.minutes),
        (not 0 <= rule.more_than <= MOST_EVENTS, "More than 0 to a billion events."),
    ]


@_wrongs.register
def _no_event(rule: NoEvent) -> Wrongs:
    return [_minutes(rule.minutes)]


@_wrongs.register
def _error_rate(rule: ErrorRate) -> Wrongs:
    return [
        (not 0 <= rule.percent < 100, "Percent are 0 to less than 100."),
        _minutes(rule.minutes),
        _requests(rule.least_requests),
    ]


@_wrongs.register
def _slow_requests(rule: SlowRequests) -> Wrongs:
    return [
        (not 0 < rule.p95_ms <= 3_600_000, "The bound is more than 0 ms, an hour at most."),
        _minutes(rule.minutes),
        _requests(rule.least_requests),
    ]


@_wrongs.register
def _monitor_down(rule: MonitorDown) -> Wrongs:
    return []


@_wrongs.register
def _certificate_ends(rule: CertificateEnds) -> Wrongs:
    return [_days(rule.days)]


@_wrongs.register
def _email(address: Email) -> Wrongs:
    return [
        (
            not 1 <= len(address.to) <= MOST_ADDRESSES,
            f"Name 1 to {MOST_ADDRESSES} addresses.",
        ),
        *(
            (not _EMAIL.fullmatch(each), f"{each[:60]} is no e-mail address.")
            for each in address.to
        ),
    ]


@_wrongs.register
def _webhook(address: Webhook) -> Wrongs:
    return [
        (not _URL.fullmatch(address.url), "Write an address such as https://hooks.example/x."),
        (len(address.template) > MOST_TEMPLATE, f"At most {MOST_TEMPLATE:,} characters."),
        (
            any("\n" in text or "\r" in text for header in address.headers for text in header),
            "A header is one line.",
        ),
    ]


@_wrongs.register
def _apprise(address: Apprise) -> Wrongs:
    return [
        (not _SCHEME.fullmatch(address.url), "Write an address of Apprise: ntfy://topic, slack://…")
    ]


def _level(level: str) -> tuple[bool, str]:
    return level not in LEVELS, f"A level is one of {', '.join(LEVELS)}."


def _minutes(minutes: int) -> tuple[bool, str]:
    return not 1 <= minutes <= MOST_MINUTES, f"Minutes are 1 to {MOST_MINUTES}."


def _days(days: int) -> tuple[bool, str]:
    return not 1 <= days <= MOST_DAYS, f"Days are 1 to {MOST_DAYS}."


def _requests(requests: int) -> tuple[bool, str]:
    return not 1 <= requests <= MOST_REQUESTS, "Requests are 1 to a million."
