"""Settings that can't work, or should not go to production, found before anything is served."""

import ipaddress
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import connections

SECRET_KEY_CHARACTERS = 32
OLDEST_POSTGRESQL = 15
SMTP = "django.core.mail.backends.smtp.EmailBackend"


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@register(Tags.security, deploy=True)
def secret_key(**options: Any) -> list[CheckMessage]:
    try:
        key = settings.SECRET_KEY
    except ImproperlyConfigured:  # Django's answer to an empty one
        return [
            Error(
                "There is no secret key.",
                hint="Set LOGHANDLER_SECRET_KEY, or start once with `make run`, which makes one.",
                id="loghandler.E001",
            )
        ]
    if len(key) < SECRET_KEY_CHARACTERS:
        return [
            Error(
                f"The secret key is shorter than {SECRET_KEY_CHARACTERS} characters.",
                hint="Set LOGHANDLER_SECRET_KEY to the output of `openssl rand -base64 48`.",
                id="loghandler.E002",
            )
        ]
    return []


@register(Tags.security, deploy=True)
def open_api_in_production(**options: Any) -> list[CheckMessage]:
    if settings.API_ACCESS != "open":
        return []
    return [
        Warning(
            "Whoever reaches the address may read and manage everything over REST.",
            hint="Unset LOGHANDLER_API_ACCESS, or set it to 'token'.",
            id="loghandler.W001",
        )
    ]


@register(Tags.security)
def exposed_openness(**options: Any) -> list[CheckMessage]:
    """Openness is for one's own machine; other people's must not reach it, nor their pages."""
    found: list[CheckMessage] = []
    loopback = is_loopback(settings.HOST)
    if settings.API_ACCESS == "open" and not loopback:
        found.append(
            Error(
                f"The REST API is open, and HOST {settings.HOST} can be reached from elsewhere.",
                hint="Set LOGHANDLER_API_ACCESS=token, or HOST=127.0.0.1.",
                id="loghandler.E003",
            )
        )
    if settings.API_ACCESS == "open" and any(
        host == "*" or host.startswith(".") for host in settings.ALLOWED_HOSTS
    ):
        found.append(
            Error(
                "The REST API is open, and any host name is allowed: a web page could rebind its "
                "own name to this address and read everything.",
                hint="Name the hosts in LOGHANDLER_ALLOWED_HOSTS, or set "
                "LOGHANDLER_API_ACCESS=token.",
                id="loghandler.E004",
            )
        )
    if settings.DEBUG and not loopback:
        found.append(
            Error(
                f"Debug pages show settings, and HOST {settings.HOST} can be reached from "
                "elsewhere.",
                hint="Unset LOGHANDLER_DEBUG, or set HOST=127.0.0.1.",
                id="loghandler.E005",
            )
        )
    return found


@register()
def contradicting_limits(**options: Any) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    if settings.MAX_EVENT_BYTES > settings.MAX_BODY_BYTES:
        found.append(
            Error(
                "One event may be larger than a whole body.",
                hint="Set LOGHANDLER_MAX_EVENT_BYTES to at most LOGHANDLER_MAX_BODY_BYTES "
                f"({settings.MAX_BODY_BYTES}).",
                id="loghandler.E006",
            )
        )
    if settings.MAX_BATCH_EVENTS > settings.QUEUE_EVENTS:
        found.append(
            Error(
                "A batch may hold more events than the queue, which would never take it.",
                hint="Set LOGHANDLER_MAX_BATCH_EVENTS to at most LOGHANDLER_QUEUE_EVENTS "
                f"({settings.QUEUE_EVENTS}).",
                id="loghandler.E007",
            )
        )
    return found


@register()
def mail_without_sender(**options: Any) -> list[CheckMessage]:
    if settings.EMAIL_BACKEND != SMTP or settings.DEFAULT_FROM_EMAIL:
        return []
    return [
        Error(
            "Mail is to be sent, and from nobody.",
            hint="Set LOGHANDLER_MAIL_FROM to the address that it comes from.",
            id="loghandler.E010",
        )
    ]


@register(Tags.security, deploy=True)
def mail_in_the_open(**options: Any) -> list[CheckMessage]:
    encrypted = settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL
    secret = settings.EMAIL_BACKEND == SMTP and settings.EMAIL_HOST_PASSWORD
    if not secret or encrypted or is_loopback(settings.EMAIL_HOST):
        return []
    return [
        Warning(
            "The password of the mail server is sent without encryption.",
            hint="Let LOGHANDLER_MAIL_URL begin with submission:// or smtps://.",
            id="loghandler.W002",
        )
    ]


@register(Tags.database)
def database_version(**options: Any) -> list[CheckMessage]:
    """Runs where a database is at hand: `migrate`, `manage.py up`, `check --database default`."""
    found: list[CheckMessage] = []
    for alias in options["databases"] or []:
        connection: Any = connections[alias]
        if connection.vendor != "postgresql":
            found.append(
                Error(
                    f"The database {alias!r} is {connection.display_name}.",
                    hint="Log Handler stores in PostgreSQL only: set DATABASE_URL, or unset it "
                    "to use the embedded one.",
                    id="loghandler.E008",
                )
            )
        elif (version := connection.pg_version // 10_000) < OLDEST_POSTGRESQL:
            found.append(
                Error(
                    f"PostgreSQL {version} is too old.",
                    hint=f"Use PostgreSQL {OLDEST_POSTGRESQL} to 18.",
                    id="loghandler.E009",
                )
            )
    return found
