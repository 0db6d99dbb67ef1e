"""A preview tells what the rule would have told, however often it had been evaluated."""

from collections.abc import Callable
from datetime import datetime
from random import Random

import pytest
import time_machine

from alerts.models import Alert
from alerts.preview import preview
from alerts.records import (
    Condition,
    ErrorRate,
    ManyEvents,
    MonitorDown,
    NewMessage,
    NoEvent,
    ReturnedMessage,
    SlowRequests,
)
from alerts.tests.happenings import DAY, MINUTE, NOON, asked, check, evaluate, rule_for, said
from applications.models import Application
from monitors.factories import create_monitor
from monitors.models import Monitor

pytestmark = pytest.mark.django_db
MINUTES = 120
CONDITIONS: list[Condition] = [
    ManyEvents(more_than=2, minutes=1, level="INFO"),
    ManyEvents(more_than=3, minutes=5),
    ManyEvents(more_than=1, minutes=4, contains="TWO"),
    NoEvent(minutes=3),
    NoEvent(minutes=10),
    ErrorRate(percent=20, minutes=2, least_requests=4),
    ErrorRate(percent=0, minutes=1, least_requests=1),
    SlowRequests(p95_ms=300, minutes=3, least_requests=5),
    MonitorDown(),
]


@pytest.mark.parametrize(
    ("condition", "happened"),
    [
        (ManyEvents(more_than=0, minutes=1), lambda shop, at: said(shop, at)),
        (ErrorRate(1, 1, 1), lambda shop, at: asked(shop, at, status=500)),
        (NewMessage(), lambda shop, at: said(shop, at, f"New {at}")),
    ],
)
def test_the_preview_is_what_would_have_been_told(
    shop: Application, condition: Condition, happened: Callable[[Application, datetime], None]
) -> None:
    rule = rule_for(shop, condition)
    evaluate(0)
    for minute in (5, 20, 21, 40):
        happened(shop, NOON + minute * MINUTE)
    evaluate(*range(1, 60))
    with time_machine.travel(NOON + 60 * MINUTE, tick=False):
        found = preview(shop, condition)
    alerts = rule.alerts.order_by("-begin")
    assert [each.title for each in found.alerts] == [alert.title for alert in alerts]
    assert [(each.begin, each.end) for each in found.alerts] == [
        (alert.begin, alert.end) for alert in alerts
    ]
    assert found.total == len(alerts)


def test_a_preview_knows_what_was_said_before(shop: Application) -> None:
    said(shop, NOON - 9 * DAY, "Old")
    for message in ("Old", "New"):
        said(shop, NOON - 2 * DAY, message)
        said(shop, NOON - DAY, message)
    assert [each.title for each in preview(shop, NewMessage()).alerts] == ["ERROR: New"]
    assert [each.title for each in preview(shop, ReturnedMessage(7)).alerts] == ["ERROR: Old"]
    assert preview(shop, ReturnedMessage(8)).total == 0
    assert preview(shop, NewMessage(contains="x")).total == 0


def happen(random: Random, application: Application, monitor: Monitor, minute: int) -> None:
    """Some events, requests and a check of a minute, or none."""
    at = NOON + minute * MINUTE
    for _ in range(random.choice([0, 0, 0, 1, 3])):
        said(application, at, random.choice(["one", "two"]), level=random.choice([20, 40]))
    if random.random() < 0.9:
        status = random.choice([200, 503])
        asked(
            application,
            at,
            status,
            ms=random.choice([20, 500, 500, 500]),
            count=random.randint(1, 6),
        )
    check(monitor, minute, random.choice([None, None, "status"]))


@pytest.mark.parametrize("seed", range(3))
def test_a_preview_is_what_evaluating_in_any_steps_tells(shop: Application, seed: int) -> None:
    random = Random(seed)
    monitor = create_monitor(application=shop, name="page", retries=0)
    rules = [rule_for(shop, condition) for condition in CONDITIONS]
    silent = range(*sorted(random.sample(range(MINUTES), 2)))
    next_step = random.randint(0, 20)
    for minute in range(MINUTES):
        if minute not in silent:
            happen(random, shop, monitor, minute)
        if minute >= next_step:
            evaluate(minute + random.random())
            next_step = minute + random.choice([1, 1, 2, 7, 30])
    evaluate(MINUTES)
    told = [list(Alert.objects.filter(rule=rule).order_by("begin")) for rule in rules]
    with time_machine.travel(NOON + MINUTES * MINUTE, tick=False):
        previewed = [preview(shop, condition).alerts[::-1] for condition in CONDITIONS]
    assert [[(each.begin, each.end, each.title) for each in alerts] for alerts in previewed] == [
        [(alert.begin, alert.end, alert.title) for alert in alerts] for alerts in told
    ]
    assert sum(bool(alerts) for alerts in told) >= 6  # else nothing was compared
