from typing import Any

from django.core.management.base import BaseCommand, CommandError

from loghandler import preparation


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
        if first is None:
            self.stdout.write("The database is ready.")
            return
        password = first.password or "the one of LOGHANDLER_ADMIN_PASSWORD"
        self.stdout.write(f"User {preparation.ADMINISTRATOR}, password {password}")
        self.stdout.write(
            f"Application {first.application.name} (id {first.application.pk}), "
            f"ingest key {first.ingest_key} (shown once)"
        )
