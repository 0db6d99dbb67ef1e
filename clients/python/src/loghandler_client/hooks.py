"""What nobody hands over: exceptions of the program, its threads and tasks; records of its log."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
from types import TracebackType
from typing import Any, Optional, Type

from loghandler_client.client import Client
from loghandler_client.logs import TOLD, told


def tell(client: Client, error: BaseException, message: str, logger: str) -> None:
    """Send an exception as a CRITICAL event, unless it was told already."""
    if isinstance(error, (KeyboardInterrupt, SystemExit)) or hasattr(error, TOLD):
        return
    event_id = client.event(message, "CRITICAL", error=error, logger=logger)
    if event_id:
        told(error, event_id)


def watch_program(client: Client) -> None:
    """Tell what ends the program or one of its threads; the hooks there were are called after."""
    program, of_threads = sys.excepthook, threading.excepthook

    def on_program(
        kind: Type[BaseException], error: BaseException, traceback: Optional[TracebackType]
    ) -> None:
        tell(client, error, f"{kind.__name__}: {error}", "sys.excepthook")
        program(kind, error, traceback)

    def on_thread(args: Any) -> None:
        if args.exc_value is not None:
            name = args.thread.name if args.thread else "a thread"
            message = f"{args.exc_type.__name__} in {name}: {args.exc_value}"
            tell(client, args.exc_value, message, "threading.excepthook")
        of_threads(args)

    sys.excepthook, threading.excepthook = on_program, on_thread


def watch_logging(handler: logging.Handler) -> None:
    """Hand over whatever is logged, in a program that sets up its handlers by itself.

    They are left alone, and what they are given does not matter, nor when that is.
    """
    call = logging.Logger.callHandlers

    def watched(logger: logging.Logger, record: logging.LogRecord) -> None:
        if record.levelno >= handler.level:
            handler.handle(record)
        call(logger, record)

    logging.Logger.callHandlers = watched  # type: ignore[assignment,method-assign]


def watch_loop(client: Client, loop: Optional[asyncio.AbstractEventLoop] = None) -> None:
    """Tell what a loop's tasks raise and nobody awaits; its handler is called after."""
    loop = loop or asyncio.get_running_loop()
    before = loop.get_exception_handler()

    def on_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        message = str(context.get("message") or "A task failed.")
        if error is not None:
            tell(client, error, message, "asyncio")
        else:
            client.event(message, "ERROR", logger="asyncio")
        if before is None:
            loop.default_exception_handler(context)
        else:
            before(loop, context)

    loop.set_exception_handler(on_loop)
