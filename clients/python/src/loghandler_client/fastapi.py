"""FastAPI: app.add_middleware(Analytics, api_key="…", config=Config(server_url="https://…"))."""

from __future__ import annotations

from loghandler_client import starlette
from loghandler_client.requests import Config

__all__ = ["Analytics", "Config"]


class Analytics(starlette.Analytics):
    """Tells every request; mappers are given Starlette's, which is FastAPI's."""

    framework = "FastAPI"
