"""Settings of the bare service: the addresses and workers of ours, and nothing else."""

from loghandler.settings import HOST, PORT, SECRET_KEY, WEB_WORKERS

__all__ = ["HOST", "PORT", "SECRET_KEY", "WEB_WORKERS"]

ROOT_URLCONF = "benchmarks.bare"
ALLOWED_HOSTS = ["*"]
MIDDLEWARE: list[str] = []
