"""What Python's logging tells, as events."""

from __future__ import annotations

import asyncio
import logging
import logging.config
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from clients.python.tests.relay import Relay
from ingest.tests.serving import App, Http

from loghandler_client import Client, LogHandler, logs


@pytest.fixture
def logger(client: Client) -> Iterator[logging.Logger]:
    logger = logging.getLogger("shop.checkout")
    handler = LogHandler(client=client, tags={"service": "shop"})
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield logger
    logger.removeHandler(handler)


@pytest.fixture
def events(client: Client, http: Http, app: App) -> Any:
    def read(query: str = "") -> list[Any]:
        assert client.flush()
        return app.listed(http, query)

    return read


def test_a_record_with_its_level_arguments_place_and_extras(
    logger: logging.Logger, events: Any
) -> None:
    logger.warning("Card %s of %d declined", "4x", 7, extra={"shop": 3, "cart": {"items": [1]}})
    [event] = events()
    assert (event["message"], event["level"]) == ("Card 4x of 7 declined", "WARNING")
    assert (event["logger"], event["tags"]) == ("shop.checkout", {"service": "shop", "shop": 3})
    data = event["data"]
    assert (data["template"], data["arguments"]) == ("Card %s of %d declined", ["4x", 7])
    assert data["cart"] == {"items": [1]}
    assert "test_logs.py" in data["place"]
    assert data["thread"] == threading.current_thread().name


def test_an_exception_with_frames_context_lines_and_its_cause(
    logger: logging.Logger, events: Any
) -> None:
    def pay(card: str) -> None:
        try:
            int(card)
        except ValueError as error:
            raise RuntimeError("no money") from error

    try:
        pay("visa")
    except RuntimeError:
        logger.exception("Payment failed")
    [event] = events()
    stack = event["stack"]
    assert (stack["type"], stack["value"]) == ("RuntimeError", "no money")
    assert stack["cause"]["type"] == "ValueError"
    outer, inner = stack["frames"]
    assert inner["function"].endswith("pay")
    assert "raise RuntimeError" in inner["context_line"]
    assert any("int(card)" in line for line in inner["pre_context"])
    assert "vars" not in inner
    assert outer["filename"] == __file__


def test_locals_are_told_if_asked_and_secrets_never(make_client: Any, http: Http, app: App) -> None:
    client = make_client(local_values=True)
    logger = logging.getLogger("direct")
    logger.addHandler(LogHandler(client=client))

    def sign_in(name: str, password: str, credential: str) -> None:
        header = f"Bearer {credential}"
        raise PermissionError(f"{name} {header}")

    # Put together, so that they stand in no line of code, which is told as it is.
    secrets = ["hunter" + "2", "abcdefgh" + "ijklmnop", "abcd" + "1234"]
    try:
        sign_in("ann", secrets[0], secrets[1])
    except PermissionError:
        logger.exception(
            "Login of https://ann:%s@example.com failed, token=%s", secrets[0], secrets[2]
        )
    assert client.flush()
    [event] = app.listed(http)
    text = str(event)
    for secret in secrets:
        assert secret not in text
    assert event["stack"]["frames"][-1]["vars"]["name"] == "'ann'"
    assert event["stack"]["frames"][-1]["vars"]["password"] == "[hidden]"


def test_the_clients_own_key_is_never_told(client: Client, http: Http, app: App) -> None:
    client.event(f"key {app.key}", data={"x": app.key})
    assert client.flush()
    assert app.key not in str(app.listed(http))


def test_groups_of_exceptions_and_chains_without_end(logger: logging.Logger, events: Any) -> None:
    first, second = ValueError("one"), KeyError("two")
    first.__context__, second.__context__ = second, first
    group = ExceptionGroup("several", [first, second])  # noqa: F821  from Python 3.11 on
    logger.error("Group", exc_info=group)
    [event] = events()
    assert [part["type"] for part in event["stack"]["exceptions"]] == ["ValueError"]
    assert event["stack"]["exceptions"][0]["__context__"]["type"] == "KeyError"


