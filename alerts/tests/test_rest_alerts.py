"""Alerts over REST: rules and channels are made, changed, tried; what held, what was sent."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from procrastinate.contrib.django.models import ProcrastinateJob

from alerts.factories import create_alert, create_channel, create_rule
from alerts.models import Channel, Notification, Rule
from alerts.records import ManyEvents, MonitorDown, Webhook
from applications.factories import create_application
from applications.models import Application
from loghandler import partitions, queue
from loghandler.tests.rest import Rest
from monitors.factories import create_monitor
from monitors.models import Outage

pytestmark = pytest.mark.django_db

NOW = datetime.now(UTC)
HOOK = Webhook("https://hooks.example/x", "s3cret", "", (("X-Token", "s3cret"),))


@pytest.fixture
def shop() -> Application:
    partitions.ensure()
    return create_application("shop")


@pytest.fixture
def rest(shop: Application) -> Rest:
    return Rest(shop, "admin")


def test_a_rule_is_a_kind(rest: Rest, shop: Application) -> None:
    status, made = rest.ask("POST", "rules", {"name": "New errors", "kind": "new_message"})
    assert (status, made) == (201, {
        "id": made["id"], "name": "New errors", "kind": "new_message", "channels": [],
        "condition": {"level": "ERROR", "contains": ""}, "active": True,
        "created_at": made["created_at"],
    })  # fmt: skip
    assert rest.ask("GET", f"rules/{made['id']}") == (200, made)
    assert rest.ask("GET", "rules") == (200, {"items": [made], "next_offset": None})
    assert ProcrastinateJob.objects.filter(task_name=queue.EVALUATING, status="todo").exists()
    assert rest.ask("DELETE", f"rules/{made['id']}") == (204, None)
    assert not shop.rules.exists()


def test_of_a_rule_what_is_not_named_stays_as_it_is(rest: Rest, shop: Application) -> None:
    channel = create_channel(application=shop)
    rule = create_rule(channel, condition=ManyEvents(7, 9), active=False)
    path = f"rules/{rule.pk}"
    changed = rest.ask("PATCH", path, {"condition": {"minutes": 10}})[1]
    assert changed["condition"] == {
        "more_than": 7, "minutes": 10, "level": "ERROR", "contains": "",
    }  # fmt: skip
    assert (changed["channels"], changed["active"]) == ([channel.pk], False)
    changed = rest.ask("PATCH", path, {"kind": "no_event", "channels": [], "active": True})[1]
    assert (changed["condition"], changed["channels"]) == ({"minutes": 60}, [])
    assert changed["active"] is True


def test_a_rule_may_name_a_monitor_that_is_gone_and_no_others(
    rest: Rest, shop: Application
) -> None:
    mine, gone, theirs = create_monitor(application=shop), 10**15, create_monitor()
    rule = create_rule(application=shop, condition=MonitorDown((gone,)))
    path = f"rules/{rule.pk}"
    sent = {"condition": {"monitors": [gone, mine.pk]}}
    assert rest.ask("PATCH", path, sent)[1]["condition"] == sent["condition"]
    status, answer = rest.ask("PATCH", path, {"condition": {"monitors": [theirs.pk]}})
    told = {"errors": {"condition": [f"There is no monitor {theirs.pk}."]}}
    assert (status, answer) == (400, told)
    preview = {"kind": "monitor_down", "condition": {"monitors": [theirs.pk]}}
    assert rest.ask("POST", "rules/preview", preview) == (400, told)


@pytest.mark.parametrize(
    ("sent", "field", "words"),
    [
        ({}, "name", "required"),
        ({"name": "a"}, "kind", "required"),
        ({"name": "a", "kind": "rain"}, "kind", "not a valid choice"),
        ({"name": "a", "kind": "no_event", "condition": {"minutes": 0}}, "condition", "1 to 1440"),
        ({"name": "a", "kind": "no_event", "condition": {"minutes": "x"}}, "condition", "int"),
        ({"name": "a", "kind": "no_event", "condition": {"days": 3}}, "condition", "days is none"),
        ({"name": "a", "kind": "no_event", "condition": []}, "condition", "dictionary"),
        ({"name": "a", "kind": "no_event", "condition": {"minutes": "\0"}}, "condition", "Null"),
        ({"name": "a", "kind": "new_message", "condition": {"contains": "\ud800"}}, "condition",
         "surrogates"),
        ({"name": "a", "kind": "no_event", "channels": [0]}, "channels", "no channel 0"),
        ({"name": "a", "kind": "no_event", "channels": [10**30]}, "channels", "no channel 1000"),
        ({"name": "\0", "kind": "no_event"}, "name", "Null"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_rule_is_told_by_field(
    rest: Rest, sent: Any, field: str, words: str
) -> None:
    status, answer = rest.ask("POST", "rules", sent)
    assert status == 400
    assert words in answer["errors"][field][0]
    assert not Rule.objects.exists()


def test_names_are_of_one_rule_or_channel_each(rest: Rest, shop: Application) -> None:
    channel = create_channel(application=shop, name="same")
    create_rule(channel, name="same")
    rule = {"name": "same", "kind": "no_event"}
    hook = {"name": "same", "kind": "webhook", "address": {"url": "https://a.example/"}}
    for path, sent in (("rules", rule), ("channels", hook)):
        status, answer = rest.ask("POST", path, sent)
        assert (status, list(answer["errors"])) == (409, ["name"])


def test_a_preview_tells_what_a_rule_would_have_told(rest: Rest, shop: Application) -> None:
    monitor = create_monitor(application=shop, name="page")
    begin, end = NOW - timedelta(days=2), NOW - timedelta(days=1)
    Outage.objects.create(
        application=shop, monitor=monitor, begin=begin, end=end, failure="dns", words="No address"
    )
    for somebody in (rest, Rest(shop, "viewer")):
        status, found = somebody.ask("POST", "rules/preview", {"kind": "monitor_down"})
        assert (status, found["total"], len(found["alerts"])) == (200, 1, 1)
        assert found["alerts"][0]["title"] == "page is down"
        assert datetime.fromisoformat(found["alerts"][0]["end"]) == end
    assert not Rule.objects.exists()


def test_a_channel_is_an_address(rest: Rest) -> None:
    sent: dict[str, Any] = {
        "name": "pager", "kind": "webhook", "quiet_from": "22:00", "quiet_until": "07:00",
        "zone": "Asia/Tokyo",
        "address": {"url": HOOK.url, "secret": HOOK.secret, "headers": {"X-Token": "s3cret"}},
    }  # fmt: skip
    status, made = rest.ask("POST", "channels", sent)
    assert (status, made) == (201, {
        "id": made["id"], "name": "pager", "kind": "webhook", "most_per_hour": 20,
        "quiet_from": "22:00:00", "quiet_until": "07:00:00", "zone": "Asia/Tokyo", "active": True,
        "created_at": made["created_at"],
        "address": {
            "url": HOOK.url, "secret": "s3cret", "template": "", "headers": {"X-Token": "s3cret"},
        },
    })  # fmt: skip
    path = f"channels/{made['id']}"
    assert rest.ask("GET", path) == (200, made)
    sent = {"active": False, "address": {"url": "https://b.example/"}}
    changed = rest.ask("PATCH", path, sent)[1]
    assert changed == {**made, "active": False, "address": {**made["address"], **sent["address"]}}
    to = {"to": ["ann@example.com"]}
    changed = rest.ask("PATCH", path, {"kind": "email", "address": to})[1]
    assert (changed["kind"], changed["address"]) == ("email", to)
    assert rest.ask("DELETE", path) == (204, None)


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"address": {"url": "ftp://a.example/"}}, "address", "https://hooks.example/x"),
        ({"address": {"url": "https://a.example/", "port": 8}}, "address", "port is none of"),
        ({"address": {"url": "https://a.example/", "headers": 8}}, "address", "Expected"),
        ({"address": {"url": "https://a.example/\0"}}, "address", "Null"),
        ({"kind": "email", "address": {"to": ["ann"]}}, "address", "no e-mail address"),
        ({"zone": "Mars"}, "zone", "Mars is no time zone"),
        ({"quiet_from": "22:00"}, "quiet_until", "a beginning and an end"),
        ({"quiet_from": "late"}, "quiet_from", "wrong format"),
        ({"most_per_hour": 0}, "most_per_hour", "greater than or equal to 1"),
    ],
)
def test_what_is_wrong_with_a_channel_is_told_by_field(
    rest: Rest, wrong: Any, field: str, words: str
) -> None:
    sent = {"name": "a", "kind": "webhook", "address": {"url": "https://a.example/"}, **wrong}
    status, answer = rest.ask("POST", "channels", sent)
    assert (status, list(answer["errors"])) == (400, [field])
    assert words in answer["errors"][field][0]
    assert not Channel.objects.exists()


def test_a_viewer_sees_no_secrets_and_changes_nothing(shop: Application) -> None:
    channel = create_channel(HOOK, shop)
    sent = Notification.objects.create(application=shop, channel=channel, tells="test", title="T")
    viewer = Rest(shop, "viewer")
    for path in ("channels", f"channels/{channel.pk}"):
        status, found = viewer.ask("GET", path)
        assert status == 200
        assert "s3cret" not in json.dumps(found)
        assert "hooks.example" not in json.dumps(found)
    for method, path in (
        ("PATCH", f"channels/{channel.pk}"),
        ("POST", f"channels/{channel.pk}/test"),
        ("POST", f"notifications/{sent.pk}/again"),
    ):
        assert viewer.ask(method, path, {"name": "x"})[0] == 403


def test_a_channel_is_tried_and_a_message_sent_once_more(rest: Rest, shop: Application) -> None:
    channel = create_channel(HOOK, shop, name="pager")
    status, tried = rest.ask("POST", f"channels/{channel.pk}/test")
    assert (status, tried["tells"], tried["state"]) == (202, "test", "waiting")
    assert tried["title"] == "shop: a test of pager"
    status, again = rest.ask("POST", f"notifications/{tried['id']}/again")
    assert (status, again["title"]) == (202, tried["title"])
    assert rest.ask("GET", "notifications")[1]["items"] == [again, tried]
    assert len(rest.ask("GET", "notifications?state=waiting")[1]["items"]) == 2
    assert rest.ask("GET", "notifications?state=sent")[1]["items"] == []
    assert rest.ask("GET", f"notifications?channel={channel.pk + 1}")[1]["items"] == []
    assert rest.ask("GET", "notifications?state=lost")[0] == 400
    waiting = ProcrastinateJob.objects.filter(task_name=queue.SENDING, status="todo")
    assert waiting.filter(args={"channel_id": channel.pk}).exists()


def test_alerts_are_listed_newest_first(rest: Rest, shop: Application) -> None:
    rule, other = (create_rule(application=shop) for _ in range(2))
    past = create_alert(rule, begin=NOW - timedelta(hours=2), end=NOW - timedelta(hours=1))
    now = create_alert(other, begin=NOW)
    items = rest.ask("GET", "alerts")[1]["items"]
    assert [item["id"] for item in items] == [now.pk, past.pk]
    assert items[0]["end"] is None
    assert items[0]["url"].endswith(f"/applications/{shop.pk}/")
    for query, expected in (("open=true", now), ("open=false", past), (f"rule={rule.pk}", past)):
        items = rest.ask("GET", f"alerts?{query}")[1]["items"]
        assert [item["id"] for item in items] == [expected.pk]
    assert rest.ask("GET", "alerts?rule=many")[0] == 400


@pytest.mark.parametrize("path", ["rules", "channels", "alerts", "notifications"])
def test_lists_take_few_statements_however_long_they_are(
    rest: Rest, shop: Application, path: str
) -> None:
    taken = set()
    for _ in range(2):
        channel = create_channel(application=shop)
        create_alert(create_rule(channel))
        Notification.objects.create(application=shop, channel=channel, tells="test", title="T")
        with CaptureQueriesContext(connection) as queries:
            assert rest.ask("GET", path)[0] == 200
        taken.add(len(queries))
    assert len(taken) == 1
