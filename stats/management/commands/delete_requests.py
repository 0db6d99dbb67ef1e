import sys
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.core.validators import validate_ipv46_address
from django.utils import timezone

from applications.management.reporting import ReportingCommand, named_application
from stats.traffic import deletions


class Command(ReportingCommand):
    help = "Delete requests of an application: all that have occurred, or those before, by or from."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("application", metavar="APPLICATION", help="its name or id")
        parser.add_argument("--before", type=_moment, help="a day or moment (UTC); default: now")
        parser.add_argument("--user", help="of this user only")
        parser.add_argument("--address", help="of this IP address only")
        parser.add_argument("--yes", action="store_true", help="don't ask")

    def handle(self, *args: Any, **options: Any) -> None:
        application = named_application(options["application"])
        before = options["before"] or timezone.now()
        if options["address"]:
            try:
                validate_ipv46_address(options["address"])
            except ValidationError as error:
                raise CommandError(" ".join(error.messages)) from error
        if not options["yes"]:
            _confirm(application.name)
        chosen = {"user": options["user"], "address": options["address"]}
        count = sum(deletions.batches(application.pk, before=before, **chosen))
        self.report(options, {"requests": count}, f"Deleted {count} requests.")


def _confirm(name: str) -> None:
    if not sys.stdin.isatty():
        raise CommandError("Say --yes to delete without being asked.")
    if input(f"This deletes requests of {name}. Type its name to go on: ") != name:
        raise CommandError("Nothing was deleted.")


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else timezone.make_aware(moment)
