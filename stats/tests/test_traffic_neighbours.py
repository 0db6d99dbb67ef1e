"""The requests beside one are those of its list."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
import time_machine

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_requests
from stats.traffic import listing
from stats.traffic.criteria import Criteria
from stats.traffic.listing import Neighbours, listed, neighbours
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 10, 30, 30, tzinfo=UTC)
DAYS = timedelta(days=1)


@pytest.fixture
def application_id() -> int:
    """Forty requests of ten days, several of them in one moment."""
    random = Random(7)
    moments = [NOW - DAYS * random.uniform(0, 10) for _ in range(30)]
    moments += [moments[0].replace(microsecond=0)] * 10
    records = [
        create_request_record(
            f"/items/{n}",
            occurred_at=moment,
            status=random.choice((200, 404, 500)),
            user_id=random.choice("ab"),
        )
        for n, moment in enumerate(moments)
    ]
    application_id = create_application().pk
    with time_machine.travel(NOW, tick=False):
        pipeline.accept(application_id, create_requests(*records))
    return application_id


@pytest.mark.parametrize(
    "chosen",
    [
        {},
        {"included": {"status": [4, 500]}},
        {"included": {"user": ["a"]}},
        {"excluded": {"status": [200]}},
        {"text": "/items/1"},
        {"since": NOW - 4 * DAYS, "until": NOW - 2 * DAYS},
    ],
)
def test_they_lead_through_the_list(application_id: int, chosen: dict[str, Any]) -> None:
    criteria = Criteria(**{"since": NOW - 30 * DAYS, **chosen})
    with time_machine.travel(NOW, tick=False):
        requests = listed(application_id, criteria, limit=100).requests
        assert len(requests) > 3
        ids = [None, *(request.id for request in requests), None]
        for place, request in enumerate(requests, 1):
            newer, older = ids[place - 1], ids[place + 1]
            assert neighbours(application_id, criteria, request) == Neighbours(
                older, older is None, newer, newer is None
            )


def test_what_takes_too_long_is_left_unknown(
    application_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    criteria = Criteria(since=NOW - 30 * DAYS)
    with time_machine.travel(NOW, tick=False):
        request, older = listed(application_id, criteria, limit=100).requests[5:7]
        monkeypatch.setattr(listing, "PATIENCE", -1)
        found = neighbours(application_id, criteria, request)
    assert found == Neighbours(older.id, False, None, False)  # the first day is always looked at
