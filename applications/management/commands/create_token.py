from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandError, CommandParser

from applications import tokens
from applications.management.reporting import ReportingCommand, duration_argument, moment


class Command(ReportingCommand):
    help = "Create a token that lets a user into the REST API: 'Authorization: Token …'."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument(
            "--expires",
            type=duration_argument,
            metavar="DURATION",
            help="how long it works, as in 90d (default: until it is deleted)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        username = options["username"]
        user = User.objects.filter(username=username).first()
        if user is None:
            raise CommandError(f"There is no user {username!r}.")
        if not user.is_active:
            raise CommandError(f"The user {username!r} is not active.")
        issued = tokens.issue(user, options["expires"])
        ends = issued.token.expiry
        until = f", which works until {moment(ends)}" if ends else ""
        self.report(
            options,
            {"username": username, "token": issued.secret, "expires_at": ends},
            f"Created a token of {username}{until}.\nThe token, shown only now: {issued.secret}",
        )
