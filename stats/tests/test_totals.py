from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_batch, create_record
from stats.totals import Summary, summaries

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 10, 30, 15, tzinfo=UTC)


def accept(application_id: int, moment: datetime) -> None:
    pipeline.accept(application_id, create_batch(create_record()), received_at=moment)


def test_the_last_24_hours_are_counted_to_the_millisecond() -> None:
    application = create_application()
    edge = NOW - timedelta(hours=24)
    for moment in (edge - timedelta(milliseconds=1), edge, edge + timedelta(minutes=20), NOW):
        accept(application.pk, moment)
    assert summaries([application.pk], now=NOW) == {application.pk: Summary(3, NOW)}


def test_quiet_applications_tell_their_last_event_and_new_ones_none() -> None:
    quiet, new = create_application(), create_application()
    accept(quiet.pk, NOW - timedelta(days=9))
    assert summaries([quiet.pk, new.pk], now=NOW) == {
        quiet.pk: Summary(0, NOW - timedelta(days=9)),
        new.pk: Summary(0, None),
    }


def test_an_event_just_before_the_window_is_the_last_one() -> None:
    application = create_application()
    moment = NOW - timedelta(hours=24, seconds=1)
    accept(application.pk, moment)
    assert summaries([application.pk], now=NOW) == {application.pk: Summary(0, moment)}


def test_any_number_of_applications_costs_two_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    applications = [create_application().pk for _ in range(5)]
    for application in applications:
        accept(application, NOW)
    applications.append(create_application().pk)
    with django_assert_max_num_queries(2):
        summaries(applications, now=NOW)
