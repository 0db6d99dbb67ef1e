from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_batch, create_record
from stats import closing
from stats.totals import Summary, overviews, summaries

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 10, 30, 15, tzinfo=UTC)


def accept(application_id: int, moment: datetime, level: int = 40) -> None:
    pipeline.accept(application_id, create_batch(create_record(level=level)), received_at=moment)


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


def test_any_number_of_applications_costs_three_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    applications = [create_application().pk for _ in range(5)]
    for application in applications:
        accept(application, NOW)
    applications.append(create_application().pk)
    with django_assert_max_num_queries(3):
        summaries(applications, now=NOW)


def test_an_overview_tells_24_clock_hours_and_the_day_before() -> None:
    application, other = create_application(), create_application()
    hour = NOW.replace(minute=0, second=0)
    first = hour - timedelta(hours=23)
    for moment, level in (
        (NOW, 20),
        (hour, 40),
        (first, 20),
        (first - timedelta(milliseconds=1), 50),  # the last of the day before that is not compared
        (hour - timedelta(hours=24), 20),
        (NOW.replace(second=0) - timedelta(hours=24, milliseconds=1), 20),
        (NOW.replace(second=0) - timedelta(hours=24), 20),  # a minute that has not passed today
        (first - timedelta(hours=24), 50),
        (first - timedelta(hours=24, milliseconds=1), 50),
    ):
        accept(application.pk, moment, level)
    accept(other.pk, NOW, 10)
    found = overviews([application.pk, other.pk], now=NOW)
    overview = found[application.pk]
    assert overview.hours == {20: [1, *[0] * 22, 1], 40: [*[0] * 23, 1]}
    assert overview.count_24h == 3
    assert overview.before_24h == 3
    assert overview.last_event_at == NOW
    assert overview.last_error_at == hour
    assert found[other.pk].hours == {10: [*[0] * 23, 1]}


def test_an_overview_looks_back_for_the_last_event_and_the_last_error() -> None:
    quiet, sound, new = (create_application().pk for _ in range(3))
    accept(quiet, NOW - timedelta(days=9), 50)
    accept(quiet, NOW - timedelta(days=8), 20)
    accept(sound, NOW, 20)
    accept(sound, NOW - timedelta(days=5), 40)
    closing.close((NOW - timedelta(days=8)).date())
    found = overviews([quiet, sound, new], now=NOW)
    assert (found[quiet].last_event_at, found[quiet].last_error_at) == (
        NOW - timedelta(days=8),
        NOW - timedelta(days=9),
    )
    assert found[sound].last_error_at == NOW - timedelta(days=5)
    assert (found[new].last_event_at, found[new].last_error_at) == (None, None)
    assert found[new].hours == {}


def test_overviews_of_any_number_of_applications_cost_six_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    applications = [create_application().pk for _ in range(6)]
    for application in applications[:4]:
        accept(application, NOW, 20)
    with django_assert_max_num_queries(6):
        overviews(applications, now=NOW)
