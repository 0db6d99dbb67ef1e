from typing import Any

from django.core.management.base import CommandError, CommandParser

from applications import members
from applications.management.reporting import ReportingCommand, named_application
from applications.models import Application, Membership


class Command(ReportingCommand):
    help = "Make a user a member of an application, change their role, or end their membership."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("application", metavar="APPLICATION", help="its name or id")
        parser.add_argument("username", metavar="USERNAME")
        wish = parser.add_mutually_exclusive_group()
        wish.add_argument(
            "--role",
            choices=[Membership.VIEWER, Membership.ADMIN],
            default=Membership.VIEWER,
            help="viewers look, admins change settings too (default: viewer)",
        )
        wish.add_argument("--remove", action="store_true", help="end the membership")

    def handle(self, *args: Any, **options: Any) -> None:
        application, username = named_application(options["application"]), options["username"]
        membership = application.memberships.filter(user__username=username).first()
        role = None if options["remove"] else options["role"]
        if role is None:
            _remove(membership, username, application)
            sentence = f"{username} is no member of {application.name} any more."
        else:
            _set(membership, username, application, role)
            sentence = f"{username} is {role} of {application.name}."
        record = {"application": application.name, "username": username, "role": role}
        self.report(options, record, sentence)


def _remove(membership: Membership | None, username: str, application: Application) -> None:
    if membership is None:
        raise CommandError(f"{username!r} is no member of {application.name}.")
    members.remove(membership, by_staff=True)


def _set(membership: Membership | None, username: str, application: Application, role: str) -> None:
    if membership is not None:
        members.change_role(membership, role, by_staff=True)
        return
    try:
        members.add(application, members.active_user(username), role)
    except (members.UnknownUser, members.AlreadyMember) as error:
        raise CommandError(str(error)) from error
