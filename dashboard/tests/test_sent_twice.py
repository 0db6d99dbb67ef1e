"""Forms that are sent twice at the same time: one is stored, the other says what is wrong."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any

import pytest
from django.db import connection, models
from django.test import Client

from alerts.models import Channel, Rule
from applications.factories import create_application, create_member
from applications.models import Membership
from dashboard.tests.test_alerts_pages import COMMON, VALID_CHANNELS, VALID_RULES
from dashboard.tests.test_monitor_forms import filled
from monitors.models import Monitor, StatusPage

pytestmark = pytest.mark.django_db(transaction=True)


def sent_twice(path: str, sent: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Both have looked at what is there before one of them writes."""
    application = create_application()
    member = create_member(application, Membership.ADMIN)
    both = Barrier(2)
    save = models.Model.save

    def together(self: models.Model, *args: Any, **options: Any) -> None:
        if isinstance(self, Monitor | Channel | Rule | StatusPage):
            with suppress(BrokenBarrierError):  # where one waits for the other
                both.wait(1)
        save(self, *args, **options)

    def send(_: int) -> int:
        client = Client(raise_request_exception=False)
        client.force_login(member)
        try:
            return client.post(f"/applications/{application.pk}/{path}", sent).status_code
        finally:
            connection.close()

    monkeypatch.setattr(models.Model, "save", together)
    with ThreadPoolExecutor(2) as threads:
        return sorted(threads.map(send, range(2)))


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("monitors/new/tcp/", filled("tcp", host="db.example", port=80)),
        ("alerts/rules/new/no_event/", {"name": "mine", **VALID_RULES["no_event"]}),
        ("alerts/channels/new/email/", {"name": "mine", **COMMON, **VALID_CHANNELS["email"]}),
    ],
)
def test_a_name_that_was_taken_a_moment_ago_is_told(
    path: str, sent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sent_twice(path, sent, monkeypatch) == [200, 302]


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("alerts/rules/usual/", {}),
        ("settings/status/", {"public": "on", "title": "Shop", "address": "shop"}),
    ],
)
def test_what_was_done_a_moment_ago_is_not_done_again(
    path: str, sent: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sent_twice(path, sent, monkeypatch) == [302, 302]
    assert len(set(Rule.objects.values_list("name", flat=True))) == Rule.objects.count()
    assert StatusPage.objects.count() <= 1
