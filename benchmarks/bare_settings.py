"""Settings of the bare service: address, workers and apps of ours, and nothing else."""

from loghandler.settings import (
    HOST,
    INSTALLED_APPS,
    PORT,
    SECRET_KEY,
    WEB_WORKERS,
)

__all__ = [
    "HOST",
    "INSTALLED_APPS",
    "PORT",
    "SECRET_KEY",
    "WEB_WORKERS",
]

ROOT_URLCONF = "benchmarks.bare"
ALLOWED_HOSTS = ["*"]
MIDDLEWARE: list[str] = []
