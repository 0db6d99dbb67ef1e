from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from django.core.management.base import CommandError, CommandParser

from applications.management.reporting import ReportingCommand, named_application
from ingest import importing
from ingest.group_commit import Busy
from ingest.importing import Imported, NotRead, Row

AT_ONCE = 5_000


class Command(ReportingCommand):
    help = (
        "Import the requests that API Analytics has stored for a key: from its Data API (--server) "
        "or from its PostgreSQL tables (--database). What was imported within two days is not "
        "stored again."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("application", metavar="APPLICATION", help="its name or id, here")
        parser.add_argument("--key", required=True, help="the API key there")
        source = parser.add_mutually_exclusive_group(required=True)
        source.add_argument("--server", help="its address, such as https://apianalytics-server.com")
        source.add_argument("--database", help="postgresql://user:password@host/name")

    def handle(self, *args: Any, **options: Any) -> None:
        application = named_application(options["application"])
        now, total, first = datetime.now(UTC), Imported(), 0
        source = f"{options['server'] or 'tables'} {options['key']}"
        try:
            for rows in _parts(options):
                total.add(importing.imported(application.pk, source, rows, first=first, now=now))
                first += len(rows)
                self.stderr.write(f"{first:,} rows read, {total.stored:,} stored")
        except (NotRead, Busy) as error:
            raise CommandError(f"After {first:,} rows: {error} Run it again to go on.") from error
        self.report(
            options,
            asdict(total),
            f"Stored {total.stored:,} requests; {total.repeated:,} were here already, "
            f"{total.older:,} are older than what is kept, {total.refused:,} can't be read.",
        )


def _parts(options: dict[str, Any]) -> Iterator[list[Row]]:
    if options["database"]:
        yield from importing.from_database(options["database"], options["key"], size=AT_ONCE)
        return
    for _, rows in importing.from_data_api(options["server"], options["key"]):
        waiting = iter(rows)
        while part := list(islice(waiting, AT_ONCE)):
            yield part
