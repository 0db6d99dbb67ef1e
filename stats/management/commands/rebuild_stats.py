from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from applications.management.reporting import ReportingCommand
from stats import rebuilding


class Command(ReportingCommand):
    help = "Count the stored events again, day by day; only today's senders wait for a moment."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--since", type=date.fromisoformat, help="first day (UTC), YYYY-MM-DD")
        parser.add_argument("--until", type=date.fromisoformat, help="last day (UTC), included")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = options["since"] or date.min, options["until"] or date.max
        days = [day for day in rebuilding.days() if first <= day <= last]
        for day in days:
            rebuilding.rebuild(day)
        self.report(options, {"days": days}, f"Counted the events of {len(days)} days again.")
