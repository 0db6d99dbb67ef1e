"""What hides in names, titles and failures, or reorders what is around them, shows as such."""

import pytest
from django.test import Client
from django.utils import timezone

from alerts.factories import create_alert, create_channel, create_rule
from alerts.models import Notification
from alerts.records import MonitorDown
from applications.factories import create_application, create_member
from applications.models import Membership
from dashboard.tests.test_event_page_hostile import HIDDEN, TURNED
from loghandler.models import JobFailure
from monitors.factories import create_monitor
from monitors.models import StatusPage

pytestmark = pytest.mark.django_db


def test_nothing_hides_on_pages_of_monitors_and_alerts(client: Client) -> None:
    application = create_application()
    member = create_member(application, Membership.ADMIN)
    member.is_staff = True
    member.save()
    client.force_login(member)
    monitor = create_monitor(None, TURNED, application, tags=[TURNED], words=TURNED, state="down")
    channel = create_channel(application=application, name=TURNED)
    rule = create_rule(channel, condition=MonitorDown((monitor.pk,)), name=TURNED)
    create_alert(rule, title=TURNED)
    sent = Notification.objects.create(
        application=application, channel=channel, tells="test", title=TURNED * 100, failure=TURNED
    )
    JobFailure.objects.create(job_id=1, task="a task", at=timezone.now(), words=TURNED)
    status = StatusPage.objects.create(
        application=application, public=True, address="shop", title=TURNED
    )
    status.monitors.add(monitor)
    home = f"/applications/{application.pk}"
    again = client.post(f"{home}/alerts/log/{sent.pk}/again/", follow=True).content.decode()
    assert "is sent once more" in again
    pages = [
        "/background/", "/status/shop/", "/status/shop/badge.svg",
        f"/status/shop/{monitor.pk}.svg", f"{home}/monitors/", f"{home}/monitors/{monitor.pk}/",
        f"{home}/alerts/",
    ]  # fmt: skip
    for page in (*(client.get(path).content.decode() for path in pages), again):
        assert "u202e" in page
        assert not HIDDEN.findall(page)
    for path in (f"{home}/monitors/{monitor.pk}/edit/", f"{home}/alerts/rules/{rule.pk}/"):
        page = client.get(path).content.decode()
        assert not HIDDEN.findall(page.partition("<form")[0])
