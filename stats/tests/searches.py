"""Events of three days to search among, what to ask for, and which of them meet it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from events.models import Event
from events.records import json_of
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import partitions
from stats import closing
from stats.finding import Criteria, Page

START = datetime(2026, 5, 1, tzinfo=UTC)
END = START + timedelta(days=3)
MESSAGES = ["Payment failed", "Timed out", "x" * 300]


def make_partitions() -> None:
    partitions.ensure(*(START.date() + timedelta(days=n) for n in range(-1, 4)))


def moment(random: Random) -> datetime:
    """Often in the same few hours, so that hours hold several."""
    hours = random.choice([1, 2, 23, 24, 30, 49]) if random.random() < 0.7 else random.randrange(72)
    return START + timedelta(hours=hours, milliseconds=random.randrange(3_600_000))


def accept(application_id: int, at: datetime, message: str = "Boom", **fields: Any) -> None:
    pipeline.accept(application_id, create_batch(create_record(message, **fields)), received_at=at)


def fill(application_id: int, random: Random) -> None:
    for _ in range(random.randrange(4, 30)):
        records = [
            create_record(
                random.choice(MESSAGES),
                level=random.choice([10, 20, 20, 20, 50]),
                tags=json_of({"service": random.choice(["web", "jobs"])}),
                environment=random.choice(["production", None]),
                stack=json_of(["frame"]),
            )
            for _ in range(random.randrange(1, 4))
        ]
        pipeline.accept(application_id, create_batch(*records), received_at=moment(random))
    for number in range(3):
        if random.random() < 0.5:
            closing.close(START.date() + timedelta(days=number))


def criteria(random: Random) -> Criteria:
    def maybe(value: Any, otherwise: Any = None) -> Any:
        return value if random.random() < 0.3 else otherwise

    since, until = sorted((moment(random), moment(random)))
    return Criteria(
        since=maybe(since, START),
        until=maybe(until, END),
        levels=maybe(random.choice([[50], [10, 50], [30]])),
        message=maybe(random.choice([*MESSAGES, "never said"])),
        text=maybe(random.choice(["TIME", "x", "nothing of it"])),
        tags=maybe([("service", "jobs")], ()),
        environment=maybe("production"),
    )


def matching(application_id: int, asked: Criteria) -> list[UUID]:
    return [
        event.id
        for event in Event.objects.of(application_id).newest_first()
        if asked.since <= event.received_at < asked.until
        and (asked.levels is None or event.level in asked.levels)
        and (asked.message is None or event.message == asked.message)
        and (asked.text is None or asked.text.lower() in event.message.lower())
        and all(event.tags.get(name) == value for name, value in asked.tags)
        and (asked.environment is None or event.environment == asked.environment)
    ]


def all_pages(
    look: Callable[..., Page], application_id: int, asked: Criteria, limit: int
) -> list[Page]:
    """What `find` or `listed` gives from the newest event to the end."""
    found = [look(application_id, asked, before=None, limit=limit)]
    while found[-1].next:
        assert len(found) < 500
        found.append(look(application_id, asked, before=found[-1].next, limit=limit))
    return found


def ids(found: Iterable[Page]) -> list[UUID]:
    return [event.id for page in found for event in page.events]
