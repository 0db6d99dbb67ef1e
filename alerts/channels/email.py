"""Mail by the server of LOGHANDLER_MAIL_URL."""

from smtplib import SMTP, SMTPException, SMTPRecipientsRefused, SMTPResponseException
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.backends.smtp import EmailBackend

from alerts.channels import Envelope, NotSent
from alerts.records import Email

# It closes, or refuses the password, which may be the operator's mistake of today (RFC 4954).
_AWAY = {421, 530, 534, 535, 538}
_NO_MAIL = "django.core.mail.backends.dummy.EmailBackend"

Refused = dict[str, tuple[int, bytes]]  # mailbox → the server's code and words


def send(address: Email, envelope: Envelope) -> str:
    """Who did not get it where others did, in words. Raises NotSent."""
    if settings.EMAIL_BACKEND == _NO_MAIL:
        raise NotSent("No mail server is set: LOGHANDLER_MAIL_URL names one", permanent=True)
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].rstrip(">") or "localhost"
    mail = EmailMessage(
        envelope.subject,
        f"{envelope.text}\n",
        to=list(address.to),
        headers={
            "Auto-Submitted": "auto-generated",  # RFC 3834: nobody is out of office for it
            "List-Id": f"Alerts of {envelope.application} <alerts.{host}>",
            # The same again, where it is sent once more: mailboxes can tell.
            "Message-ID": f"<notification-{envelope.id}@{host}>",
        },
    )
    mail.connection = server = _connection()
    try:
        mail.send()
    except SMTPRecipientsRefused as error:
        codes = {code for code, _ in error.recipients.values()}
        words = _in_words(error.recipients)
        raise NotSent(words, permanent=all(map(_is_permanent, codes))) from error
    except SMTPResponseException as error:
        words = f"The mail server said {error.smtp_code}: {_text(error.smtp_error)}"
        permanent, away = _is_permanent(error.smtp_code), error.smtp_code in _AWAY
        raise NotSent(words, permanent=permanent, away=away) from error
    except (SMTPException, OSError) as error:
        unsure = isinstance(server, _Server) and server.handing_over
        words = f"The mail server can't be reached: {error}"
        raise NotSent(words, away=True, unsure=unsure) from error
    # It is not tried again: those who have it would get it twice.
    refused = server.refused if isinstance(server, _Server) else {}
    return f"Not sent to {_in_words(refused)}" if refused else ""


def _connection() -> BaseEmailBackend:
    found: BaseEmailBackend = get_connection()
    return _Server() if type(found) is EmailBackend else found


class _Server(EmailBackend):
    """Django's own, which also keeps who was refused where others were not.

    `handing_over`: a mail has gone, and the server has not answered yet.
    """

    def __init__(self) -> None:
        super().__init__()
        self.refused: Refused = {}
        self.handing_over = False

    @property
    def connection_class(self) -> type[SMTP]:
        backend, refused = self, self.refused

        class Connection(super().connection_class):  # type: ignore[misc]
            def sendmail(self, *arguments: Any, **options: Any) -> Refused:
                refused.update(super().sendmail(*arguments, **options))
                return refused

            def data(self, msg: Any) -> tuple[int, bytes]:
                backend.handing_over = True
                answer: tuple[int, bytes] = super().data(msg)
                backend.handing_over = False
                return answer

        return Connection


def _in_words(refused: Refused) -> str:
    return "; ".join(f"{to}: {_text(said)}" for to, (_, said) in refused.items())


def _is_permanent(code: int) -> bool:
    """By RFC 5321, 4.2.1."""
    return 500 <= code < 600 and code not in _AWAY


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said
