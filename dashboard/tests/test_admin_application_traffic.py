"""Traffic in the admin of applications: figures, the list's column, the policy to edit."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from applications.factories import create_application, create_user
from applications.models import Application
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from traffic import policies
from traffic.factories import create_request_record
from traffic.models import Policy

pytestmark = pytest.mark.django_db

LIST = "/admin/applications/application/"
FORM = {
    "name": "billing",
    "active": "on",
    "memberships-TOTAL_FORMS": "0",
    "memberships-INITIAL_FORMS": "0",
    "keys-TOTAL_FORMS": "0",
    "keys-INITIAL_FORMS": "0",
    "traffic_policy-TOTAL_FORMS": "1",
    "traffic_policy-INITIAL_FORMS": "0",
    "traffic_policy-0-least_privacy": "0",
    "traffic_policy-0-apdex_ms": "500",
    "traffic_policy-0-templates": "",
}


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def billing() -> Application:
    return create_application("billing")


def ask(
    application: Application, path: str, *statuses: int, ago: timedelta = timedelta(minutes=1)
) -> None:
    at = timezone.now() - ago
    records = [create_request_record(path, status=one, occurred_at=at) for one in statuses]
    pipeline.accept(application.pk, create_requests(*records))


def change_page(client: Client, application: Application, query: str = "") -> str:
    answer = client.get(f"{LIST}{application.pk}/change/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def drawn(html: str) -> Any:
    found = re.search(r'<script id="requests-json" type="application/json">(.*?)</script>', html)
    return json.loads(found[1]) if found else None


def totals(html: str) -> dict[str, int]:
    return {one["label"]: sum(one["values"]) for one in drawn(html)["series"]}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", html).split())


def test_the_page_of_an_application_shows_its_own_requests(
    client: Client, billing: Application
) -> None:
    ask(billing, "/invoices/7", 200, 200, 404)
    ask(billing, "/health", 503)
    ask(billing, "/old", 200, ago=timedelta(days=10))
    ask(create_application("other"), "/others", 302)
    html = change_page(client, billing)
    assert totals(html) == {"2xx": 2, "4xx": 1, "5xx": 1}
    assert len(drawn(html)["starts"]) == 24
    assert drawn(html)["zoom"] == f"/applications/{billing.pk}/traffic/"
    assert "4 requests 50.0 % errors p95 13 ms" in words(html)
    assert "Busiest routes" in html
    route = f"/applications/{billing.pk}/traffic/?method=GET&amp;route=%2Finvoices%2F%7Bid%7D"
    assert f'href="{route}">GET /invoices/{{id}}</a>' in html
    assert "/others" not in html
    assert f'href="/admin/traffic/request/?application={billing.pk}"' in html
    month = change_page(client, billing, "?range=30d")
    assert sum(totals(month).values()) == 5
    assert len(drawn(month)["starts"]) == 30


def test_without_requests_there_are_no_figures_of_them(
    client: Client, billing: Application
) -> None:
    ask(billing, "/old", 200, ago=timedelta(days=2))
    pipeline.accept(billing.pk, create_batch(create_record()))
    html = change_page(client, billing)
    assert drawn(html) is None
    assert "course-json" in html


def test_figures_are_for_those_who_may_view_requests(client: Client, billing: Application) -> None:
    ask(billing, "/a", 200)
    user = create_user(is_staff=True)
    user.user_permissions.set(
        Permission.objects.filter(codename__in=["change_application", "view_event"])
    )
    client.force_login(user)
    html = change_page(client, billing)
    assert drawn(html) is None
    assert "/admin/traffic/" not in html
    user.user_permissions.add(Permission.objects.get(codename="view_request"))
    assert totals(change_page(client, billing)) == {"2xx": 1}
    user.user_permissions.remove(Permission.objects.get(codename="view_event"))
    html = change_page(client, billing)
    assert "course-json" not in html
    assert '<a href="?range=24h" aria-current="true"' in html  # the ranges are theirs, then


def test_the_page_costs_the_same_queries_whatever_was_asked(
    client: Client, billing: Application, django_assert_max_num_queries: Any
) -> None:
    # session, user, application, its valid keys; the summary, the series, the ranking and its
    # texts; the requests by bucket, by route and the policy; policy, members, keys; which days are
    # closed
    for number in range(2):
        ask(billing, f"/route-{number}", *[200] * 20, 404, 500)
        pipeline.accept(billing.pk, create_batch(create_record()))
        with django_assert_max_num_queries(17):
            change_page(client, billing)


def test_the_list_tells_requests_of_a_day(client: Client, billing: Application) -> None:
    create_application("quiet")
    ask(billing, "/a", *[200] * 1_234)
    ask(billing, "/a", 200, ago=timedelta(days=2))
    html = client.get(LIST).content.decode()
    assert re.findall(r'class="field-requests_24h">([^<]*)<', html) == ["1,234", "0"]


# --- The policy --------------------------------------------------------------------------------


def save(client: Client, application: Application, **changed: str) -> str:
    fields = {f"traffic_policy-0-{name}": value for name, value in changed.items()}
    path = f"{LIST}{application.pk}/change/"
    with_id = {"traffic_policy-0-application": application.pk}
    return client.post(path, {**FORM, **with_id, **fields}, follow=True).content.decode()


def test_the_policy_is_saved_and_counts_at_once(
    client: Client, billing: Application, django_capture_on_commit_callbacks: Any
) -> None:
    assert policies.policy(billing.pk).least_privacy == 0
    with django_capture_on_commit_callbacks(execute=True):
        save(
            client, billing, least_privacy="2", keep_query_values="on", apdex_ms="80",
            templates="/files/*\r\n\r\n/tags/{tag}",
        )  # fmt: skip
    stored = Policy.objects.get()
    assert (stored.application, stored.least_privacy, stored.apdex_ms) == (billing, 2, 80)
    assert (stored.keep_query_values, stored.templates) == (True, ["/files/*", "/tags/{tag}"])
    assert policies.policy(billing.pk).least_privacy == 2
    html = change_page(client, billing)
    assert "/tags/{tag}</textarea>" in html


def test_a_policy_is_changed_by_the_same_form(client: Client, billing: Application) -> None:
    by_route = {"GET /a": 20}
    Policy.objects.create(application=billing, templates=["/a/*"], apdex_ms_by_route=by_route)
    stored = {"traffic_policy-INITIAL_FORMS": "1", "traffic_policy-0-application": billing.pk}
    path = f"{LIST}{billing.pk}/change/"
    changed = {**FORM, **stored, "traffic_policy-0-templates": "/b/*"}
    assert client.post(path, changed).status_code == 302
    policy = Policy.objects.get()
    assert (policy.templates, policy.apdex_ms_by_route) == (["/b/*"], by_route)


def test_a_policy_that_nobody_touched_is_not_stored(client: Client, billing: Application) -> None:
    html = save(client, billing)
    assert "was changed successfully" in html
    assert not Policy.objects.exists()


def test_routes_that_are_none_are_told(client: Client, billing: Application) -> None:
    assert "begin with a slash" in save(client, billing, templates="files")
    assert not Policy.objects.exists()
