"""The admin's rules, channels, alerts and messages: to look at, at a pinned cost."""

from datetime import UTC, datetime, time

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from alerts.factories import create_alert, create_channel, create_rule
from alerts.models import FAILED, Notification, Rule
from alerts.records import BEGAN, MonitorDown, Webhook
from applications.factories import create_application, create_user
from events.display import visible
from monitors.factories import create_monitor

pytestmark = pytest.mark.django_db

# Session, user, applications to filter by; count, rows; of rules also channels and monitors.
QUERIES = {"rule": 7, "channel": 5, "alert": 5, "notification": 5}
NAME = "Shop\u202edoor"
HOOK = Webhook("https://hooks.example/s3cret?token=s3cret", "s3cret", headers=(("X", "s3cret"),))


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


def populate() -> Rule:
    application = create_application()
    monitor = create_monitor(application=application, name=NAME)
    hook = create_channel(
        HOOK, application, name="Pager", quiet_from=time(22), quiet_until=time(7), zone="Asia/Tokyo"
    )
    rule = create_rule(hook, condition=MonitorDown((monitor.pk,)))
    alert = create_alert(
        rule,
        begin=datetime(2026, 11, 27, 12, tzinfo=UTC),
        end=datetime(2026, 11, 27, 15, tzinfo=UTC),
    )
    Notification.objects.create(
        application=application,
        channel=hook,
        alert=alert,
        tells=BEGAN,
        title=alert.title,
        state=FAILED,
        failure="hooks.example answered 500",
    )
    return rule


@pytest.mark.parametrize("name", QUERIES)
def test_a_list_costs_as_much_for_many_as_for_one(
    client: Client, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(2):
        populate()
        with django_assert_num_queries(QUERIES[name]):
            assert client.get(f"/admin/alerts/{name}/").status_code == 200


def test_lists_tell_in_words_and_no_secrets(client: Client) -> None:
    populate()
    for name, told in {
        "rule": [f"{visible(NAME)} is down, and when it is up again", "Pager"],
        "channel": ["https://hooks.example/…", "22:00 to 07:00, Asia/Tokyo"],
        "alert": ["3 hours"],
        "notification": ["failed", "hooks.example answered 500"],
    }.items():
        html = client.get(f"/admin/alerts/{name}/").content.decode()
        assert [words for words in told if words not in html] == []
        assert "s3cret" not in html
        assert "\u202e" not in html


@pytest.mark.parametrize("name", QUERIES)
def test_one_is_looked_at_and_not_changed(client: Client, name: str) -> None:
    rule = populate()
    found = {
        "rule": rule,
        "channel": rule.channels.get(),
        "alert": rule.alerts.get(),
        "notification": Notification.objects.get(),
    }[name]
    path = f"/admin/alerts/{name}/{found.pk}/"
    answer = client.get(f"{path}change/")
    assert answer.status_code == 200
    assert "s3cret" not in answer.content.decode()
    assert client.post(f"{path}change/", {"name": "Other"}).status_code == 403
    assert client.get(f"{path}delete/").status_code == 403


def test_an_application_with_alerts_can_be_deleted_in_the_admin(client: Client) -> None:
    application = populate().application
    path = f"/admin/applications/application/{application.pk}/delete/"
    assert "Are you sure" in client.get(path).content.decode()
