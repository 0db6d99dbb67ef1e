"""Sends what a Python service logs and answers to Log Handler.

from loghandler_client import LogHandler
logging.getLogger().addHandler(LogHandler("https://logs.example.com", "YOUR_INGEST_KEY"))
"""

from loghandler_client.client import Client, shared
from loghandler_client.hooks import watch_logging, watch_loop, watch_program
from loghandler_client.logs import LogHandler
from loghandler_client.version import VERSION as __version__  # noqa: N811  as packages call it

__all__ = [
    "Client",
    "LogHandler",
    "__version__",
    "shared",
    "watch_logging",
    "watch_loop",
    "watch_program",
]
