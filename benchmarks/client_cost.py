"""What it costs the thread that tells: its CPU time, of one sender in a process of its own.

    python -m benchmarks.client_cost record ours http://127.0.0.1:9000 40

Prints the microseconds of each burst, and how many were told. Between bursts all is sent.
"""

import asyncio
import json
import logging
import sys
from collections.abc import Callable
from time import thread_time
from typing import Any

from fastapi import FastAPI

BURST = 100
WARM_UP = 2  # bursts
PATIENCE = 60.0
KEY = "0123456789abcdef" * 2
SCOPE: dict[str, Any] = {
    "type": "http",
    "asgi": {"version": "3.0", "spec_version": "2.3"},
    "http_version": "1.1",
    "method": "GET",
    "scheme": "http",
    "path": "/users/42",
    "raw_path": b"/users/42",
    "query_string": b"page=2",
    "root_path": "",
    "headers": [
        (b"host", b"shop.example.com"),
        (b"user-agent", b"Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"),
        (b"accept", b"text/html,application/json"),
        (b"accept-encoding", b"gzip, deflate, br"),
        (b"referer", b"https://shop.example.com/users"),
        (b"connection", b"keep-alive"),
    ],
    "client": ("203.0.113.7", 47_110),
    "server": ("127.0.0.1", 8_000),
}
logger = logging.getLogger("shop.checkout")
Flush = Callable[[], object]


def main() -> None:
    what, whom, url, bursts = sys.argv[1:]
    taken = (of_requests if what == "request" else of_logs)(what, whom, url, int(bursts) + WARM_UP)
    microseconds = [seconds / BURST * 1e6 for seconds in taken]
    print(json.dumps({"microseconds": microseconds[WARM_UP:], "told": BURST * len(taken)}))


# --- Logging ------------------------------------------------------------------------------------


def of_logs(what: str, whom: str, url: str, bursts: int) -> list[float]:
    logger.propagate = False  # to the handlers of the other contestants' root
    flush = {"ours": log_ours, "sentry-sdk": log_sentry}[whom](url)
    burst = {"record": records, "exception": exceptions}[what]
    taken = []
    for _ in range(bursts):
        taken.append(burst())
        flush()
    return taken


def log_ours(url: str) -> Flush:
    from loghandler_client import LogHandler

    handler = LogHandler(url, KEY)
    logger.addHandler(handler)
    return lambda: handler.client.flush(PATIENCE)


def log_sentry(url: str) -> Flush:
    logger.addHandler(logging.NullHandler())
    return with_sentry(url)


def with_sentry(url: str, **options: Any) -> Flush:
    """As it is by default, but for a queue that holds a burst, of which it drops none.

    And with what is measured alone: not an integration of each package that is here, nor
    breadcrumbs. Of a program that logs nothing but errors each tells the last 100 again, for 3 ms.
    """
    import sentry_sdk

    dsn = url.replace("://", f"://{KEY}@") + "/1"
    sentry_sdk.init(
        dsn,
        transport_queue_size=2 * BURST,
        max_breadcrumbs=0,
        auto_enabling_integrations=False,
        **options,
    )
    return lambda: sentry_sdk.flush(PATIENCE)


def records() -> float:
    began = thread_time()
    for number in range(BURST):
        logger.error("Order %s of %s was not placed", number, "shop-7")
    return thread_time() - began


def exceptions() -> float:
    began = thread_time()
    for number in range(BURST):
        try:
            place(number)
        except ValueError:
            logger.exception("Order %s was not placed", number)
    return thread_time() - began


def place(number: int) -> None:
    pay(number, {"currency": "EUR"})


def pay(number: int, order: dict[str, str]) -> None:
    if order:
        raise ValueError(f"order {number} can't be paid in {order['currency']}")


# --- Requests -----------------------------------------------------------------------------------


def of_requests(_what: str, whom: str, url: str, bursts: int) -> list[float]:
    told_by = {
        "bare": lambda url: (service(), lambda: None),
        "ours": requests_ours,
        "sentry-sdk": requests_sentry,
        "fastapi-analytics": requests_analytics,
    }
    app, flush = told_by[whom](url)
    return asyncio.run(requests(app, flush, bursts))


def service() -> FastAPI:
    app = FastAPI()

    @app.get("/users/{user_id}")
    async def user(user_id: int) -> dict[str, int]:
        return {"id": user_id}

    return app


def requests_ours(url: str) -> tuple[FastAPI, Flush]:
    from loghandler_client import Client
    from loghandler_client.fastapi import Analytics

    app, client = service(), Client(url, KEY)
    app.add_middleware(Analytics, client=client)
    return app, lambda: client.flush(PATIENCE)


def requests_sentry(url: str) -> tuple[FastAPI, Flush]:
    """Each request is a transaction, as each of ours is a request."""
    from sentry_sdk.integrations.fastapi import FastApiIntegration
    from sentry_sdk.integrations.starlette import StarletteIntegration

    integrations = [StarletteIntegration(), FastApiIntegration()]
    flush = with_sentry(url, integrations=integrations, traces_sample_rate=1.0)
    return service(), flush


def requests_analytics(url: str) -> tuple[FastAPI, Flush]:
    """It keeps what it is told for a minute, and sends nothing meanwhile."""
    from api_analytics.fastapi import Analytics, Config

    app = service()
    app.add_middleware(Analytics, api_key=KEY, config=Config(server_url=url))
    return app, lambda: None


async def requests(app: FastAPI, flush: Flush, bursts: int) -> list[float]:
    """As a server calls the application."""

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start" and message["status"] != 200:
            raise RuntimeError(message)

    taken = []
    for _ in range(bursts):
        began = thread_time()
        for _ in range(BURST):
            await app(dict(SCOPE), receive, send)
        taken.append(thread_time() - began)
        flush()
    return taken


if __name__ == "__main__":
    main()
