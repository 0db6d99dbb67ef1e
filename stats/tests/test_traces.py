"""Events and requests that belong together are found near each other, and nowhere else."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.utils import timezone

from applications.factories import create_application
from applications.models import Application
from events.models import Event
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from stats import traces
from traffic.factories import create_request_record
from traffic.models import Request

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


@pytest.fixture
def application() -> Application:
    return create_application()


@pytest.fixture
def moment() -> datetime:
    return timezone.now() - timedelta(minutes=30)


def stored(application: Application, message: str, at: datetime, **fields: Any) -> Event:
    batch = create_batch(create_record(message, occurred_at=at, **fields))
    (accepted,) = pipeline.accept(application.pk, batch, received_at=at).accepted
    return Event.objects.get(pk=accepted.id)


def requested(application: Application, path: str, at: datetime, **fields: Any) -> Request:
    batch = create_requests(create_request_record(path, occurred_at=at, **fields))
    (accepted,) = pipeline.accept(application.pk, batch).requests
    return Request.objects.get(pk=accepted.id)


def messages(request: Request) -> list[str]:
    return [event.message for event in traces.events_of(request)]


def paths(event: Event) -> list[str]:
    return [request.path for request in traces.requests_of(event)]


def test_a_request_and_the_error_it_raised_find_each_other(
    application: Application, moment: datetime
) -> None:
    event_id = uuid4()
    error = stored(application, "Boom", moment + SECOND, event_id=event_id)
    stored(application, "Another", moment)
    request = requested(application, "/a", moment, event_id=event_id)
    requested(application, "/b", moment, event_id=uuid4())
    assert messages(request) == ["Boom"]
    assert traces.raised(request, error)
    assert paths(error) == ["/a"]


def test_an_error_is_found_by_the_id_that_we_gave_it(
    application: Application, moment: datetime
) -> None:
    error = stored(application, "Boom", moment)
    request = requested(application, "/a", moment + SECOND, event_id=error.id)
    assert messages(request) == ["Boom"]
    assert paths(error) == ["/a"]


def test_a_trace_holds_its_events_and_requests_in_their_order(
    application: Application, moment: datetime
) -> None:
    for second, message in ((2, "second"), (1, "first"), (59, "last")):
        stored(application, message, moment + second * SECOND, trace_id="t")
    other = stored(application, "of another trace", moment, trace_id="u")
    first, *_ = (requested(application, path, moment, trace_id="t") for path in ("/a", "/b"))
    assert messages(first) == ["first", "second", "last"]
    assert [one.path for one in traces.others_of_trace(first)] == ["/b"]
    assert paths(other) == []


def test_what_is_further_away_does_not_count(application: Application, moment: datetime) -> None:
    far = stored(application, "far", moment + 61 * SECOND, trace_id="t")
    request = requested(application, "/a", moment, trace_id="t")
    assert messages(request) == []
    assert paths(far) == []


def test_an_error_that_came_late_is_found_by_the_ledger(
    application: Application, moment: datetime
) -> None:
    event_id = uuid4()
    stored(application, "late", moment + 20 * 60 * SECOND, event_id=event_id)
    assert messages(requested(application, "/a", moment, event_id=event_id)) == ["late"]
    assert messages(requested(application, "/a", moment, event_id=uuid4())) == []


def test_other_applications_have_no_part_in_it(application: Application, moment: datetime) -> None:
    event_id = UUID(int=4711)
    foreign = stored(create_application(), "foreign", moment, event_id=event_id, trace_id="t")
    request = requested(application, "/a", moment, event_id=event_id, trace_id="t")
    assert messages(request) == []
    assert paths(foreign) == []


def test_only_the_nearest_rows_are_looked_at(
    application: Application, moment: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(traces, "MOST_ROWS", 2)
    error = stored(application, "Boom", moment, trace_id="t")
    requested(application, "/far", moment - 3 * SECOND, trace_id="t")
    requested(application, "/near", moment - 2 * SECOND, trace_id="t")
    requested(application, "/other", moment - SECOND)
    assert paths(error) == ["/near"]


def test_an_event_that_nothing_names_asks_for_requests_that_name_it(
    application: Application, moment: datetime, django_assert_num_queries: Any
) -> None:
    error = stored(application, "Boom", moment)
    requested(application, "/a", moment)
    with django_assert_num_queries(1):
        assert traces.requests_of(error) == []
