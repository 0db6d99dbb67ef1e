"""Mail to a real server."""

from collections.abc import Iterator
from email.message import Message as Mail
from email.parser import BytesParser
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.utils import timezone

from alerts import delivering, notifying
from alerts.channels import Envelope, NotSent, email
from alerts.factories import create_channel
from alerts.models import SENT
from alerts.records import Email, Message
from loghandler.tests.running import free_port


class Inbox:
    """Answers as it is told, and keeps what it took."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], Mail]] = []
        self.to_recipients = self.to_data = "250 OK"
        self.unknown = ""

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if address == self.unknown:
            return "550 No such user"
        if self.to_recipients.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipients

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        if self.to_data == "nothing":
            server.transport.close()
            return "250 OK"
        if self.to_data.startswith("250"):
            mail = BytesParser(policy=default).parsebytes(envelope.content)
            self.taken.append((envelope.rcpt_tos, mail))
        return self.to_data


@pytest.fixture
def inbox(settings: Any) -> Iterator[Inbox]:
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = controller.port
    settings.DEFAULT_FROM_EMAIL = "Log Handler <logs@example.com>"
    yield inbox
    controller.stop()


def envelope(**fields: Any) -> Envelope:
    message = Message("shop: it is\ndown", "Status 500", "/x/")
    wanted = {
        "id": 7, "application": "shop", "tells": "began", "message": message,
        "url": "https://logs.example.com/x/", "at": timezone.now(), "attempt": 1,
        "maybe_sent": False, **fields,
    }  # fmt: skip
    return Envelope(**wanted)


ADDRESS = Email(("ann@example.com", "bo@example.com"))


def test_a_mail_arrives(inbox: Inbox) -> None:
    email.send(ADDRESS, envelope())
    [(to, mail)] = inbox.taken
    assert to == ["ann@example.com", "bo@example.com"]
    assert mail["Subject"] == "shop: it is down"
    assert mail["From"] == "Log Handler <logs@example.com>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] == "Alerts of shop <alerts.example.com>"
    assert mail["Message-ID"] == "<notification-7@example.com>"
    text = mail.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode().split() == ["Status", "500", "https://logs.example.com/x/"]


def test_one_that_may_have_arrived_before_says_so(inbox: Inbox) -> None:
    email.send(ADDRESS, envelope(maybe_sent=True))
    assert "may have arrived before" in str(inbox.taken[0][1].get_payload())


@pytest.mark.parametrize(
    ("recipients", "content", "words", "permanent"),
    [
        ("550 No such user", "250 OK", "ann@example.com: No such user", True),
        ("450 Greylisted", "250 OK", "ann@example.com: Greylisted", False),
        ("250 OK", "554 Looks like spam", "said 554: Looks like spam", True),
        ("250 OK", "452 Disk full", "said 452: Disk full", False),
    ],
)
def test_a_refusal_is_told(
    inbox: Inbox, recipients: str, content: str, words: str, permanent: bool
) -> None:
    inbox.to_recipients, inbox.to_data = recipients, content
    with pytest.raises(NotSent, match=words) as refused:
        email.send(ADDRESS, envelope())
    assert refused.value.permanent is permanent


@pytest.mark.django_db
def test_one_of_several_who_is_refused_is_named_beside_what_was_sent(inbox: Inbox) -> None:
    inbox.unknown = "bo@example.com"
    channel = create_channel(ADDRESS)
    sent = notifying.test(channel)
    delivering.deliver(channel.pk)
    delivering.deliver(channel.pk)
    sent.refresh_from_db()
    assert sent.state == SENT
    assert sent.failure == "Not sent to bo@example.com: No such user"
    assert [to for to, _ in inbox.taken] == [["ann@example.com"]]


def test_a_name_in_other_letters_is_written_as_mail_has_it(inbox: Inbox, settings: Any) -> None:
    settings.DEFAULT_FROM_EMAIL = "Wächter <logs@example.com>"
    email.send(Email(("ann@bücher.example",)), envelope())
    [(to, mail)] = inbox.taken
    assert to == ["ann@xn--bcher-kva.example"]
    assert mail["From"] == "Wächter <logs@example.com>"


def test_a_console_takes_mail_too(settings: Any, capsys: pytest.CaptureFixture[str]) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert email.send(ADDRESS, envelope()) == ""
    assert "To: ann@example.com, bo@example.com" in capsys.readouterr().out


def test_a_server_that_is_away_is_tried_again(inbox: Inbox, settings: Any) -> None:
    settings.EMAIL_PORT = 9
    with pytest.raises(NotSent, match="can't be reached") as refused:
        email.send(ADDRESS, envelope())
    assert not refused.value.permanent
    assert not refused.value.unsure


def test_a_mail_that_nobody_answered_may_have_arrived(inbox: Inbox) -> None:
    inbox.to_data = "nothing"
    with pytest.raises(NotSent, match="can't be reached") as refused:
        email.send(ADDRESS, envelope())
    assert refused.value.unsure
    assert not refused.value.permanent


def test_without_a_server_it_is_said(settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
    with pytest.raises(NotSent, match="LOGHANDLER_MAIL_URL") as refused:
        email.send(ADDRESS, envelope())
    assert refused.value.permanent
