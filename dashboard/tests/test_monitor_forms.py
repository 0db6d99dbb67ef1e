"""Monitors are made and changed by forms, which tell what is wrong next to the field."""

from typing import Any

import pytest
from django.test import Client

from applications.factories import create_application, create_member
from applications.models import Application, Membership
from dashboard.monitor_forms import FORMS, initial_of
from monitors.changes import create
from monitors.models import Monitor
from monitors.records import HeartbeatTarget, HttpTarget, Target, TcpTarget, TlsTarget

pytestmark = pytest.mark.django_db

TARGETS: list[Target] = [
    HttpTarget(
        "https://shop.example/",
        "POST",
        (("X-Key", "a: b"), ("Accept", "text/html")),
        b'{"a": 1}',
        ((200, 299), (401, 401)),
        "basket",
        True,
        "checks.0.state",
        "ok",
        2,
        False,
    ),
    TcpTarget("db.example", 5_432),
    TlsTarget("shop.example", 8_443, 30),
    HeartbeatTarget(7_200, "", "Europe/Berlin", 600),
    HeartbeatTarget(86_400, "30 3 * * 1-5", "Asia/Kolkata", 1_800),
]


@pytest.fixture
def application(client: Client) -> Application:
    application = create_application()
    client.force_login(create_member(application, Membership.ADMIN))
    return application


def filled(kind: str, **given: Any) -> dict[str, Any]:
    """A form as a browser sends it, with these fields filled in."""
    form = FORMS[kind](initial={"zone": "UTC"})
    shown = {name: form[name].value() for name in form.fields}
    sent = {**shown, "name": "Shop", **given}
    return {name: value for name, value in sent.items() if value not in {None, False}}


def errors(client: Client, application: Application, kind: str, **given: Any) -> dict[str, Any]:
    path = f"/applications/{application.pk}/monitors/new/{kind}/"
    answer = client.post(path, filled(kind, **given))
    assert answer.status_code == 200
    assert not Monitor.objects.filter(name="Shop").exists()
    found: dict[str, Any] = answer.context["form"].errors.get_json_data()
    return {name: [one["message"] for one in several] for name, several in found.items()}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: type(target).__name__)
def test_a_form_that_is_saved_as_it_is_changes_nothing(
    client: Client, application: Application, target: Target
) -> None:
    monitor = create(application, "Shop", target, tags=["eu", "api"])
    before = Monitor.objects.filter(pk=monitor.pk).values().get()
    form = FORMS[monitor.kind](initial=initial_of(monitor))
    sent = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in sent.items() if value is not False}
    answer = client.post(f"/applications/{application.pk}/monitors/{monitor.pk}/edit/", sent)
    assert answer.status_code == 302, answer.context["form"].errors
    assert Monitor.objects.filter(pk=monitor.pk).values().get() == before


def test_an_address_is_enough_of_a_form(client: Client, application: Application) -> None:
    path = f"/applications/{application.pk}/monitors/new/http/"
    client.post(path, filled("http", url="https://shop.example/", name=""))
    monitor = Monitor.objects.get()
    assert (monitor.name, monitor.interval_seconds, monitor.retries) == ("shop.example", 60, 1)
    assert monitor.target["statuses"] == [[200, 299]]


def test_hosts_of_any_length_have_names_of_their_own(
    client: Client, application: Application
) -> None:
    path = f"/applications/{application.pk}/monitors/new/tcp/"
    host = f"{'very-long.' * 14}example"
    for _ in range(3):
        assert client.post(path, filled("tcp", host=host, port=80, name="")).status_code == 302
    names = Monitor.objects.order_by("pk").values_list("name", flat=True)
    assert list(names) == [host[:100], f"{host[:98]} 2", f"{host[:98]} 3"]


def test_an_emptied_name_is_the_host_again_also_where_it_was(
    client: Client, application: Application
) -> None:
    monitor = create(application, "db.example", TcpTarget("db.example", 80))
    sent = filled("tcp", host="db.example", port=80, name="")
    client.post(f"/applications/{application.pk}/monitors/{monitor.pk}/edit/", sent)
    monitor.refresh_from_db()
    assert monitor.name == "db.example"


@pytest.mark.parametrize(
    ("kind", "given", "field", "words"),
    [
        ("http", {"url": "shop example"}, "url", "Write an address such as"),
        ("http", {"url": "a.example", "statuses": "2xx"}, "statuses", "2xx is no status"),
        ("http", {"url": "a.example", "headers": "nonsense"}, "headers", "as Name: value"),
        ("http", {"url": "a.example", "headers": "a b: c"}, "headers", "A header's name"),
        ("http", {"url": "a.example", "keyword_absent": "on"}, "keyword", "Which keyword"),
        ("http", {"url": "a.example", "json_value": "ok"}, "json_value", "Where in the JSON"),
        ("http", {"url": "a.example", "tags": "x" * 41}, "tags", "at most 40"),
        ("tcp", {"host": "http://a", "port": "80"}, "host", "without a scheme"),
        ("tls", {"host": "a.example", "port": "0"}, "port", "greater than or equal to 1"),
        ("heartbeat", {"period": "400"}, "period", "A period is"),
        ("heartbeat", {"grace": "900", "grace_unit": "days"}, "grace", "A grace is"),
        ("heartbeat", {"cron": "every day"}, "cron", "no cron expression"),
        ("heartbeat", {"cron": "0 3 * * *", "zone": "Mars"}, "zone", "no time zone"),
    ],
)
def test_what_is_wrong_is_told_next_to_its_field(
    client: Client,
    application: Application,
    kind: str,
    given: dict[str, str],
    field: str,
    words: str,
) -> None:
    found = errors(client, application, kind, **given)
    assert list(found) == [field]
    assert words in found[field][0]


def test_a_name_that_is_taken_is_told_next_to_the_name(
    client: Client, application: Application
) -> None:
    create(application, "Taken", HttpTarget("https://a.example/"))
    found = errors(client, application, "http", name="Taken", url="b.example")
    assert found == {"name": ["The application has a monitor of this name already."]}


def test_when_a_job_is_due_is_shown_before_it_is_saved(
    client: Client, application: Application
) -> None:
    path = f"/applications/{application.pk}/monitors/new/heartbeat/"
    answer = client.post(path, filled("heartbeat", cron="0 3 * * *", step="preview"))
    assert len(answer.context["next_due"]) == 3
    assert {due.hour for due in answer.context["next_due"]} == {3}
    assert not Monitor.objects.exists()


def test_there_is_no_form_of_another_kind(client: Client, application: Application) -> None:
    assert client.get(f"/applications/{application.pk}/monitors/new/dns/").status_code == 404
