"""Real worker processes on the test's database."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from loghandler.tests.running import ROOT, eventually


@pytest.fixture
def no_jobs(transactional_db: None) -> Iterator[None]:
    """None of before, for Django's tests don't empty tables that it does not manage."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_periodic_defers CASCADE")
        cursor.execute("TRUNCATE procrastinate_workers CASCADE")
    yield
    # Who was killed leaves its connections for a moment: the database can't be emptied before.
    mine = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    assert eventually(lambda: counted(mine) == 1)


def counted(statement: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        (number,) = cursor.fetchone()
    return int(number)


@contextmanager
def worker() -> Iterator[subprocess.Popen[bytes]]:
    """A worker that is killed in the end, if it has not ended."""
    database: Any = settings.DATABASES["default"]
    address = f"postgresql://{database['USER']}@/{connection.settings_dict['NAME']}"
    process = subprocess.Popen(
        [sys.executable, ROOT / "manage.py", "worker"],
        env={
            **os.environ,
            "DATABASE_URL": f"{address}?host={database['HOST']}&port={database['PORT']}",
            "LOGHANDLER_SECRET_KEY": "only-for-a-test",
            "LOGHANDLER_OUTBOUND_ALLOW": "127.0.0.0/8",
        },
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
