"""The pages of alerts: what is wrong, what is looked for, who is told."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from alerts.factories import create_alert, create_channel, create_rule
from alerts.models import Channel, Notification, Rule
from alerts.records import Email, ManyEvents, MonitorDown, Webhook
from applications.factories import create_application, create_member
from applications.models import Application
from dashboard.alert_forms import CHANNEL_FORMS, RULE_FORMS
from dashboard.tests.reading_pages import Elements
from ingest import pipeline
from ingest.factories import create_batch, create_record
from loghandler import partitions
from monitors.factories import create_monitor

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> Application:
    partitions.ensure()
    return create_application("shop")


@pytest.fixture
def admin(shop: Application) -> Client:
    return signed_in(shop, "admin")


def signed_in(application: Application, role: str) -> Client:
    client = Client()
    client.force_login(create_member(application, role))
    return client


def page(client: Client, path: str, **query: object) -> Elements:
    elements = Elements()
    elements.feed(client.get(path, query).content.decode())  # type: ignore[arg-type]
    return elements


def home(application: Application) -> str:
    return f"/applications/{application.pk}/alerts/"


def texts(elements: Elements) -> str:
    return " ".join(" ".join(elements.texts("main")).split())


def test_an_empty_page_says_what_to_do(shop: Application, admin: Client) -> None:
    found = page(admin, home(shop))
    assert "Nothing is looked for yet: make a rule below." in texts(found)
    headings = found.texts("strong")
    for form in (*RULE_FORMS.values(), *CHANNEL_FORMS.values()):
        assert form.heading in headings
    links = found.links()
    for kind in RULE_FORMS:
        assert f"{home(shop)}rules/new/{kind}/" in links
    for kind in CHANNEL_FORMS:
        assert f"{home(shop)}channels/new/{kind}/" in links


def test_the_usual_rules_are_made_by_one_click(shop: Application, admin: Client) -> None:
    channel = create_channel(application=shop)
    create_channel(application=shop, active=False)
    assert "Make these 6 rules" in page(admin, home(shop)).texts("button")
    admin.post(f"{home(shop)}rules/usual/")
    admin.post(f"{home(shop)}rules/usual/")
    assert Rule.objects.count() == 6
    assert all(list(rule.channels.all()) == [channel] for rule in Rule.objects.all())
    assert "Make these" not in " ".join(page(admin, home(shop)).texts("button"))


def test_what_is_wrong_stands_first(shop: Application, admin: Client) -> None:
    rule = create_rule(application=shop)
    now = timezone.now()
    create_alert(rule, title="It was <bad>", end=now)
    create_alert(rule, title="It is bad", begin=now - timedelta(hours=2))
    found = page(admin, home(shop))
    assert found.texts("h2")[0] == "Wrong now"
    rows = found.all("a", "alert-row")
    assert rows[0].text.startswith("It is bad")
    assert "It was <bad>" in rows[1].text


def test_rules_and_channels_are_sentences_without_secrets(shop: Application, admin: Client) -> None:
    monitor = create_monitor(application=shop, name="page")
    hook = create_channel(Webhook("https://u:p@hooks.example/secret?k=1", "s3cret"), shop)
    create_rule(hook, condition=MonitorDown((monitor.pk,)))
    create_rule(condition=ManyEvents(5, 1, "CRITICAL", "pay"), application=shop)
    said = texts(page(admin, home(shop)))
    assert "page is down, and when it is up again" in said
    assert "More than 5 events of CRITICAL with “pay” within a minute" in said
    assert "https://hooks.example/…" in said
    assert "tells nobody" in said
    for secret in ("s3cret", "k=1", "u:p"):
        assert secret not in said


VALID_RULES: dict[str, dict[str, Any]] = {
    "monitor_down": {},
    "new_message": {"level": "ERROR", "contains": ""},
    "returned_message": {"days": 7, "level": "WARNING", "contains": "x"},
    "many_events": {"more_than": 9, "minutes": 5, "level": "ERROR", "contains": ""},
    "error_rate": {"percent": 2.5, "minutes": 5, "least_requests": 20},
    "slow_requests": {"p95_ms": 800, "minutes": 5, "least_requests": 20},
    "no_event": {"minutes": 60},
    "certificate_ends": {"days": 14},
}
VALID_CHANNELS: dict[str, dict[str, Any]] = {
    "email": {"to": "ann@example.com\nbo@example.com"},
    "webhook": {"url": "https://hooks.example/", "headers": "X-A: b", "template": '{"a": 1}'},
    "apprise": {"url": "ntfy://topic"},
}
COMMON: dict[str, Any] = {"most_per_hour": 20, "zone": "Europe/Berlin", "active": "on"}


@pytest.mark.parametrize("kind", RULE_FORMS)
def test_a_rule_of_each_kind_is_made_and_changed(
    shop: Application, admin: Client, kind: str
) -> None:
    channel = create_channel(application=shop)
    assert admin.get(f"{home(shop)}rules/new/{kind}/").status_code == 200
    sent: dict[str, Any] = {"name": "mine", "active": "on", "channels": [channel.pk]}
    sent |= VALID_RULES[kind]
    answer = admin.post(f"{home(shop)}rules/new/{kind}/", sent)
    assert answer.status_code == 302, answer.content.decode()
    rule = Rule.objects.get()
    assert (rule.kind, rule.name, rule.active) == (kind, "mine", True)
    assert list(rule.channels.all()) == [channel]
    address = f"{home(shop)}rules/{rule.pk}/"
    assert 'value="mine"' in admin.get(address).content.decode()
    assert admin.post(address, {**VALID_RULES[kind], "name": "renamed"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.active, rule.channels.count()) == ("renamed", False, 0)
    admin.post(f"{address}delete/")
    assert not Rule.objects.exists()


@pytest.mark.parametrize("kind", CHANNEL_FORMS)
def test_a_channel_of_each_kind_is_made_changed_and_tried(
    shop: Application, admin: Client, kind: str
) -> None:
    new = f"{home(shop)}channels/new/{kind}/"
    assert admin.get(new).status_code == 200
    sent = {**COMMON, **VALID_CHANNELS[kind], "name": "ops"}
    quiet = {"quiet_from": "22:00", "quiet_until": "07:00"}
    assert admin.post(new, {**sent, **quiet}).status_code == 302
    channel = Channel.objects.get()
    assert (channel.kind, channel.name, channel.most_per_hour) == (kind, "ops", 20)
    address = f"{home(shop)}channels/{channel.pk}/"
    assert "22:00" in admin.get(address).content.decode()
    assert admin.post(address, {**sent, "name": "night"}).status_code == 302
    channel.refresh_from_db()
    assert (channel.name, channel.quiet_from) == ("night", None)
    admin.post(f"{address}test/")
    assert Notification.objects.get().title == "shop: a test of night"
    admin.post(f"{address}delete/")
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("path", "sent", "error"),
    [
        ("rules/new/many_events/", {"minutes": 0}, "greater than or equal to 1"),
        ("rules/new/many_events/", {"name": "taken"}, "has a rule of this name already"),
        ("channels/new/email/", {"to": "nobody"}, "nobody is no e-mail address"),
        ("channels/new/email/", {"zone": "Mars"}, "no time zone such as Europe/Berlin"),
        ("channels/new/email/", {"quiet_from": "22:00"}, "have a beginning and an end"),
        ("channels/new/webhook/", {"headers": "no colon"}, "is no header such as"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(
    shop: Application, admin: Client, path: str, sent: dict[str, str], error: str
) -> None:
    create_rule(application=shop, name="taken")
    valid = {
        **COMMON, **VALID_RULES["many_events"], **VALID_CHANNELS["webhook"],
        **VALID_CHANNELS["email"], "name": "mine",
    }  # fmt: skip
    found = Elements()
    found.feed(admin.post(f"{home(shop)}{path}", {**valid, **sent}).content.decode())
    assert error in " ".join(found.texts("div", "field-error"))
    assert Rule.objects.count() == 1
    assert not Channel.objects.exists()


@pytest.mark.parametrize(
    ("kind", "field", "value"),
    [
        ("error_rate", "least_requests", 1_000_001),
        ("slow_requests", "least_requests", 10**30),
        ("many_events", "more_than", 10**10),
        ("webhook", "template", '"' + "x" * 20_000 + '"'),
    ],
)
def test_what_is_too_much_is_said_beside_its_own_field(
    shop: Application, admin: Client, kind: str, field: str, value: object
) -> None:
    folder = "rules" if kind in RULE_FORMS else "channels"
    sent = {"name": "mine", **COMMON, **(VALID_RULES | VALID_CHANNELS)[kind], field: value}
    answer = admin.post(f"{home(shop)}{folder}/new/{kind}/", sent)
    assert list(answer.context["form"].errors) == [field]


def test_a_preview_shows_what_would_have_been_told(shop: Application, admin: Client) -> None:
    for message in ("One", "Two"):
        pipeline.accept(shop.pk, create_batch(create_record(message, level=40)))
    address = f"{home(shop)}rules/preview/new_message/"
    found = page(admin, address, level="ERROR", contains="")
    assert found.texts("h2") == ["2 alerts in the last seven days"]
    assert "ERROR: One" in found.texts("span", "preview-title")
    assert page(admin, address, level="ERROR", contains="no such").texts("h2") == [
        "No alert in the last seven days"
    ]
    assert "no rule yet" in page(admin, address, level="LOUD").texts("li")[0]
    form = page(admin, f"{home(shop)}rules/new/new_message/")
    assert "2 alerts in the last seven days" in form.texts("h2")


@pytest.mark.parametrize("kind", ["monitor_down", "certificate_ends"])
def test_a_rule_of_a_deleted_monitor_does_not_become_one_of_all(
    shop: Application, admin: Client, kind: str
) -> None:
    gone, other = create_monitor(application=shop), create_monitor(application=shop)
    sent = {**VALID_RULES[kind], "name": "mine", "monitors": [gone.pk]}
    admin.post(f"{home(shop)}rules/new/{kind}/", sent)
    rule = Rule.objects.get()
    named = [gone.pk]
    gone.delete()
    address = f"{home(shop)}rules/{rule.pk}/"
    form = page(admin, address)
    assert "A monitor that is gone" in texts(form)
    preview = page(admin, f"{home(shop)}rules/preview/{kind}/", monitors=named, **VALID_RULES[kind])
    for found in (form, preview):
        assert "No alert in the last seven days" in found.texts("h2")
    assert admin.post(address, {**sent, "name": "renamed"}).status_code == 302
    rule.refresh_from_db()
    assert (rule.name, rule.condition["monitors"]) == ("renamed", named)
    assert admin.post(address, {**sent, "monitors": [other.pk]}).status_code == 302
    foreign = [create_monitor().pk]
    answer = admin.post(address, {**sent, "monitors": foreign})
    assert list(answer.context["form"].errors) == ["monitors"]


def test_a_message_is_sent_again(shop: Application, admin: Client) -> None:
    channel = create_channel(Email(("a@example.com",)), shop)
    admin.post(f"{home(shop)}channels/{channel.pk}/test/")
    first = Notification.objects.get()
    admin.post(f"{home(shop)}log/{first.pk}/again/")
    assert Notification.objects.filter(title=first.title).count() == 2


def test_others_than_its_own_are_not_found(shop: Application, admin: Client) -> None:
    other = create_application()
    rule, channel = create_rule(application=other), create_channel(application=other)
    for path in (f"rules/{rule.pk}/", f"channels/{channel.pk}/", "rules/new/pager/"):
        assert admin.get(f"{home(shop)}{path}").status_code == 404


def test_it_takes_few_statements_however_much_there_is(shop: Application, admin: Client) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as queries:
            admin.get(home(shop))
        return len(queries)

    statements()
    channel = create_channel(application=shop)
    create_alert(create_rule(channel))
    few = statements()
    for _ in range(5):
        create_alert(create_rule(channel, create_channel(application=shop)))
    assert statements() == few == 12
