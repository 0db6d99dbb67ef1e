"""JSON to an address, signed: what docs/alerts.md describes."""

import asyncio
import hashlib
import hmac
import json
import time
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from string import Template
from typing import Any

from django.conf import settings

from alerts.channels import Envelope, NotSent
from alerts.records import Webhook
from loghandler.outbound.addresses import Guard
from loghandler.outbound.connections import Connector, Resolver, Stopwatch, Unreachable
from loghandler.outbound.http import Answer, Client, Request

TIMEOUT = 10.0  # seconds
MOST_ANSWER_BYTES = 10_000
# Of answers that refuse: what may be another one later (RFC 9110, 6585).
_LATER = {408, 423, 425, 429}
_GONE = {"first_byte", "body"}  # what is waited for when the request has gone


def send(address: Webhook, envelope: Envelope) -> None:
    """Raises NotSent."""
    body, watch = written(address, envelope), Stopwatch()
    try:
        answer = asyncio.run(_asked(_request(address, envelope, body), watch))
    except Unreachable as error:
        forbidden = error.kind == "forbidden"
        raise NotSent(
            str(error), permanent=forbidden, away=not forbidden, unsure=watch.step in _GONE
        ) from error
    if not 200 <= answer.status < 300:
        permanent = 300 <= answer.status < 500 and answer.status not in _LATER
        words = f"Status {answer.status}: {answer.body[:200].decode('utf-8', 'replace')}"
        after = None if permanent else _after(answer)
        raise NotSent(words.rstrip(": "), permanent=permanent, after=after)


def written(address: Webhook, envelope: Envelope) -> bytes:
    """The body: ours, or the template's, in which `$name` is the JSON text of a field.

    A name stands within quotes, or alone for a number or an object.
    """
    fields = content(envelope)
    if not address.template:
        return json.dumps(fields, ensure_ascii=False).encode()
    texts = {name: _within_json(value) for name, value in fields.items()}
    return Template(address.template).safe_substitute(texts).encode()


def content(envelope: Envelope) -> dict[str, Any]:
    """What programs are told."""
    return {
        "id": envelope.id,
        "type": f"alert.{envelope.tells}",
        "application": envelope.application,
        "title": envelope.message.title,
        "text": envelope.message.text,
        "url": envelope.url,
        "at": envelope.at.isoformat(),
        "attempt": envelope.attempt,
        "maybe_sent": envelope.maybe_sent,
        "facts": envelope.message.facts,
    }


def signature(secret: str, body: bytes, at: int) -> str:
    """The header that says who sent this: the time is signed too, so that it can't be repeated."""
    signed = hmac.new(secret.encode(), b"%d." % at + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def _request(address: Webhook, envelope: Envelope, body: bytes) -> Request:
    headers = {
        "content-type": ("Content-Type", "application/json; charset=utf-8"),
        **{name.lower(): (name, value) for name, value in address.headers},
        "x-loghandler-id": ("X-LogHandler-Id", str(envelope.id)),
        "x-loghandler-attempt": ("X-LogHandler-Attempt", str(envelope.attempt)),
    }
    if envelope.maybe_sent:
        headers["x-loghandler-maybe-sent"] = ("X-LogHandler-Maybe-Sent", "true")
    if address.secret:
        signed = signature(address.secret, body, int(time.time()))
        headers["x-loghandler-signature"] = ("X-LogHandler-Signature", signed)
    return Request(
        address.url,
        "POST",
        tuple(headers.values()),
        body,
        timeout=TIMEOUT,
        most_bytes=MOST_ANSWER_BYTES,
    )


async def _asked(request: Request, watch: Stopwatch) -> Answer:
    client = Client(Connector(Guard(settings.OUTBOUND_ALLOW), Resolver()))
    return await client.ask(request, watch)


def _after(answer: Answer) -> timedelta | None:
    """Seconds, or a moment (RFC 9110, 10.2.3)."""
    asked = answer.header("retry-after") or ""
    if asked.isdecimal():
        return timedelta(seconds=int(asked[:9]))
    try:
        wait = parsedate_to_datetime(asked) - datetime.now(UTC)
    except (TypeError, ValueError, OverflowError):  # neither, or without a zone
        return None
    return max(wait, timedelta())


def _within_json(value: Any) -> str:
    """The text of a value between its quotes, so that it can't end them."""
    text = json.dumps(value, ensure_ascii=False)
    return text[1:-1] if isinstance(value, str) else text
