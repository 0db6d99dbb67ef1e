from typing import Any

from django.core.management.base import CommandError, CommandParser

from applications import keys
from applications.management.reporting import ReportingCommand, key_record, moment
from applications.models import Key


class Command(ReportingCommand):
    help = "End a key at once. Other processes follow within LOGHANDLER_KEY_CACHE_SECONDS."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("prefix", metavar="PREFIX", help="the first digits of the key")

    def handle(self, *args: Any, **options: Any) -> None:
        key = _the_one(options["prefix"])
        keys.revoke(key)
        self.report(
            options,
            key_record(key),
            f"The {key.kind} key {key.prefix}… of {key.application.name} "
            f"ended at {moment(key.ended_at)}.",
        )


def _the_one(prefix: str) -> Key:
    """The key of this prefix; ended ones count only where no other has it."""
    found = list(Key.objects.beginning_with(prefix).select_related("application"))
    valid = list(Key.objects.valid().filter(pk__in=[key.pk for key in found]))
    candidates = [key for key in found if key in valid] or found
    if not candidates:
        raise CommandError(f"There is no key that begins with {prefix!r}.")
    if len(candidates) > 1:
        names = ", ".join(f"{key.prefix} ({key.kind}, {key.application})" for key in candidates)
        raise CommandError(f"Several keys begin with {prefix!r}: {names}.")
    return candidates[0]
