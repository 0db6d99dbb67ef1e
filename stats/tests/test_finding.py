"""Pages of a search equal a filter over all rows, and look at little."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from events.models import Event
from events.records import json_of
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import partitions
from stats import closing, finding, places
from stats.finding import Criteria, Page, find, neighbours

pytestmark = pytest.mark.django_db

START = datetime(2026, 5, 1, tzinfo=UTC)
END = START + timedelta(days=3)
MESSAGES = ["Payment failed", "Timed out", "x" * 300]


@pytest.fixture(scope="module", autouse=True)
def _partitions(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
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


def pages(application_id: int, asked: Criteria, limit: int) -> list[Page]:
    found = [find(application_id, asked, before=None, limit=limit)]
    while found[-1].next:
        assert len(found) < 500
        found.append(find(application_id, asked, before=found[-1].next, limit=limit))
    return found


class TestPages(TestCase):
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.integers(0, 2**32).map(Random),
        st.sampled_from([1, 3, 50]),
        st.sampled_from([1, 7, 50_000]),
        st.sampled_from([1, 3, 100]),
    )
    def test_all_pages_together_are_the_filter_over_all_rows(
        self, random: Random, limit: int, most_rows: int, fine_rows: int
    ) -> None:
        application, other = create_application(), create_application()
        fill(application.pk, random)
        fill(other.pk, random)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(finding, "MOST_ROWS", most_rows)
            patched.setattr(finding, "FINE_ROWS", fine_rows)
            patched.setattr(places, "FEW", timedelta(days=random.randrange(3)))
            for _ in range(4):
                asked = criteria(random)
                found = pages(application.pk, asked, limit)
                ids = [event.id for page in found for event in page.events]
                assert ids == matching(application.pk, asked)
                check_ends(found, limit)

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.integers(0, 2**32).map(Random))
    def test_neighbours_are_the_same_message_before_and_after(self, random: Random) -> None:
        application, other = create_application(), create_application()
        fill(application.pk, random)
        fill(other.pk, random)
        for message in MESSAGES:
            said = list(Event.objects.of(application.pk).filter(message=message).oldest_first())
            ids = [None, *(event.id for event in said), None]
            for event, older, newer in zip(said, ids, ids[2:], strict=False):
                assert neighbours(event) == (older, newer)


def check_ends(found: Sequence[Page], limit: int) -> None:
    for page in found[:-1]:
        if page.searched_until:
            assert len(page.events) <= limit
            assert all(event.received_at >= page.searched_until for event in page.events)
        else:
            assert len(page.events) == limit
    assert found[-1].searched_until is None


def test_a_rare_level_is_found_without_reading_what_lies_between(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "MOST_ROWS", 2)
    application = create_application()
    for hours in range(20):
        accept(application.pk, START + timedelta(hours=hours), level=20)
        accept(application.pk, START + timedelta(hours=hours, minutes=7), level=20)
    accept(application.pk, START + timedelta(minutes=5), level=50)
    asked = Criteria(since=START, until=END, levels=[50])
    page = find(application.pk, asked, before=None, limit=50)
    assert [event.level for event in page.events] == [50]
    assert page.searched_until is None


def test_pages_are_full_where_the_rollups_tell_how_many_there_are() -> None:
    application = create_application()
    for minutes in range(0, 600, 20):
        accept(application.pk, START + timedelta(minutes=minutes), level=50)
        accept(application.pk, START + timedelta(minutes=minutes + 1), "another", level=20)
    since, until = START + timedelta(minutes=15), START + timedelta(minutes=555)
    for told in ({"levels": [50]}, {"message": "Boom"}, {"levels": [50], "message": "Boom"}):
        asked = Criteria(since=since, until=until, **told)
        found = pages(application.pk, asked, 4)
        assert [len(page.events) for page in found] == [4] * 6 + [3]


def test_a_text_is_looked_for_in_a_bounded_number_of_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "MOST_ROWS", 3)
    application = create_application()
    accept(application.pk, START, "needle")
    for hours in range(1, 6):
        accept(application.pk, START + timedelta(hours=hours))
        accept(application.pk, START + timedelta(hours=hours, minutes=1))
    asked = Criteria(since=START, until=END, text="Needle")
    first = find(application.pk, asked, before=None, limit=50)
    assert first.events == []
    assert first.searched_until == START + timedelta(hours=4)
    later = pages(application.pk, asked, 50)
    assert [len(page.events) for page in later] == [0, 0, 1]


def test_a_page_costs_few_queries_and_leaves_what_is_heavy(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    application = create_application()
    for hours in range(10):
        for level in (20, 50):
            accept(application.pk, START + timedelta(hours=hours), level=level)
    for levels in (None, [50]):
        for since, queries in ((START, 2), (START - timedelta(days=80), 4)):
            asked = Criteria(since=since, until=END, levels=levels)
            with django_assert_max_num_queries(queries):
                page = find(application.pk, asked, before=None, limit=5)
            assert len(page.events) == 5
            for event in page.events:
                assert event.get_deferred_fields() == {"stack", "data", "user"}


def test_neighbours_cost_the_same_queries_however_far_they_are(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    application = create_application()
    for hours in (0, 30, 60):
        accept(application.pk, START + timedelta(hours=hours), "rare")
    event = Event.objects.of(application.pk).newest_first()[1]
    with django_assert_max_num_queries(7):
        older, newer = neighbours(event)
    assert older
    assert newer


def test_an_identifier_of_no_time_begins_at_the_newest() -> None:
    application = create_application()
    accept(application.pk, START)
    asked = Criteria(since=START, until=END)
    page = find(application.pk, asked, before=UUID(int=2**128 - 1), limit=5)
    assert len(page.events) == 1
