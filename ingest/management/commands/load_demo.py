from typing import Any

from django.core.management.base import CommandError, CommandParser

from applications.management.reporting import ReportingCommand
from ingest import demo
from ingest.group_commit import Busy


class Command(ReportingCommand):
    help = "Load a week of three demo services to look around in, or remove them again."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--remove", action="store_true", help="remove what was loaded")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["remove"]:
            self._remove(options)
        else:
            self._load(options)

    def _load(self, options: dict[str, Any]) -> None:
        try:
            applications = demo.load()
        except Busy as error:
            raise CommandError(f"Nothing was loaded. {error}") from error
        self.report(
            options,
            {"applications": [{"id": item.pk, "name": item.name} for item in applications]},
            f"The demo is loaded: {', '.join(item.name for item in applications)}.\n"
            "`load_demo --remove` removes it.",
        )

    def _remove(self, options: dict[str, Any]) -> None:
        if not demo.loaded():
            raise CommandError("There is no demo to remove.")
        rows = demo.remove()
        self.report(
            options, {"deleted_rows": rows}, f"Removed the demo and {rows:,} rows of its data."
        )
