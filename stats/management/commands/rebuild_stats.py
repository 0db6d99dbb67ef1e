from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from applications.management.reporting import ReportingCommand
from stats import rebuilding
from stats.traffic import rebuilding as traffic_rebuilding


class Command(ReportingCommand):
    help = "Count what is stored again, day by day; only today's senders wait for a moment."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--since", type=date.fromisoformat, help="first day (UTC), YYYY-MM-DD")
        parser.add_argument("--until", type=date.fromisoformat, help="last day (UTC), included")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = options["since"] or date.min, options["until"] or date.max
        days = [day for day in rebuilding.days() if first <= day <= last]
        for day in days:
            rebuilding.rebuild(day)
        for day in traffic_rebuilding.days():
            if first <= day <= last:
                traffic_rebuilding.rebuild(day)
        self.report(options, {"days": days}, f"Counted {len(days)} days again.")
