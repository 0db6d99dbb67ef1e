"""Makes the statistics anew from the stored events."""

import json
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand

from stats import rebuilding


class Command(BaseCommand):
    help = "Count the stored events again, day by day. Nothing is lost or blocked for long."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=date.fromisoformat, help="first day (UTC), YYYY-MM-DD")
        parser.add_argument("--until", type=date.fromisoformat, help="last day (UTC), included")
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        first, last = options["since"] or date.min, options["until"] or date.max
        days = [day for day in rebuilding.days() if first <= day <= last]
        for day in days:
            rebuilding.rebuild(day)
            if options["verbosity"] > 1:
                self.stdout.write(f"Counted {day}.")
        if options["json"]:
            self.stdout.write(json.dumps({"days": [str(day) for day in days]}))
        else:
            self.stdout.write(f"Counted the events of {len(days)} days again.")
