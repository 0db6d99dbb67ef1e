"""What must be true of the database before anything is served; harmless to repeat."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from applications import keys
from applications.models import Application, Key
from loghandler import partitions

ADMINISTRATOR = "admin"
FIRST_APPLICATION = "my-first-app"
_LOCK = "SELECT pg_advisory_lock(hashtext('loghandler.preparation'))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('loghandler.preparation'))"


class DatabaseSilent(Exception):
    """The database did not answer; the message carries the driver's reason."""


@dataclass(frozen=True)
class FirstStart:
    """What the very first start made: secrets that are shown once."""

    password: str | None  # None where LOGHANDLER_ADMIN_PASSWORD gave it
    application: Application
    ingest_key: str


def await_database(say: Callable[[str], object], patience: float = 30) -> None:
    deadline = time.monotonic() + patience
    waiting = False
    while True:
        try:
            connection.ensure_connection()
            return
        except OperationalError as error:
            if time.monotonic() > deadline:
                raise DatabaseSilent(
                    f"The database does not answer: {error}\n"
                    "Check DATABASE_URL, or unset it to use the embedded PostgreSQL."
                ) from error
            if not waiting:
                say(f"Waiting up to {patience:.0f} s for the database ...")
            waiting = True
            time.sleep(0.5)


def prepare(say: Callable[[str], object]) -> FirstStart | None:
    """Migrations, partitions, and at the very first start someone to log in and a place to send to.

    One process at a time: the containers of one deployment may all start with this.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute(_LOCK)
        try:
            _migrate(say)
            partitions.ensure()
            return _first_start()
        finally:
            cursor.execute(_UNLOCK)


def _migrate(say: Callable[[str], object]) -> None:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:  # the command itself costs a third of a second even where nothing is to be done
        say(f"Applying {len(plan)} migrations ...")
        call_command("migrate", verbosity=0, interactive=False)


@transaction.atomic
def _first_start() -> FirstStart | None:
    people = get_user_model()
    if people.objects.exists():
        return None
    password = settings.ADMIN_PASSWORD or secrets.token_urlsafe(12)
    people.objects.create_superuser(ADMINISTRATOR, "", password)
    application, _created = Application.objects.get_or_create(name=FIRST_APPLICATION)
    issued = keys.issue(application, Key.INGEST, label="first start")
    return FirstStart(None if settings.ADMIN_PASSWORD else password, application, issued.secret)
