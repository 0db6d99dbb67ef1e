"""Pages of the list equal a filter over all rows, and are full wherever that is quickly told."""

from datetime import UTC, datetime, timedelta
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
from ingest import pipeline
from ingest.factories import create_batch, create_record
from stats import finding, listing
from stats.finding import Criteria, Page
from stats.listing import listed
from stats.tests.searches import (
    END,
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


pages = partial(all_pages, listed)


class TestPages(TestCase):
    @settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
    @given(
        st.integers(0, 2**32).map(Random),
        st.sampled_from([1, 3, 50]),
        st.sampled_from([1, 7, 2_000]),
        st.sampled_from([0, 60]),
    )
    def test_all_pages_together_are_the_filter_over_all_rows(
        self, random: Random, limit: int, recent_rows: int, patience: float
    ) -> None:
        application, other = create_application(), create_application()
        fill(application.pk, random)
        fill(other.pk, random)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(listing, "RECENT", timedelta(hours=random.choice([1, 30, 72])))
            patched.setattr(listing, "RECENT_ROWS", recent_rows)
            patched.setattr(listing, "PATIENCE", patience)
            patched.setattr(finding, "MOST_ROWS", random.choice([1, 7, 50_000]))
            for _ in range(4):
                asked = criteria(random)
                expected = matching(application.pk, asked)
                found = pages(application.pk, asked, limit)
                assert ids(found) == expected
                check_ends(found, limit, patience)
                offset = random.randrange(1, 30)
                skipped = listed(application.pk, asked, before=None, limit=limit, offset=offset)
                assert ids([skipped]) == expected[offset : offset + limit]
                assert bool(skipped.next) == (len(expected) > offset + limit)


def check_ends(found: list[Page], limit: int, patience: float) -> None:
    """Each page is full or tells how far was looked; with patience all but the last are full."""
    for page in found[:-1]:
        if page.searched_until:
            assert not patience
            assert len(page.events) <= limit
            assert all(event.received_at >= page.searched_until for event in page.events)
        else:
            assert len(page.events) == limit
    assert found[-1].searched_until is None


@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"levels": [40]},
        {"text": "OO"},
        {"tags": [("service", "web")]},
        {"environment": "production"},
        {"message": "Boom", "release": "2"},
    ],
)
def test_a_page_that_the_newest_events_fill_takes_one_statement(
    filters: dict[str, Any], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    application = create_application()
    record = create_record(
        "Boom", level=40, tags=b'{"service": "web"}', environment="production", release="2"
    )
    for hours in range(3):
        batch = create_batch(*[record] * 5)
        pipeline.accept(application.pk, batch, received_at=START + timedelta(hours=hours))
    asked = Criteria(since=START - timedelta(days=80), until=END, **filters)
    before = None
    for _ in range(2):
        with django_assert_num_queries(1):
            page = listed(application.pk, asked, before=before, limit=5)
        assert len(page.events) == 5
        assert not page.events[0].get_deferred_fields()
        before = page.next


def test_of_the_newest_events_a_bounded_number_is_looked_at(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    monkeypatch.setattr(listing, "RECENT_ROWS", 10)
    application = create_application()
    for minutes in range(3):
        accept(application.pk, START + timedelta(minutes=minutes), "rare", level=50)
    frequent = create_batch(*[create_record("frequent", level=20)] * 8)
    pipeline.accept(application.pk, frequent, received_at=START + timedelta(hours=1))
    for levels, queries in (([20], 1), ([50], 3)):  # hours and events beside
        asked = Criteria(since=START, until=END, levels=levels)
        with django_assert_num_queries(queries):
            page = listed(application.pk, asked, before=None, limit=2)
        assert len(page.events) == 2
        assert page.next == page.events[-1].id


def test_what_is_rare_is_looked_for_in_more_and_more_events_while_there_is_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(finding, "MOST_ROWS", 1)
    application = create_application()
    accept(application.pk, START, "needle")
    for hours in range(1, 40):
        accept(application.pk, START + timedelta(hours=hours))
    asked = Criteria(since=START, until=END, text="Needle")
    patient = listed(application.pk, asked, before=None, limit=5)
    assert [event.message for event in patient.events] == ["needle"]
    assert (patient.next, patient.searched_until) == (None, None)

    monkeypatch.setattr(listing, "RECENT_ROWS", 1)
    monkeypatch.setattr(listing, "PATIENCE", 0)
    hasty = listed(application.pk, asked, before=None, limit=5)
    assert hasty.events == []
    assert hasty.searched_until == START + timedelta(hours=39)
    assert len(pages(application.pk, asked, 5)) == 40


def test_the_newest_are_found_whatever_the_range_ends_with() -> None:
    """An end far ahead, or a cursor of no time, does not move what counts as recent there."""
    application = create_application()
    accept(application.pk, datetime.now(UTC))
    accept(application.pk, START)
    asked = Criteria(since=START, until=datetime(3000, 1, 1, tzinfo=UTC))
    for before in (None, UUID(int=2**128 - 1)):
        assert len(listed(application.pk, asked, before=before, limit=5).events) == 2


def test_no_level_is_no_event() -> None:
    application = create_application()
    accept(application.pk, START)
    asked = Criteria(since=START, until=END, levels=[])
    assert listed(application.pk, asked, before=None, limit=5) == Page([], None, None)
