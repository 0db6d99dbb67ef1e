"""What can't hold or be sent to is refused, in words."""

import pytest

from alerts import kinds
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
from alerts.validity import require_valid

VALID: list[Condition | Address] = [
    NewMessage(), ReturnedMessage(), ManyEvents(), NoEvent(), ErrorRate(), SlowRequests(),
    MonitorDown((1, 2)), CertificateEnds(30), Email(("a@example.com",)),
    Webhook("https://hooks.example/x", "secret", "{}", (("X-Key", "a"),)), Apprise("ntfy://topic"),
]  # fmt: skip


@pytest.mark.parametrize("record", VALID)
def test_what_is_usual_is_valid_and_comes_back_as_it_was(record: Condition | Address) -> None:
    require_valid(record)
    kind, fields = kinds.stored(record)
    read = kinds.address if isinstance(record, Address) else kinds.condition
    assert read(kind, fields) == record


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (NewMessage("LOUD"), "A level is one of"),
        (ReturnedMessage(0), "Days are"),
        (ManyEvents(-1), "More than 0"),
        (ManyEvents(minutes=0), "Minutes are"),
        (NoEvent(1_441), "Minutes are"),
        (ErrorRate(100), "Percent are"),
        (ErrorRate(least_requests=0), "Requests are"),
        (SlowRequests(0), "more than 0 ms"),
        (CertificateEnds(91), "Days are"),
        (Email(()), "1 to 20 addresses"),
        (Email(("nobody",)), "nobody is no e-mail address"),
        (Email(("a@example.com\nBcc: b@example.com",)), "no e-mail address"),
        (Webhook("ftp://hooks.example"), "https://hooks"),
        (Webhook("https://hooks.example", headers=(("X", "a\nb"),)), "one line"),
        (Apprise("a topic"), "address of Apprise"),
    ],
)
def test_what_is_not_is_refused(record: Condition | Address, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        require_valid(record)


def test_a_kind_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="pager is none of email, webhook, apprise"):
        kinds.address("pager", {})
    with pytest.raises(ValueError, match="Expected `int`"):
        kinds.condition("no_event", {"minutes": "many"})
