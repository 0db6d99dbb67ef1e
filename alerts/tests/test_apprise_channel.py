"""Apprise to real receivers, under the guard, in its own process."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from alerts.channels import NotSent, apprise
from alerts.channels.apprise_process import without_secrets
from alerts.records import Apprise
from alerts.tests.receivers import Receiver, receiver
from alerts.tests.test_email_channel import envelope
from loghandler.tests.targets import serving_tls


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


def test_it_arrives_by_tls_where_the_certificate_is_trusted(settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with receiver(serving_tls(trustme.CA(), "localhost")) as hook:
        with pytest.raises(NotSent, match="Connection error"):
            apprise.send(Apprise(f"jsons://localhost:{hook.port}/x"), envelope())
        assert hook.received == []
        apprise.send(Apprise(f"jsons://localhost:{hook.port}/x?verify=no"), envelope())
        assert len(hook.received) == 1


def test_a_redirect_leads_nowhere_that_is_forbidden(hook: Receiver, settings: Any) -> None:
    with socket.create_server(("127.0.0.2", 0)) as inside:
        settings.OUTBOUND_ALLOW = ["127.0.0.1/32"]
        hook.answers = [(307, {"Location": f"http://127.0.0.2:{inside.getsockname()[1]}/secret"})]
        with pytest.raises(NotSent, match=r"127\.0\.0\.2 is a loopback address") as refused:
            apprise.send(Apprise(f"json://127.0.0.1:{hook.port}/x"), envelope())
        assert refused.value.permanent
        inside.settimeout(0.1)
        with pytest.raises(TimeoutError):
            inside.accept()
    assert len(hook.received) == 1


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("json://127.0.0.1:9/x", "loopback"),
        ("json://localhost:9/x", "loopback"),
        ("json://2130706433:9/x", "loopback"),
        ("ntfy://169.254.169.254/x", "link-local"),
        ("json://[::ffff:169.254.169.254]/x", "link-local"),
        ("mailto://ann:word@localhost:9?from=a@example.com&to=b@example.com", "loopback"),
    ],
)
def test_what_the_guard_refuses_is_refused_for_good(url: str, words: str, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []
    with pytest.raises(NotSent, match=words) as refused:
        apprise.send(Apprise(url), envelope())
    assert refused.value.permanent


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("syslog://", "programs of this server"),
        ("rsyslog://127.0.0.1", "does not speak HTTP"),
        ("irc://127.0.0.1/x", "does not speak HTTP"),
        ("mqtt://127.0.0.1/topic", "mqtt://"),
        *((f"{scheme}://", "can't read") for scheme in ("dbus", "gio", "blink1", "macosx")),
        ("nonsense://x", "can't read"),
    ],
)
def test_what_does_not_speak_http_is_refused_for_good(url: str, words: str, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = ["127.0.0.0/8"]
    with pytest.raises(NotSent, match=words) as refused:
        apprise.send(Apprise(url), envelope())
    assert refused.value.permanent


def test_an_address_can_not_have_files_of_this_server_sent(tmp_path: Path) -> None:
    (tmp_path / "secret.json").write_text("{}")
    url = f"workflows://127.0.0.1:9/WORKFLOW/SIGNATURE/?template={tmp_path}/secret.json"
    with pytest.raises(NotSent, match="may not read files") as refused:
        apprise.send(Apprise(url), envelope())
    assert refused.value.permanent


def test_a_reason_tells_no_token() -> None:
    words = "No answer of hooks.example for /T0KEN%20A/ of ann, word-1"
    url = "json://ann:word-1@hooks.example/T0KEN%20A?x=1"
    assert without_secrets(words, url) == "No answer of hooks.example for /…/ of ann, …"


def test_a_receiver_that_fails_is_told(hook: Receiver) -> None:
    hook.answers = [(500, {})]
    with pytest.raises(NotSent) as refused:
        apprise.send(Apprise(f"json://127.0.0.1:{hook.port}/x"), envelope())
    assert not refused.value.permanent
    assert "error=500" in str(refused.value)
