"""Which routes are below a place, told as exactly as the figures."""

from datetime import UTC, datetime, timedelta

import pytest

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_requests
from stats.traffic.known_routes import routes_below
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_routes_at_and_below_places_are_found_in_rows_and_rollups_alike() -> None:
    application, other = create_application(), create_application()
    now = datetime.now(UTC)
    ages = {
        "/in": 3 * HOUR,
        "/in/a": timedelta(minutes=1),
        "/in/b/c": 3 * DAY,
        "/inside": HOUR,
        "/x_y/%/z": HOUR,
        "/xzy/%/z": HOUR,
        "/other/in/a": HOUR,
        "/in/too-early": 5 * DAY,
    }
    records = [
        create_request_record(route, route=route, occurred_at=now - age)
        for route, age in ages.items()
    ]
    pipeline.accept(application.pk, create_requests(*records))
    foreign = create_request_record("/in/foreign", occurred_at=now - HOUR)
    pipeline.accept(other.pk, create_requests(foreign))
    found = routes_below(application.pk, ["/in", "/x_y/%"], now - 4 * DAY, now)
    assert found == ["/in", "/in/a", "/in/b/c", "/x_y/%/z"]
