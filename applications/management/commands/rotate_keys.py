from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.db import transaction

from applications import keys
from applications.durations import duration
from applications.management.reporting import (
    ReportingCommand,
    add_kind,
    duration_argument,
    key_record,
    moment,
    named_application,
)
from applications.models import Application, Key


class Command(ReportingCommand):
    help = (
        "Replace the keys of an application: a new key of each kind that has valid ones is shown "
        "once, and the old ones work until the grace period is over."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("application", metavar="APPLICATION", nargs="?", help="its name or id")
        parser.add_argument("--all", action="store_true", help="rotate in every application")
        add_kind(parser, None, "rotate the keys of this kind only")
        parser.add_argument(
            "--grace",
            type=duration_argument,
            default=duration("24h"),
            metavar="DURATION",
            help="how long the old keys still work: 24h (default), 30m, 0s",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # All or none: a failure half-way must not keep secrets that nobody has been shown.
        with transaction.atomic():
            rotations = [
                keys.rotate(application, kind, grace=options["grace"])
                for application in _applications(options)
                for kind in _kinds(application, options["kind"])
            ]
        if not rotations:
            raise CommandError("There are no valid keys to rotate; create_key makes one.")
        self.report(
            options, {"rotated": [_record(one) for one in rotations]}, _sentences(rotations)
        )


def _applications(options: dict[str, Any]) -> Iterable[Application]:
    if bool(options["application"]) == options["all"]:
        raise CommandError("Name one application, or say --all.", returncode=2)
    if options["all"]:
        return Application.objects.existing().order_by("pk")
    return [named_application(options["application"])]


def _kinds(application: Application, kind: str | None) -> list[str]:
    held = {key.kind for key in Key.objects.valid().filter(application=application)}
    return sorted(held & {kind} if kind else held)


def _record(rotation: keys.Rotation) -> dict[str, Any]:
    issued = rotation.issued
    ending = [{"prefix": key.prefix, "ended_at": key.ended_at} for key in rotation.ending]
    return {**key_record(issued.key), "key": issued.secret, "ending": ending}


def _sentences(rotations: Iterable[keys.Rotation]) -> str:
    lines = []
    for rotation in rotations:
        key = rotation.issued.key
        lines.append(f"New {key.kind} key of {key.application.name}: {rotation.issued.secret}")
        lines += [
            f"  replaces {old.prefix}…, which works until {moment(old.ended_at)}"
            for old in rotation.ending
        ]
    return "\n".join([*lines, "New keys are shown only now."])
