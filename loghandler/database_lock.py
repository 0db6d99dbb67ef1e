"""A name that one process among all that share the database may claim at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# Of the session: it ends with the connection of whoever is killed.
CLAIM = "SELECT pg_try_advisory_lock(hashtext(%s))"
GIVE_UP = "SELECT pg_advisory_unlock(hashtext(%s))"


@contextmanager
def claimed(name: str) -> Iterator[bool]:
    """Whether the name is ours for the block, or else somebody else's; never waits."""
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, [name])
        (ours,) = cursor.fetchone()
        try:
            yield ours
        finally:
            if ours:
                cursor.execute(GIVE_UP, [name])
