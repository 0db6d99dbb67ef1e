"""Sends from a shell: python -m loghandler_client send "Backup done" --tag host=db1

The address and the key stand in LOGHANDLER_CLIENT_URL and LOGHANDLER_CLIENT_KEY, or in --url and
--key. `test` sends one event and one request, and says what the server answered.
"""

from __future__ import annotations

import argparse
import sys
from time import time
from typing import Any, Optional, Sequence

from loghandler_client import transport
from loghandler_client.client import LEVELS, Client, addresses, as_json, moment

# What a person can do about an answer.
_ADVICE = {
    0: "Is the address right, and does the server run?",
    401: "The key is missing, unknown, revoked, or no ingest key.",
    403: "The key belongs to another application, or its application is inactive.",
    404: "There is no Log Handler at this address, or no such application.",
    413: "It is too large.",
    429: "More is sent than the server takes; try again.",
    503: "The server is busy, or its database is away; try again.",
}


def main(arguments: Optional[Sequence[str]] = None) -> int:
    """The exit status: 0 where all was stored, 1 where it was not, 2 for wrong words."""
    parser = _parser()
    told = parser.parse_args(arguments)
    try:
        client = Client(told.url, told.key, environment=told.environment, release=told.release)
    except ValueError as error:
        parser.error(str(error))
    if not client.is_on:
        parser.error(
            "Give --url and --key, or set LOGHANDLER_CLIENT_URL and LOGHANDLER_CLIENT_KEY."
        )
    if told.command == "test":
        return _test(client)
    data = dict(_pair(parser, each) for each in told.data)
    tags = dict(_pair(parser, each) for each in told.tag)
    message = sys.stdin.read().strip() if told.message == "-" else told.message
    if not message:
        parser.error("The message is empty.")
    event = {"message": message, "level": LEVELS[told.level], "tags": tags, "data": data}
    return _posted(client, "events", _event(client, {**event, "logger": told.logger}))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loghandler_client", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    send = commands.add_parser("send", help="send an event")
    send.add_argument("message", help="what happened; - reads it from the standard input")
    send.add_argument("--level", default="INFO", type=str.upper, choices=list(LEVELS))
    send.add_argument("--tag", action="append", default=[], metavar="NAME=VALUE")
    send.add_argument("--data", action="append", default=[], metavar="NAME=VALUE")
    send.add_argument("--logger", default=None)
    test = commands.add_parser("test", help="send one event and one request")
    for each in (send, test):
        each.add_argument("--url", help="the server's address")
        each.add_argument("--key", help="an ingest key")
        each.add_argument("--environment")
        each.add_argument("--release")
    return parser


def _pair(parser: argparse.ArgumentParser, told: str) -> tuple[str, str]:
    name, equals, value = told.partition("=")
    if not (name and equals):
        parser.error(f"{told!r} is no NAME=VALUE.")
    return name, value


def _test(client: Client) -> int:
    event = {"message": "A test of loghandler_client", "level": 20, "logger": "loghandler_client"}
    request = {
        "method": "GET",
        "path": "/loghandler-client-test",
        "status": 200,
        "duration_ms": 1.0,
        "occurred_at": moment(time()),
        "framework": "loghandler_client",
    }
    statuses = [
        _posted(client, "events", _event(client, event)),
        _posted(client, "requests", request),
    ]
    return max(statuses)


def _event(client: Client, event: dict[str, Any]) -> dict[str, Any]:
    return client.told({"at": time(), **event})


def _posted(client: Client, kind: str, body: dict[str, Any]) -> int:
    """Send one thing and say what became of it."""
    events, requests = addresses(client.url)
    url = events if kind == "events" else requests
    answer = transport.post(
        url,
        client.key,
        as_json(body),
        gzip_over=100_000,
        timeout=10.0,
    )
    one = kind[:-1]
    if answer.stored:
        print(f"The {one} is stored: {url} answered {answer.status}.")  # noqa: T201
        return 0
    advice = _ADVICE.get(answer.status, "")
    said = f"{url} answered {answer.words}" if answer.status else f"{url}: {answer.words}"
    print(f"The {one} is not stored. {said}\n{advice}".rstrip(), file=sys.stderr)  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main())
