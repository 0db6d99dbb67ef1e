"""Pages of a search equal a filter over all rows, and look at little."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
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
from stats import finding, places
from stats.finding import Criteria, Page, find, neighbours
from stats.tests.searches import (
    END,
    MESSAGES,
    START,
    accept,
    all_pages,
    criteria,
    fill,
    ids,
    make_partitions,
    matching,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def _partitions(django_db_setup: None, django_db_blocker: Any) -> None:
    with django_db_blocker.unblock():
        make_partitions()


pages = partial(all_pages, find)


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
            patched.setattr(finding, "FEW_AN_HOUR", random.choice([0, 2, 15]))
            patched.setattr(places, "FEW", timedelta(days=random.randrange(3)))
            for _ in range(4):
                asked = criteria(random)
                found = pages(application.pk, asked, limit)
                assert ids(found) == matching(application.pk, asked)
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


def test_a_frequent_level_is_not_looked_for_by_the_minute(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Most minutes have one: to ask for them costs a query, and they would all be read."""
    monkeypatch.setattr(finding, "FINE_ROWS", 3)
    application = create_application()
    for hours in range(3):
        for minutes in range(0, 60, 3):
            accept(application.pk, START + timedelta(hours=hours, minutes=minutes), level=20)
        for minutes in (0, 30):
            accept(application.pk, START + timedelta(hours=hours, minutes=minutes), level=50)
    for level, queries in ((20, 2), (50, 3)):  # hours and events; minutes of the rare one
        asked = Criteria(since=START, until=END, levels=[level], text="nothing of it")
        with django_assert_num_queries(queries):
            page = find(application.pk, asked, before=None, limit=5)
        assert page == Page([], None, None)


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
