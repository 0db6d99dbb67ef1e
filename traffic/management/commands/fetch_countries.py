from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from applications.management.reporting import ReportingCommand
from traffic import fetching_countries
from traffic.fetching_countries import NotFetched


class Command(ReportingCommand):
    help = "Get DB-IP's free database of addresses' countries (CC BY 4.0) for LOGHANDLER_GEOIP."
    requires_system_checks: Any = []  # it is run before all else is set up

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--if-missing", action="store_true", help="do nothing where there is one already"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        target = settings.GEOIP
        if options["if_missing"] and target.exists():
            return
        try:
            size = fetching_countries.fetch(target)
        except NotFetched as error:
            raise CommandError(str(error)) from error
        self.report(
            options,
            {"path": str(target), "bytes": size},
            f"{target}: {size:,} bytes. IP Geolocation by DB-IP (https://db-ip.com). "
            "Web processes that run already see it after a restart.",
        )
