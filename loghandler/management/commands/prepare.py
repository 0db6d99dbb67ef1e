from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loghandler import preparation
from loghandler.greeting import secrets_of


class Command(BaseCommand):
    help = (
        "Migrate, make the coming partitions and, where there are no users yet, an administrator "
        "and a first application. Run it before the web server starts; it is safe to repeat."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            preparation.await_database(self.stdout.write)
        except preparation.DatabaseSilent as error:
            raise CommandError(str(error)) from error
        first = preparation.prepare(self.stdout.write)
        self.stdout.write(secrets_of(first) if first else "The database is ready.")
