"""Day partitions of the tables that grow with traffic: made ahead, healed at the write, dropped.

A model takes part by class attributes: `partitioned_by`, the column that tells the day (UTC);
`partitioned_by_month`, where days are too small to be worth a table each;
`partitions_kept_days` where it does not live as long as the events; `partition_options`,
PostgreSQL's storage parameters, which a partitioned table itself can't have.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from psycopg import sql

# Two processes that heal the same day would otherwise fail on each other's CREATE TABLE.
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('loghandler.partitions'))"
_EXISTING = """
    SELECT parent.relname, child.relname
    FROM pg_inherits
    JOIN pg_class parent ON parent.oid = inhparent
    JOIN pg_class child ON child.oid = inhrelid
    WHERE parent.relname = ANY(%s) AND parent.relnamespace = current_schema()::regnamespace
"""


def partitioned_models() -> list[type[models.Model]]:
    """The models in the order in which every writer locks their tables."""
    return [model for model in apps.get_models() if hasattr(model, "partitioned_by")]


def today() -> date:
    return datetime.now(UTC).date()


def name(table: str, day: date) -> str:
    return f"{table}_{day:%Y%m%d}"


def day_of(partition: str) -> date:
    """The first day of a partition."""
    return datetime.strptime(partition[-8:], "%Y%m%d").replace(tzinfo=UTC).date()


def _first_day(model: type[models.Model], day: date) -> date:
    """The first day of the partition that holds a day."""
    return day.replace(day=1) if getattr(model, "partitioned_by_month", False) else day


def _end(model: type[models.Model], first: date) -> date:
    """The day after the last one of the partition that begins on a day."""
    if getattr(model, "partitioned_by_month", False):
        return (first + timedelta(days=32)).replace(day=1)
    return first + timedelta(days=1)


def existing() -> dict[str, set[str]]:
    """Table name → names of its partitions."""
    tables = [model._meta.db_table for model in partitioned_models()]
    found: dict[str, set[str]] = {table: set() for table in tables}
    with connection.cursor() as cursor:
        cursor.execute(_EXISTING, [tables])
        for table, partition in cursor.fetchall():
            found[table].add(partition)
    return found


def days(table: str) -> list[date]:
    """The first days of a table's partitions, oldest first."""
    return sorted(map(day_of, existing()[table]))


def ahead() -> list[date]:
    """The days that must have partitions by now: today and the coming ones."""
    return [today() + timedelta(days=n) for n in range(settings.PARTITIONS_AHEAD_DAYS + 1)]


def missing(*days: date) -> list[str]:
    """Names of the partitions that these days lack."""
    return list(_missing(days))


def _missing(days: Iterable[date]) -> dict[str, tuple[type[models.Model], date]]:
    """Name → model and day of each partition that these days lack."""
    found = existing()
    wanted = {
        name(model._meta.db_table, _first_day(model, day)): (model, _first_day(model, day))
        for model in partitioned_models()
        for day in days
    }
    return {
        partition: (model, day)
        for partition, (model, day) in wanted.items()
        if partition not in found[model._meta.db_table]
    }


def ensure(*days: date) -> list[str]:
    """Make what these days lack (default: today and the coming week); returns what was made."""
    days = days or tuple(ahead())
    if not missing(*days):
        return []
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK)
        # Creating a partition locks its parent for a moment: never wait long in front of writers.
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        made = _missing(days)
        for model, day in made.values():
            cursor.execute(_create(model, day))
    return list(made)


def _create(model: type[models.Model], day: date) -> sql.Composed:
    table, options = model._meta.db_table, getattr(model, "partition_options", "")
    return sql.SQL("CREATE TABLE {} PARTITION OF {} FOR VALUES FROM ({}) TO ({}) {}").format(
        sql.Identifier(name(table, day)),
        sql.Identifier(table),
        sql.Literal(f"{day} 00:00:00+00"),
        sql.Literal(f"{_end(model, day)} 00:00:00+00"),
        sql.SQL(f"WITH ({options})" if options else ""),
    )


def expired(now: datetime) -> dict[date, list[str]]:
    """Last day → partitions past their keeping, oldest first, in the writers' order of tables."""
    found = existing()
    by_day: dict[date, list[str]] = {}
    for model in partitioned_models():
        kept = getattr(model, "partitions_kept_days", settings.RETENTION_DAYS)
        oldest = now.astimezone(UTC).date() - timedelta(days=kept)
        table = model._meta.db_table
        for partition in sorted(found[table]):
            last = _end(model, day_of(partition)) - timedelta(days=1)
            if last < oldest:
                by_day.setdefault(last, []).append(partition)
    return dict(sorted(by_day.items()))


def drop(partitions: Iterable[str]) -> None:
    """Drop partitions in one transaction, so that statistics never outlive or precede their rows.

    Raises OperationalError when readers hold a table for longer than five seconds; call again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '5s'")
        for partition in partitions:
            statement: Any = sql.SQL("DROP TABLE IF EXISTS {}").format(sql.Identifier(partition))
            cursor.execute(statement)
