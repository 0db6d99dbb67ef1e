"""Gives back the disk space of what is past its keeping; the background work does it daily."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from stats import retention


class Command(BaseCommand):
    help = "Drop the days and delete the events that are past their keeping."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="answer as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        pruned = retention.prune()
        if options["json"]:
            self.stdout.write(json.dumps(asdict(pruned)))
        else:
            self.stdout.write(
                f"Dropped {len(pruned.partitions)} partitions and deleted {pruned.events} events."
            )
