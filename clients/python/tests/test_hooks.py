"""Exceptions that nobody handles are told: of the program, its threads and tasks."""

from __future__ import annotations

from collections import Counter

from clients.python.tests.relay import Relay
from clients.python.tests.test_processes import run
from clients.python.tests.test_sending import messages
from ingest.tests.serving import App, Http


def test_what_ends_the_program(relay: Relay, http: Http, app: App) -> None:
    printed = run(relay, app, "watch_program(client)\n1 / 0", status=1)
    assert "ZeroDivisionError" in printed  # as without us
    [event] = app.listed(http)
    assert (event["message"], event["level"]) == (
        "ZeroDivisionError: division by zero", "CRITICAL",
    )  # fmt: skip
    assert event["stack"]["type"] == "ZeroDivisionError"


def test_what_ends_a_thread(relay: Relay, http: Http, app: App) -> None:
    code = """
        import threading
        watch_program(client)
        thread = threading.Thread(target=lambda: [][0], name="worker")
        thread.start(); thread.join()
    """
    assert "IndexError" in run(relay, app, code)
    assert messages(http, app) == {"IndexError in worker: list index out of range": 1}


def test_what_a_task_raises_and_nobody_awaits(relay: Relay, http: Http, app: App) -> None:
    code = """
        import asyncio, gc
        async def failing(): raise LookupError("lost")
        async def main():
            watch_loop(client)
            task = asyncio.create_task(failing())
            await asyncio.sleep(0.01)
            del task; gc.collect()
        asyncio.run(main())
    """
    assert "LookupError" in run(relay, app, code)
    assert messages(http, app) == {"Task exception was never retrieved": 1}


def test_what_is_logged_whatever_the_program_does_with_its_handlers(
    relay: Relay, http: Http, app: App
) -> None:
    code = """
        import logging, logging.config
        watch_logging(LogHandler(client=client, level=logging.WARNING))
        logging.config.dictConfig({"version": 1, "root": {"level": "INFO", "handlers": []}})
        logger = logging.getLogger("shop")
        logger.addHandler(logging.StreamHandler())
        logger.propagate = False
        logger.warning("Low on %s", "tea")
        logger.info("Not worth a warning")
        logger.setLevel(logging.ERROR)
        logger.warning("Below its level")
    """
    printed = run(relay, app, code)
    assert printed.splitlines() == ["Low on tea", "Not worth a warning"]  # as without us
    assert messages(http, app) == {"Low on tea": 1}


def test_ends_on_purpose_are_no_errors(relay: Relay, http: Http, app: App) -> None:
    run(relay, app, "watch_program(client)\nraise SystemExit(0)")
    run(relay, app, "watch_program(client)\nraise KeyboardInterrupt", status=-2)
    assert messages(http, app) == Counter()