def test_the_same_exception_is_told_once(logger: logging.Logger, events: Any) -> None:
    error = ValueError("once")
    logger.error("First", exc_info=error)
    logger.error("Second", exc_info=error)
    assert [event["message"] for event in events()] == ["First"]


def test_it_works_by_dict_config_and_shares_one_client(relay: Relay, app: App, http: Http) -> None:
    handler = {"class": "loghandler_client.LogHandler", "url": relay.url, "key": app.key}
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "handlers": {"one": {**handler, "level": "ERROR"}, "two": handler},
            "loggers": {
                "configured.one": {"handlers": ["one"], "propagate": False},
                "configured.two": {"handlers": ["two"], "propagate": False},
            },
        }
    )
    one, two = (logging.getLogger(f"configured.{name}") for name in ("one", "two"))
    one.warning("Too low")
    one.error("One")
    two.warning("Two")
    handlers = [logger.handlers[0] for logger in (one, two)]
    assert isinstance(handlers[0], LogHandler)
    assert isinstance(handlers[1], LogHandler)
    client = handlers[0].client
    assert client is handlers[1].client
    assert client.flush()
    assert {event["message"] for event in app.listed(http)} == {"One", "Two"}
    client.close()
    for logger in (one, two):
        logger.handlers.clear()


def test_what_it_logs_itself_and_what_cannot_be_written_ends_there(
    logger: logging.Logger, client: Client, events: Any
) -> None:
    class Wrong:
        def __str__(self) -> str:
            raise RuntimeError

    handler = LogHandler(client=client)
    for said, argument in (("%s", Wrong()), ("%d", "no number")):
        wrong = {"name": "shop", "levelno": 40, "msg": said, "args": (argument,)}
        handler.handle(logging.makeLogRecord(wrong))
    logging.getLogger("shop.checkout.loghandler").error("A child, told as any")
    assert [event["message"] for event in events()] == ["A child, told as any"]
    assert client.stats.failed == 2
    own = logging.getLogger(f"{logs.OWN}.sending")
    own.addHandler(LogHandler(client=client))
    own.error("Round and round")
    assert len(events()) == 1
    own.handlers.clear()


def test_tasks_are_told(logger: logging.Logger, events: Any) -> None:
    async def work() -> None:
        logger.info("In a task")

    async def main() -> None:
        await asyncio.create_task(work(), name="worker-7")

    asyncio.run(main())
    [event] = events()
    assert event["data"]["task"] == "worker-7"


@pytest.mark.parametrize("level", [5, 10, 15, 20, 35, 40, 50, 60])
def test_any_level_is_taken(logger: logging.Logger, events: Any, level: int) -> None:
    logger.setLevel(1)
    logger.log(level, "Level %s", level)
    assert len(events()) == 1


def test_what_changes_after_it_was_logged_is_told_as_it_was(
    client: Client, logger: logging.Logger, events: Any
) -> None:
    class Basket(list[str]):
        def __str__(self) -> str:
            return "+".join(self)

    class Rewriting(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            record.msg, record.args, record.levelname = "rewritten", (), "none"
            record.__dict__["shop"] = "none"

    rewriting = Rewriting()
    logger.addHandler(rewriting)
    basket, extra = Basket(["tea"]), {"cart": {"items": ["tea"]}}
    logger.info("Basket %s", basket, extra={"shop": 3, **extra})
    logger.info("Basket %s of %r", "tea", 7, extra={"shop": 3})
    basket.append("milk")
    extra["cart"]["items"].append("milk")
    logger.removeHandler(rewriting)
    later, sooner = events()
    assert (sooner["message"], later["message"]) == ("Basket tea", "Basket tea of 7")
    assert sooner["data"]["cart"] == {"items": ["tea"]}
    assert later["data"]["arguments"] == ["tea", 7]
    assert sooner["tags"] == later["tags"] == {"service": "shop", "shop": 3}
