"""Apprise to real receivers, under the guard, in its own process."""

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from alerts.channels import NotSent, apprise
from alerts.records import Apprise
from alerts.tests.receivers import Receiver, receiver
from alerts.tests.test_email_channel import envelope


@pytest.fixture
def hook(settings: Any) -> Iterator[Receiver]:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with receiver() as running:
        yield running


def test_it_arrives(hook: Receiver) -> None:
    apprise.send(Apprise(f"json://127.0.0.1:{hook.port}/x"), envelope())
    sent = json.loads(hook.received[0].body)
    assert sent["title"] == "shop: it is down"
    assert "https://logs.example.com/x/" in sent["message"]
    assert sent["type"] == "failure"


def test_a_name_is_resolved_and_its_address_checked(hook: Receiver, settings: Any) -> None:
    apprise.send(Apprise(f"ntfy://localhost:{hook.port}/topic"), envelope())
    assert len(hook.received) == 1
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(NotSent):
        apprise.send(Apprise(f"ntfy://localhost:{hook.port}/topic"), envelope())
    assert len(hook.received) == 1


def test_a_redirect_leads_nowhere_that_is_forbidden(hook: Receiver, settings: Any) -> None:
    with receiver() as inside, socket.create_server(("127.0.0.2", 0)) as other:
        settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
        port = other.getsockname()[1]
        hook.answers = [(307, {"Location": f"http://127.0.0.2:{port}/secret"})]
        with pytest.raises(NotSent):
            apprise.send(Apprise(f"json://127.0.0.1:{hook.port}/x"), envelope())
        other.settimeout(0.1)
        with pytest.raises(TimeoutError):
            other.accept()
        assert inside.received == []


@pytest.mark.parametrize(
    "url", ["mailto://a:b@127.0.0.1:2525?to=x@example.com", "mqtt://127.0.0.1/topic"]
)
def test_others_than_http_are_under_the_guard(url: str, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(NotSent):
        apprise.send(Apprise(url), envelope())


@pytest.mark.parametrize("url", ["syslog://", "dbus://", "macosx://", "nonsense://x"])
def test_what_speaks_to_this_machine_or_is_nothing_is_refused_for_good(url: str) -> None:
    with pytest.raises(NotSent) as refused:
        apprise.send(Apprise(url), envelope())
    assert refused.value.permanent


def test_a_receiver_that_fails_is_told(hook: Receiver) -> None:
    hook.answers = [(500, {})]
    with pytest.raises(NotSent) as refused:
        apprise.send(Apprise(f"json://127.0.0.1:{hook.port}/x"), envelope())
    assert not refused.value.permanent
    assert str(refused.value) not in {"", "Apprise does not say why"}
