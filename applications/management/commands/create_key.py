from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from applications import keys
from applications.management.reporting import (
    ReportingCommand,
    add_kind,
    duration_argument,
    key_record,
    moment,
    named_application,
)
from applications.models import Key


class Command(ReportingCommand):
    help = "Create a key of an application and show it once. Its other keys go on working."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("application", metavar="APPLICATION", help="its name or id")
        add_kind(parser, Key.INGEST, "what the key is for (default: ingest)")
        parser.add_argument("--label", default="", help="a note that tells it from other keys")
        parser.add_argument(
            "--expires",
            type=duration_argument,
            metavar="DURATION",
            help="how long it works, as in 90d (default: until it is rotated or revoked)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        application = named_application(options["application"])
        expires_at = timezone.now() + options["expires"] if options["expires"] else None
        try:
            issued = keys.issue(
                application, options["kind"], label=options["label"], expires_at=expires_at
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        until = f", which works until {moment(expires_at)}" if expires_at else ""
        self.report(
            options,
            {**key_record(issued.key), "key": issued.secret},
            f"Created {options['kind']} key {issued.key.prefix}… of {application.name}{until}.\n"
            f"The key, shown only now: {issued.secret}",
        )
