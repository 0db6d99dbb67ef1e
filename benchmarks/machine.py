"""What the figures were measured on: commit, machine, versions and PostgreSQL's settings."""

import os
import platform
import subprocess
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import psycopg

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("django", "djangorestframework", "psycopg", "gunicorn", "gevent", "msgspec")
POSTGRES_SETTINGS = (
    "server_version", "fsync", "synchronous_commit", "full_page_writes", "wal_sync_method",
    "wal_compression", "shared_buffers", "work_mem", "max_wal_size", "checkpoint_timeout",
    "default_toast_compression", "io_method", "jit",
)  # fmt: skip


def facts(database_url: str) -> dict[str, Any]:
    return {
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "commit": _git("rev-parse", "HEAD"),
        "uncommitted_changes": bool(_git("status", "--porcelain", "--untracked-files=no")),
        "machine": {
            "processor": _line_of("/proc/cpuinfo", "model name"),
            "cores": os.cpu_count(),
            "memory": _line_of("/proc/meminfo", "MemTotal"),
            "kernel": platform.release(),
            "file_system": _file_system(tempfile.gettempdir()),
        },
        "versions": {"python": platform.python_version(), "wrk": _wrk_version()}
        | {package: version(package) for package in PACKAGES},
        "postgresql": _postgres_settings(database_url),
    }


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.strip()


def _file_system(folder: str) -> str:
    """Device and type of what holds the folder, where PostgreSQL's data is."""
    words = ["df", "--output=source,fstype", folder]
    done = subprocess.run(words, capture_output=True, text=True)
    return " ".join(done.stdout.splitlines()[-1].split()) if done.stdout else ""


def _wrk_version() -> str:
    done = subprocess.run(["wrk", "-v"], capture_output=True, text=True)
    return " ".join(done.stdout.split()[1:2])


def _line_of(file: str, name: str) -> str:
    for line in Path(file).read_text().splitlines():
        if line.startswith(name):
            return line.partition(":")[2].strip()
    return ""


def _postgres_settings(url: str) -> dict[str, str]:
    with psycopg.connect(url) as connection:
        rows = connection.execute(
            "SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY (%s)",
            [list(POSTGRES_SETTINGS)],
        ).fetchall()
    return dict(rows)
