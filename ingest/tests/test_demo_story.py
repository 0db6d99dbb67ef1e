import json
import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from random import Random
from typing import Any

import pytest

from events.records import Json
from ingest.demo_services import payments, search, shop
from ingest.demo_services.lines import Line
from ingest.demo_services.plot import SERVICES, Plot, plot
from ingest.demo_services.values import Values
from ingest.demo_story import Told, story

NOW = datetime(2026, 11, 21, 10, 55, tzinfo=UTC)  # a Saturday
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
EVERY_LINE = dict.fromkeys(
    line
    for module in (shop, payments, search)
    for line in [
        *(value for value in vars(module).values() if isinstance(value, Line)),
        *module.SERVICE.lines,
        *(routine.line for routine in module.SERVICE.routines),
    ]
)


@pytest.fixture(scope="module")
def told() -> Sequence[Told]:
    return list(story(NOW))


@pytest.fixture(scope="module")
def plotted() -> Plot:
    return plot(NOW)


def messages(told: Sequence[Told], service: str) -> Counter[str]:
    return Counter(event.record.message for event in told if event.service == service)


def read(text: Json | None) -> Any:
    return None if text is None else json.loads(text)


def test_the_same_story_is_told_for_the_same_moment(told: Sequence[Told]) -> None:
    assert list(islice(story(NOW), 3_000)) == told[:3_000]
    assert list(islice(story(NOW, seed=2), 50)) != told[:50]


def test_it_is_told_up_to_a_minute_ago_and_in_order_of_the_hours(told: Sequence[Told]) -> None:
    moments = [event.received_at for event in told]
    assert NOW - 7 * DAY <= moments[0] < NOW - 7 * DAY + HOUR
    assert NOW - 15 * MINUTE < moments[-1] < NOW - MINUTE
    assert moments == sorted(moments)
    assert all(0 < (e.received_at - (e.record.occurred_at or NOW)) / DAY < 0.1 for e in told)


def test_it_can_be_told_of_fewer_days() -> None:
    moments = [event.received_at for event in story(NOW, days=2)]
    assert NOW - 2 * DAY <= min(moments) < NOW - 2 * DAY + HOUR
    assert len(moments) > 3_000


def test_each_service_has_its_share_of_thousands_of_events(told: Sequence[Told]) -> None:
    assert 12_000 < len(told) < 20_000
    counts = Counter(event.service for event in told)
    assert counts.keys() == {"demo-shop", "demo-payments", "demo-search"}
    assert min(counts.values()) > 3_000


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_levels_are_those_of_a_service_that_mostly_works(
    told: Sequence[Told], service: str
) -> None:
    levels = Counter(event.record.level for event in told if event.service == service)
    shares = {level: count / levels.total() for level, count in levels.items()}
    assert 0.5 < shares[20] < 0.7
    assert 0.15 < shares[30] < 0.3
    assert 0.04 < shares[10] < 0.12
    assert 0.04 < shares[40] < 0.14
    assert 0 < shares[50] < 0.01


@pytest.mark.parametrize("service", [service.name for service in SERVICES])
def test_messages_are_few_with_a_long_tail(told: Sequence[Told], service: str) -> None:
    counts = messages(told, service)
    kinds = {re.sub("[0-9a-f-]*[0-9][0-9a-f-]*", "#", message) for message in counts}
    assert 25 <= len(kinds) <= 44
    assert sum(count for _message, count in counts.most_common(12)) > 0.6 * counts.total()
    assert list(counts.values()).count(1) > 25  # those with a number of their own


def test_days_have_a_rhythm_and_weeks_a_weekend(told: Sequence[Told]) -> None:
    hours = Counter(event.received_at.hour for event in told)
    assert sum(hours[hour] for hour in (1, 2, 3)) * 3 < sum(hours[hour] for hour in (17, 18, 19))
    captured = [e.received_at for e in told if e.record.message == "Payment captured"]
    days = Counter(moment.date() for moment in captured)
    sunday, tuesday = NOW.date() - 6 * DAY, NOW.date() - 4 * DAY
    assert days[sunday] < 0.9 * days[tuesday]


def test_a_release_brings_a_new_error_and_is_rolled_back(
    told: Sequence[Told], plotted: Plot
) -> None:
    broken = [e for e in told if e.record.message == shop.DISCOUNT_BROKEN.message]
    live = [event for event in broken if event.record.environment == "production"]
    assert len(live) > 100
    assert {event.record.release for event in live} == {"4.19.0"}
    for event in live:
        assert plotted.regression <= event.received_at < plotted.rolled_back
    # It could have been seen.
    assert {e.record.environment for e in broken if e.received_at < live[0].received_at} == {
        "staging"
    }
    assert plotted.rolled_back - plotted.regression == 2 * HOUR


