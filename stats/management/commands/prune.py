from dataclasses import asdict
from typing import Any

from applications.management.reporting import ReportingCommand
from stats import retention


class Command(ReportingCommand):
    help = "Drop the days and delete what is past their keeping."

    def handle(self, *args: Any, **options: Any) -> None:
        pruned = retention.prune()
        dropped = len(pruned.partitions)
        self.report(
            options,
            asdict(pruned),
            f"Dropped {dropped} partitions, deleted {pruned.events} events "
            f"and {pruned.requests} requests.",
        )
