import sys
from typing import Any

from django.core.management.base import CommandError, CommandParser

from applications import deletion
from applications.management.reporting import ReportingCommand, named_application


class Command(ReportingCommand):
    help = "Delete an application with its keys, members and everything that was stored for it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("application", metavar="APPLICATION", help="its name or id")
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:
        application = named_application(options["application"])
        record = {"id": application.pk, "name": application.name}
        if not options["yes"]:
            _confirm(application.name)
        rows = deletion.delete(application)
        self.report(
            options,
            {**record, "deleted_rows": rows},
            f"Deleted application {record['name']} and {rows:,} rows that were stored for it.",
        )


def _confirm(name: str) -> None:
    if not sys.stdin.isatty():
        raise CommandError("Say --yes to delete without being asked.")
    if input(f"This deletes {name} and all of its events. Type its name to go on: ") != name:
        raise CommandError("Nothing was deleted.")
