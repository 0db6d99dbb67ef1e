"""A measured process has the packages of a deployment, and no others."""

import os
import subprocess
import sys

from benchmarks import deployed


def test_packages_of_tests_are_absent_and_those_of_the_service_are_not() -> None:
    absent = deployed.absent()
    assert {"pytest", "playwright", "aiosmtpd", "mypy"} <= absent
    assert not absent & {"django", "psycopg", "psycopg_pool", "gevent", "numpy", "asgiref", "yaml"}


def test_a_process_cannot_import_them() -> None:
    code = """
import django, psycopg_pool
try:
    import pytest
except ImportError:
    print("absent")
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **deployed.environment()},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "absent\n"