def test_the_database_of_the_payments_runs_out_of_connections_for_forty_minutes(
    told: Sequence[Told], plotted: Plot
) -> None:
    refused = [e for e in told if e.record.message == payments.TOO_MANY_CLIENTS.message]
    assert len(refused) > 80
    first, last = refused[0].received_at, refused[-1].received_at
    assert 30 * MINUTE < last - first < 40 * MINUTE
    there = Counter((e.service, e.record.message) for e in told if plotted.in_outage(e.received_at))
    before = Counter(
        (e.service, e.record.message)
        for e in told
        if plotted.in_outage(e.received_at + DAY) or plotted.in_outage(e.received_at + 2 * DAY)
    )
    captured = ("demo-payments", "Payment captured")
    assert 2 * there[captured] < before[captured]
    assert there["demo-shop", "Payment service answered 503"] > 40


@pytest.mark.parametrize("hours", range(0, 24 * 7, 5))
def test_the_incidents_are_recent_and_over_whatever_the_time_is(hours: int) -> None:
    now = NOW + hours * HOUR
    plotted = plot(now)
    assert now - 24 * HOUR < plotted.regression
    assert plotted.rolled_back <= now - HOUR
    assert now - 6 * DAY < plotted.outage
    assert plotted.outage_end < now - DAY
    for releases in plotted.releases.values():
        assert list(releases) == sorted(releases)


def test_releases_change_during_the_week(told: Sequence[Told]) -> None:
    live: dict[str, list[str | None]] = {}
    for event in told:
        if event.record.environment == "production":
            seen = live.setdefault(event.service, [])
            if event.record.release not in seen[-1:]:
                seen.append(event.record.release)
    assert live == {
        "demo-shop": ["4.18.0", "4.18.1", "4.19.0", "4.18.1", "4.19.1"],
        "demo-payments": ["1.92.4", "1.93.0", "1.93.1"],
        "demo-search": ["7c41e09", "b2f6d13"],
    }


def test_events_tell_where_they_come_from(told: Sequence[Told]) -> None:
    environments = Counter(event.record.environment for event in told)
    assert 0.03 < environments["staging"] / len(told) < 0.12
    for event in told:
        record = event.record
        staged = "staging" in (record.server_name or "")
        assert staged == (record.environment == "staging")
        assert {"region"} < read(record.tags).keys()
        assert record.logger
    assert sum(event.record.user is not None for event in told) > len(told) / 3


def test_a_checkout_has_one_trace_in_the_shop_and_in_the_payments(told: Sequence[Told]) -> None:
    traces: dict[str | None, list[Told]] = {}
    for event in told:
        traces.setdefault(event.record.trace_id, []).append(event)
    placed = [
        [(event.service, event.record.message) for event in trace]
        for trace in traces.values()
        if any(event.record.message == "Order placed" for event in trace)
    ]
    whole = [
        ("demo-shop", "Checkout started"),
        ("demo-payments", "Payment intent created"),
        ("demo-payments", "Payment authorized"),
        ("demo-shop", "Order placed"),
        ("demo-shop", "Order confirmation sent"),
    ]
    assert sum(trace == whole for trace in placed) > 0.9 * len(placed) > 100


def test_errors_carry_stacks_in_the_shapes_that_senders_use(told: Sequence[Told]) -> None:
    shapes = set()
    for event in told:
        stack = read(event.record.stack)
        assert stack or event.record.level < 40
        shapes.add(shape(stack))
    assert shapes == {
        "none",
        "Python's text",
        "Node's text",
        "Go's text",
        "Java's text",
        "frames",
        "exception",
        "chain of exceptions",
    }


def shape(stack: Any) -> str:
    """What a stack is; its frames are looked at."""
    if stack is None:
        return "none"
    if isinstance(stack, str):
        beginnings = {"Traceback": "Python", "goroutine": "Go", ".java:": "Java"}
        return (
            next((name for mark, name in beginnings.items() if mark in stack), "Node") + "'s text"
        )
    if isinstance(stack, dict):
        check_frames(stack["frames"])
        return "exception"
    if "stacktrace" in stack[0]:
        for exception in stack:
            assert exception["type"]
            check_frames(exception["stacktrace"]["frames"])
        return "chain of exceptions"
    check_frames(stack)
    return "frames"


def check_frames(frames: list[dict[str, Any]]) -> None:
    assert frames
    for frame in frames:
        assert frame["filename"]
        assert frame["function"]
        assert frame["lineno"] > len(frame["pre_context"])
        assert frame["context_line"].strip()
    assert any(frame["pre_context"] for frame in frames)


@pytest.mark.parametrize("line", EVERY_LINE, ids=lambda line: line.message)
def test_every_line_can_be_logged(line: Line) -> None:
    """Also those that are too rare to be met in a story."""
    values = Values(Random(1), NOW)
    values["release"] = "1.0"
    assert "«" not in values.fill(line.message + line.data + line.stack)
    for text in (line.data, line.stack, line.process.tags, line.process.user):
        if text:
            json.loads(values.fill(text))
