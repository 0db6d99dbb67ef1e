"""The range beside another period: tiles, chart and table."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from applications.factories import create_application, create_member
from applications.models import Application
from dashboard.tests.reading_pages import Elements
from dashboard.tests.traffic_pages import drawn, page, store
from traffic.factories import create_request_record
from traffic.models import Policy
from traffic.records import RequestRecord

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel("2026-11-21T10:30:30Z", tick=False):
        yield


@pytest.fixture
def application() -> Application:
    return create_application("shop")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application))
    return client


def request(ago: timedelta, path: str = "/a", **fields: Any) -> RequestRecord:
    return create_request_record(path, occurred_at=timezone.now() - ago, **fields)


def dashed(found: Elements) -> Any:
    (series,) = [one for one in drawn(found)["series"] if "titles" in one]
    return series


def trends(found: Elements) -> list[str]:
    return found.texts("span", "trend")


@pytest.fixture
def filled(application: Application) -> Application:
    """Requests of the last hour, of the day before and of a week before, hour by hour."""
    store(
        application,
        *[request(2 * HOUR, user_id="ann", response_bytes=10, duration_ms=100)] * 4,
        request(2 * HOUR, status=500, response_bytes=10, duration_ms=100),
        *[request(2 * HOUR + DAY, user_id="bob", response_bytes=7, duration_ms=300)] * 2,
        request(2 * HOUR + DAY, status=404, user_id="eve", duration_ms=300),
        *[request(3 * HOUR + 7 * DAY, duration_ms=50)] * 10,
    )
    return application


def test_without_a_choice_only_the_tiles_are_told_against_the_period_before(
    client: Client, filled: Application
) -> None:
    found = page(client, filled)
    assert not any("titles" in one for one in drawn(found)["series"])
    assert trends(found)[0] == "↑ +67 %"
    assert "?compare=before" in found.links()


@pytest.mark.parametrize(
    ("query", "place", "value", "title", "trend"),
    [
        ({"compare": "before"}, 21, 3, "Fri 20 Nov 2026, 08:00", "↑ +67 %"),
        ({"compare": "week"}, 20, 10, "Sat 14 Nov 2026, 07:00", "↓ −50 %"),
        ({"compare": "2026-11-14T06:20"}, 1, 10, "Sat 14 Nov 2026, 07:00", "↓ −50 %"),
        ({"compare": "before", "figure": "errors"}, 21, 1, "Fri 20 Nov 2026, 08:00", "↑ +67 %"),
        ({"compare": "before", "figure": "users"}, 21, 2, "Fri 20 Nov 2026, 08:00", "↑ +67 %"),
        ({"compare": "before", "figure": "bytes"}, 21, 14, "Fri 20 Nov 2026, 08:00", "↑ +67 %"),
    ],
)
def test_another_period_is_drawn_bucket_beside_bucket(
    client: Client,
    filled: Application,
    query: dict[str, str],
    place: int,
    value: int,
    title: str,
    trend: str,
) -> None:
    found = page(client, filled, **query)
    other = dashed(found)
    expected = [0] * 24
    expected[place] = value
    assert other["values"] == expected
    assert other["titles"][place] == title
    assert trends(found)[0] == trend


def test_of_latency_its_p95_is_drawn(client: Client, filled: Application) -> None:
    other = dashed(page(client, filled, compare="before", figure="latency"))
    assert other["label"] == "p95, period before"
    assert other["values"][21] == pytest.approx(300, rel=0.03)
    assert other["values"].count(None) == 23


def test_the_table_tells_the_other_period_and_the_total_does_not(
    client: Client, filled: Application
) -> None:
    found = page(client, filled, compare="before")
    assert "Period before" in found.texts("th")
    rows = [" ".join(one.text.split()) for one in found.all("tr")]
    assert rows[1].startswith("Sat 21 Nov 2026, 08:00")
    cells = [one.text for one in found.all("td")]
    assert cells[:3] == ["4", "1", "3"]
    label = found.all("canvas")[0].attributes["aria-label"]
    assert ", 5 in all" in label
    legend = found.texts("li", "legend-other")
    assert legend == ["Period before, 19 Nov 2026, 11:00 – 20 Nov 2026, 11:00"]


def test_filters_and_what_is_left_out_count_for_the_other_period_too(
    client: Client, filled: Application
) -> None:
    assert sum(dashed(page(client, filled, compare="before", status="404"))["values"]) == 1
    Policy.objects.create(application=filled, leave_out_not_found=True)
    assert sum(dashed(page(client, filled, compare="before"))["values"]) == 2
    store(filled, request(DAY + 3 * HOUR, "/in/old"))
    assert sum(dashed(page(client, filled, compare="before"))["values"]) == 3
    Policy.objects.update(hidden_routes=["/in/*"])  # a route that only the other period has
    assert sum(dashed(page(client, filled, compare="before"))["values"]) == 2


def test_the_choice_stays_while_the_page_changes(client: Client, filled: Application) -> None:
    found = page(client, filled, compare="week", range="7d")
    assert {"?compare=week", "?range=30d&compare=week"} <= set(found.links())
    assert "?range=7d" in found.links()  # nothing
    assert drawn(found)["zoom"] == "?compare=week"
    (chosen,) = [
        one.text
        for one in found.all("a")
        if "aria-current" in one.attributes
        and "compare=" in one.attributes["href"]
        and "ago" in one.text
    ]
    assert chosen == "Same time a week ago"


def test_a_period_past_the_keeping_is_said_to_be_and_not_drawn_as_zero(
    client: Client, filled: Application
) -> None:
    filled.retention_days = 5
    filled.save()
    found = page(client, filled, compare="week")
    assert not any("titles" in one for one in drawn(found)["series"])
    assert trends(found) == [""] * 6
    (said,) = [one.text for one in found.all("p") if one.attributes.get("id") == "course-note"]
    assert said == (
        "Nothing to compare with: requests of 13 Nov 2026, 11:00 – 14 Nov 2026, 11:00 are past "
        "the 5 days that they are kept."
    )
    assert "Nothing to compare" not in page(client, filled, compare="before").texts("p")


def test_what_is_to_come_of_a_later_period_is_not_drawn_as_zero(
    client: Client, filled: Application
) -> None:
    day = {"since": "2026-11-20T00:00Z", "until": "2026-11-21T00:00Z"}
    other = dashed(page(client, filled, compare="2026-11-21T00:00Z", **day))
    assert other["values"] == [*[0] * 8, 5, 0, 0, *[None] * 13]


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("lately", "Use before, week, or an ISO 8601 time"),
        ("2026-11-22", "Compare with a time that has begun."),
        ("1960-01-01", "Use before, week"),
    ],
)
def test_a_period_that_can_not_be_compared_with_is_a_400_that_says_why(
    client: Client, filled: Application, value: str, reason: str
) -> None:
    answer = client.get(f"/applications/{filled.pk}/traffic/?compare={value}")
    assert answer.status_code == 400
    assert reason in answer.content.decode()


def test_an_own_date_is_the_viewers_and_told_in_a_tidy_address(
    client: Client, filled: Application
) -> None:
    client.cookies["browser_zone"] = "Asia/Tokyo"
    answer = client.get(f"/applications/{filled.pk}/traffic/?tidy=1&compare=2026-11-02T00:00")
    assert answer["Location"].endswith("?compare=2026-11-01T15%3A00%3A00%2B00%3A00")
    moment = datetime.fromisoformat("2026-11-01T15:00:00+00:00")
    assert dashed(page(client, filled, compare=moment.isoformat()))["titles"][0].endswith("00:00")


def test_a_comparison_costs_one_more_query(
    client: Client, filled: Application, django_assert_max_num_queries: Any
) -> None:
    page(client, filled)
    with CaptureQueriesContext(connection) as plain:
        page(client, filled)
    with django_assert_max_num_queries(len(plain) + 1):
        page(client, filled, compare="before")
