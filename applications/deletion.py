"""Applications go, with everything that was stored for them."""

from django.db import connection, transaction
from django.utils import timezone
from psycopg import sql

from applications import key_cache
from applications.models import Application, Key
from loghandler import partitions

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


def delete(application: Application) -> int:
    """Delete an application and its rows; returns how many rows of the growing tables.

    Goes in short transactions, so that millions of events hold nobody up; call it outside of one.
    Where it is interrupted the application is left closed: call it again. What other processes
    still accept within `settings.KEY_CACHE_SECONDS` nobody can see, and it goes with its day.
    """
    application_id = application.pk
    close(application)
    deleted = _delete_rows(application_id)
    application.delete()
    return deleted + _delete_rows(application_id)


def _delete_rows(application_id: int) -> int:
    tables = sorted(name for names in partitions.existing().values() for name in names)
    return sum(_delete_rows_of(table, application_id) for table in tables)


def _delete_rows_of(table: str, application_id: int) -> int:
    statement = sql.SQL(_DELETE_BATCH).format(table=sql.Identifier(table))
    parameters = {"application_id": application_id, "rows": BATCH_ROWS}
    deleted = 0
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT to_regclass(%s)", [table])
            if cursor.fetchone() == (None,):  # its day has been pruned meanwhile
                return deleted
            cursor.execute(statement, parameters)
            if not cursor.rowcount:
                return deleted
            deleted += cursor.rowcount
