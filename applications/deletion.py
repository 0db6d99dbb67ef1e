"""Applications go, with everything that was stored for them."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Value
from django.db.models.functions import Greatest
from django.utils import timezone
from psycopg import sql

from applications import key_cache
from applications.models import Application, Key
from loghandler import partitions, queue

BATCH_ROWS = 5_000

# SKIP LOCKED: whoever never waits for a row can't be part of a deadlock with a writer.
_DELETE_BATCH = """
    DELETE FROM {table} WHERE application_id = %(application_id)s AND ctid = ANY(ARRAY(
        SELECT ctid FROM {table} WHERE application_id = %(application_id)s
        LIMIT %(rows)s FOR UPDATE SKIP LOCKED
    ))
"""


def close(application: Application) -> None:
    """Take nothing more for it: inactive, and all of its keys ended."""
    now = timezone.now()
    with transaction.atomic():
        Application.objects.filter(pk=application.pk).update(active=False)
        Key.objects.valid(now).filter(application=application).update(revoked_at=now)
        transaction.on_commit(key_cache.forget_all)


def want(application: Application) -> None:
    """Have the worker delete it. From now on nobody sees it, and its name is free."""
    with transaction.atomic():
        close(application)
        Application.objects.filter(pk=application.pk).update(
            # No valid name begins with a digit.
            name=f"{application.pk}.deleted",
            deleted_at=timezone.now(),
        )
        # By then no process takes its keys any more.
        wait = timedelta(seconds=settings.KEY_CACHE_SECONDS + 1)
        queue.defer(queue.DELETING, at=timezone.now() + wait)


def want_events(application: Application, before: datetime) -> None:
    """Have the worker delete its events received before a moment, or before now at the latest."""
    before = min(before, timezone.now())
    Application.objects.filter(pk=application.pk).update(
        # PostgreSQL's GREATEST ignores NULL: of two wishes the wider one counts.
        delete_events_before=Greatest("delete_events_before", Value(before))
    )
    queue.defer(queue.DELETING)


def delete(application: Application) -> int:
    """Delete an application and its rows; returns how many rows of the growing tables.

    Goes in short transactions, so that millions of events hold nobody up; call it outside of one.
    Where it is interrupted the application is left closed: call it again. What other processes
    still accept within `settings.KEY_CACHE_SECONDS` nobody can see, and it goes with its day.
    """
    return sum(batches(application))


def batches(application: Application) -> Iterator[int]:
    """Delete as `delete` does, pausing after each batch; gives how many rows went with it."""
    application_id = application.pk
    close(application)
    yield from _row_batches(application_id)
    application.delete()
    yield sum(_row_batches(application_id))


def _row_batches(application_id: int) -> Iterator[int]:
    for table in sorted(name for names in partitions.existing().values() for name in names):
        yield from _row_batches_of(table, application_id)


def _row_batches_of(table: str, application_id: int) -> Iterator[int]:
    statement = sql.SQL(_DELETE_BATCH).format(table=sql.Identifier(table))
    parameters = {"application_id": application_id, "rows": BATCH_ROWS}
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone() == (None,):  # its day has been pruned meanwhile
                return
            cursor.execute(statement, parameters)
            if not cursor.rowcount:
                return
            yield cursor.rowcount
