"""What the commands of applications share: their arguments, and how they say what they did."""

import json
from argparse import ArgumentTypeError
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Q

from applications.durations import duration
from applications.models import Application, Key


class ReportingCommand(BaseCommand):
    """Says what it did: in a sentence, or as one JSON document with `--json`.

    Exit codes are Django's: 0 done, 1 refused (`CommandError`), 2 wrong usage.
    """

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer with JSON")

    def report(self, options: dict[str, Any], record: dict[str, Any], sentence: str) -> None:
        document = json.dumps(record, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2)
        self.stdout.write(document if options["json"] else sentence)


def named_application(name_or_id: str) -> Application:
    """The application of a name or an id; names start with a letter, so they never mix."""
    wanted = Q(name=name_or_id)
    if name_or_id.isascii() and name_or_id.isdecimal() and len(name_or_id) < 19:
        wanted = Q(pk=int(name_or_id))
    application = Application.objects.existing().filter(wanted).first()
    if application is None:
        raise CommandError(f"There is no application {name_or_id!r}.")
    return application


def duration_argument(text: str) -> timedelta:
    try:
        return duration(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from error


def add_kind(parser: CommandParser, default: str | None, description: str) -> None:
    parser.add_argument("--kind", choices=[Key.INGEST, Key.READ], default=default, help=description)


def moment(at: datetime | None) -> str:
    """A moment for a table or sentence: UTC to the second, '-' for never."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" if at else "-"


def key_record(key: Key) -> dict[str, Any]:
    """A key for JSON: everything that may be known of it."""
    return {
        "application": key.application.name,
        "kind": key.kind,
        "prefix": key.prefix,
        "label": key.label,
        "created_at": key.created_at,
        "ended_at": key.ended_at,
        "last_used_at": key.last_used_at,
    }
