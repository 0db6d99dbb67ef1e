"""Demo data: a week of three services to look around in, loaded and removed as a whole."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from itertools import count, islice

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from applications import creation, deletion
from applications.models import Application
from ingest import demo_monitors, demo_story, demo_traffic, pipeline
from ingest.demo_services.lines import Service
from ingest.demo_services.plot import SERVICES
from ingest.demo_story import Told
from ingest.records import Batch
from loghandler import partitions
from traffic.records import RequestRecord

# The writer is the one of all senders: a batch of this size keeps nobody waiting.
_BATCH_EVENTS = 2_000
_LOCK = "SELECT pg_advisory_lock(hashtext('loghandler.demo'))"
_UNLOCK = "SELECT pg_advisory_unlock(hashtext('loghandler.demo'))"


def loaded() -> bool:
    return Application.objects.of_the_demo().exists()


def load(*, admin: User | None = None, now: datetime | None = None) -> list[Application]:
    """Make the demo's applications with a week of events and requests; those that are there stay.

    `admin` becomes a member of new ones. Raises group_commit.Busy, and leaves nothing, where the
    events can't be stored at the moment.
    """
    with _alone():
        applications = list(Application.objects.of_the_demo())
        return applications or _loaded(admin, now or datetime.now(UTC))


def remove() -> int:
    """Delete the demo's applications; returns how many rows of the growing tables went with them.

    As `deletion.delete`, call it outside of a transaction.
    """
    with _alone():
        return sum(map(deletion.delete, list(Application.objects.of_the_demo())))


@contextmanager
def _alone() -> Iterator[None]:
    """One at a time: two who press the button at once get one demo."""
    with connection.cursor() as cursor:
        cursor.execute(_LOCK)
        try:
            yield
        finally:
            cursor.execute(_UNLOCK)


def _loaded(admin: User | None, now: datetime) -> list[Application]:
    days = min(demo_story.DAYS, settings.RETENTION_DAYS)
    today = now.astimezone(UTC).date()
    partitions.ensure(*(today - timedelta(days=n) for n in range(days + 1)))
    applications: dict[str, Application] = {}
    try:
        for service in SERVICES:
            applications[service.name] = _create(service, admin)
        _tell(applications, demo_story.story(now, days=days))
        for name, application in applications.items():
            _serve(application, demo_traffic.requests(name, now, days=days))
            demo_monitors.watch(application, name, now, days=days)
    except BaseException:
        for application in applications.values():
            deletion.delete(application)
        raise
    return list(Application.objects.of_the_demo())


def _create(service: Service, admin: User | None) -> Application:
    """The service's application; where a team has the name already a number is added to it."""
    for n in count(1):
        name = service.name if n == 1 else f"{service.name}-{n}"
        with suppress(creation.NameTaken):
            return creation.create(
                name, description=service.description, admin=admin, demo=True
            ).application
    raise AssertionError("count() never ends")


def _tell(applications: dict[str, Application], story: Iterator[Told]) -> None:
    waiting: dict[str, list[Told]] = defaultdict(list)
    for told in story:
        waiting[told.service].append(told)
        if len(waiting[told.service]) >= _BATCH_EVENTS:
            _accept(applications[told.service], waiting.pop(told.service))
    for service, events in waiting.items():
        _accept(applications[service], events)


def _serve(application: Application, requests: Iterator[RequestRecord]) -> None:
    while batch := list(islice(requests, _BATCH_EVENTS)):
        pipeline.accept(application.pk, Batch(requests=batch, request_positions=range(len(batch))))


def _accept(application: Application, events: list[Told]) -> None:
    batch = Batch([event.record for event in events], range(len(events)))
    pipeline.accept(application.pk, batch, received_at=[event.received_at for event in events])
