"""Requests of many applications, by bucket and by application, are those of the rows."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
import time_machine
from pytest_django import DjangoAssertNumQueries

from applications.factories import create_application
from ingest import pipeline
from ingest.factories import create_requests
from stats.traffic.overall import overall
from traffic.factories import create_request_record
from traffic.models import Request

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
UNTIL = datetime(2026, 11, 21, 11, tzinfo=UTC)
CLASS = {101: 0, 200: 2, 204: 2, 301: 3, 404: 4, 429: 4, 500: 5, 503: 5, 999: 5}


@pytest.mark.parametrize("minutes", [0, 30])
def test_both_counts_are_those_of_the_rows(
    minutes: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    random = Random(7)
    asked, other, quiet = (create_application().pk for _ in range(3))
    left_out = create_application().pk
    with time_machine.travel(NOW, tick=False):
        for application in (asked, other, left_out):
            records = [
                create_request_record(
                    f"/{random.randrange(3)}",
                    status=random.choice(list(CLASS)),
                    occurred_at=NOW - timedelta(minutes=random.randrange(60 * 72)),
                )
                for _ in range(150)
            ]
            pipeline.accept(application, create_requests(*records))
    # Days that begin at midnight here, or half an hour after a whole one, as in India.
    starts = [datetime(2026, 11, day, 0, minutes, tzinfo=UTC) for day in (19, 20, 21)]
    with django_assert_num_queries(1):
        found = overall([asked, other, quiet], starts, UNTIL)
    by_bucket = [Counter[int]() for _ in starts]
    by_application = {asked: Counter[int](), other: Counter[int]()}
    for row in Request.objects.filter(application_id__in=[asked, other]):
        hour = row.occurred_at.replace(minute=0, second=0, microsecond=0)
        bucket = sum(start <= hour for start in starts) - 1
        if bucket >= 0:
            by_bucket[bucket][CLASS[row.status]] += 1
            by_application[row.application_id][CLASS[row.status]] += 1
    assert [+Counter(one) for one in found.by_bucket] == by_bucket
    assert {id_: +Counter(one) for id_, one in found.by_application.items()} == by_application
