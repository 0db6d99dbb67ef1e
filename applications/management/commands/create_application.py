from typing import Any

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from applications import creation
from applications.management.reporting import ReportingCommand


class Command(ReportingCommand):
    help = "Create an application and its first ingest key, which is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("name", metavar="NAME")
        parser.add_argument("--description", default="")
        parser.add_argument("--retention-days", type=int, help="days to keep its events")
        parser.add_argument("--admin", metavar="USERNAME", help="who becomes its first admin")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            created = creation.create(
                options["name"],
                description=options["description"],
                retention_days=options["retention_days"],
                admin=_user(options["admin"]),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except creation.NameTaken as error:
            raise CommandError(str(error)) from error
        application = created.application
        self.report(
            options,
            {
                "id": application.pk,
                "name": application.name,
                "ingest_key": created.ingest_key,
                "created_at": application.created_at,
            },
            f"Created application {application.name} with id {application.pk}.\n"
            f"Its ingest key, shown only now: {created.ingest_key}",
        )


def _user(username: str | None) -> User | None:
    if username is None:
        return None
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username!r}.")
    return user
