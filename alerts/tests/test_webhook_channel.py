"""Webhooks to a real receiver, which checks what it is told."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from alerts.channels import NotSent, webhook
from alerts.records import Message, Webhook
from alerts.tests.receivers import Receiver, receiver
from alerts.tests.test_email_channel import envelope

SECRET = "only between us"


@pytest.fixture
def hook(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with receiver() as running:
        yield running


def test_it_tells_programs_all_there_is(hook: Receiver) -> None:
    found = envelope(message=Message("Über", 'A "quote"', facts={"monitor": 3}), attempt=2)
    webhook.send(Webhook(hook.url, headers=(("X-Token", "abc"),)), found)
    [received] = hook.received
    assert json.loads(received.body) == {
        "id": 7, "type": "alert.began", "application": "shop", "title": "Über",
        "text": 'A "quote"', "url": "https://logs.example.com/x/", "at": found.at.isoformat(),
        "attempt": 2, "maybe_sent": False, "facts": {"monitor": 3},
    }  # fmt: skip
    assert received.headers["content-type"].startswith("application/json")
    assert (received.headers["x-token"], received.headers["x-loghandler-id"]) == ("abc", "7")
    assert "x-loghandler-signature" not in received.headers
    assert "x-loghandler-maybe-sent" not in received.headers


def test_its_signature_is_that_of_time_and_body(hook: Receiver) -> None:
    webhook.send(Webhook(hook.url, SECRET), envelope(maybe_sent=True))
    [received] = hook.received
    parts = dict(part.split("=") for part in received.headers["x-loghandler-signature"].split(","))
    signed = hmac.new(SECRET.encode(), f"{parts['t']}.".encode() + received.body, hashlib.sha256)
    assert parts["v1"] == signed.hexdigest()
    assert received.headers["x-loghandler-maybe-sent"] == "true"


def test_a_template_is_filled_and_stays_json(hook: Receiver) -> None:
    template = '{"text": "*$title*\\n$text", "n": $id, "facts": $facts, "cost": "5$$ $unknown"}'
    message = Message('He said "no"\n\\', "line 1\nline 2", facts={"a": [1]})
    webhook.send(Webhook(hook.url, template=template), envelope(message=message))
    assert json.loads(hook.received[0].body) == {
        "text": '*He said "no"\n\\*\nline 1\nline 2',
        "n": 7,
        "facts": {"a": [1]},
        "cost": "5$ $unknown",
    }


@pytest.mark.parametrize(
    ("status", "permanent"), [(500, False), (429, False), (408, False), (404, True), (302, True)]
)
def test_an_answer_that_refuses_is_told(hook: Receiver, status: int, permanent: bool) -> None:
    hook.answers = [(status, {"Retry-After": "120", "Location": "http://127.0.0.1:9/"})]
    with pytest.raises(NotSent, match=f"Status {status}") as refused:
        webhook.send(Webhook(hook.url), envelope())
    assert refused.value.permanent is permanent
    assert refused.value.after == (None if permanent else timedelta(minutes=2))


@pytest.mark.parametrize(
    "asked", ["soon", "", "-5", "1.5", "Mon, 01 Jan 99999999999999999999 00:00:00 GMT"]
)
def test_what_names_no_time_to_wait_is_a_refusal_like_others(hook: Receiver, asked: str) -> None:
    hook.answers = [(503, {"Retry-After": asked})]
    with pytest.raises(NotSent, match="Status 503") as refused:
        webhook.send(Webhook(hook.url), envelope())
    assert refused.value.after is None


@pytest.mark.parametrize(
    ("host", "words"),
    [
        ("127.0.0.1", "loopback"), ("localhost", "loopback"), ("2130706433", "loopback"),
        ("169.254.169.254", "link-local"), ("[::ffff:169.254.169.254]", "link-local"),
    ],
)  # fmt: skip
def test_what_is_not_of_the_internet_is_not_asked_unless_it_is_allowed(
    host: str, words: str, hook: Receiver, settings: Any
) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(NotSent, match=words) as refused:
        webhook.send(Webhook(f"http://{host}:{hook.port}/"), envelope())
    assert refused.value.permanent
    assert hook.received == []


def test_a_redirect_is_not_followed_and_gets_no_secrets(hook: Receiver) -> None:
    with receiver() as other:
        hook.answers = [(307, {"Location": other.url})]
        with pytest.raises(NotSent, match="Status 307"):
            webhook.send(Webhook(hook.url, SECRET, headers=(("X-Token", "a"),)), envelope())
        assert other.received == []


def test_a_header_of_the_channel_takes_the_place_of_ours(hook: Receiver) -> None:
    headers = (("content-type", "text/plain"), ("X-LogHandler-Signature", "mine"))
    webhook.send(Webhook(hook.url, SECRET, headers=headers), envelope())
    sent = hook.received[0].headers
    assert sent["content-type"] == "text/plain"
    assert sent["x-loghandler-signature"].startswith("t=")


def test_who_is_away_is_tried_again(hook: Receiver) -> None:
    with pytest.raises(NotSent, match="refused") as refused:
        webhook.send(Webhook("http://127.0.0.1:9/"), envelope())
    assert not refused.value.permanent
    assert not refused.value.unsure


def test_what_is_no_request_has_not_gone(hook: Receiver) -> None:
    with pytest.raises(NotSent, match="not HTTP") as refused:
        webhook.send(Webhook(hook.url, headers=(("X Y", "a"),)), envelope())
    assert not refused.value.unsure
