from collections.abc import Sequence
from typing import Any

from django.core.management.base import CommandParser

from applications.management.reporting import (
    ReportingCommand,
    key_record,
    moment,
    named_application,
)
from applications.models import Key

_HEADER = ("PREFIX", "KIND", "APPLICATION", "CREATED", "ENDS", "LAST USED", "LABEL")


class Command(ReportingCommand):
    help = "List the keys that work, of one application or of all."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "application", metavar="APPLICATION", nargs="?", help="its name or id (default: all)"
        )
        parser.add_argument("--all", action="store_true", help="ended keys too")

    def handle(self, *args: Any, **options: Any) -> None:
        keys = Key.objects.all() if options["all"] else Key.objects.valid()
        if options["application"]:
            keys = keys.filter(application=named_application(options["application"]))
        found = list(
            keys.select_related("application").order_by("application__name", "kind", "-created_at")
        )
        self.report(options, {"keys": [key_record(key) for key in found]}, _table(found))


def _table(keys: Sequence[Key]) -> str:
    if not keys:
        return "There are no such keys."
    rows = [_HEADER, *(_row(key) for key in keys)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join(lines)


def _row(key: Key) -> tuple[str, ...]:
    return (
        key.prefix,
        key.kind,
        key.application.name,
        moment(key.created_at),
        moment(key.ended_at),
        moment(key.last_used_at),
        key.label,
    )
