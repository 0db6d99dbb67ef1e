"""The admin's list of refusals: to look at, bounded, without counting the table."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from applications.factories import create_application, create_user
from applications.models import Application
from ingest import admin, refusal_log
from ingest.models import RefusalCount
from ingest.refusal_tally import count_of

pytestmark = pytest.mark.django_db

LIST = "/admin/ingest/refusalcount/"
QUERIES = 5  # session, user, applications to filter by, the bounded count, the rows
AT = datetime(2026, 11, 21, 8, tzinfo=UTC)


@pytest.fixture
def client(client: Client) -> Client:
    client.force_login(create_user(is_staff=True, is_superuser=True))
    return client


def refuse(application: Application, reason: str, status: int = 400, minutes: int = 0) -> None:
    at = AT + timedelta(minutes=minutes)
    refusal_log.add([count_of(application.pk, status, reason, at=at, client="shop/1.0")])


def listed(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{LIST}?{query}")
    assert answer.status_code == 200
    return [row.reason for row in answer.context["cl"].result_list]


def test_refusals_are_listed_newest_first(client: Client) -> None:
    shop, billing = create_application("shop"), create_application("billing")
    refuse(shop, "First.")
    refuse(billing, "Last.", minutes=90)
    refuse(shop, "Second.", minutes=1)
    assert listed(client) == ["Last.", "Second.", "First."]
    page = client.get(LIST).content.decode()
    assert "shop/1.0" in page
    assert "Select refusal to view" in page


def test_the_list_is_filtered_by_application_and_status(client: Client) -> None:
    shop, billing = create_application("shop"), create_application("billing")
    refuse(shop, "Wrong.")
    refuse(shop, "No key.", 401)
    refuse(billing, "Also wrong.")
    of_shop = f"application__id__exact={shop.pk}"
    assert sorted(listed(client, of_shop)) == ["No key.", "Wrong."]
    assert sorted(listed(client, "status__exact=400")) == ["Also wrong.", "Wrong."]
    both = f"application__id__exact={billing.pk}&status__exact=401"
    assert listed(client, both) == []


def test_the_list_is_only_to_look_at(client: Client) -> None:
    refuse(create_application(), "Wrong.")
    digest = RefusalCount.objects.get().pk
    assert client.get(f"{LIST}add/").status_code == 403
    for page in ("change", "delete", "history"):
        answer = client.post(f"{LIST}{digest}/{page}/")
        assert answer.status_code in {302, 403, 405}
    client.post(LIST, {"action": "delete_selected", "_selected_action": [str(digest)]})
    assert RefusalCount.objects.exists()


def test_the_list_costs_the_same_queries_whatever_it_holds_and_counts_no_table(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin, "MOST_LISTED", 2)
    for name in ("shop", "billing", "search"):
        refuse(create_application(name), "Wrong.")
        with CaptureQueriesContext(connection) as queries:
            client.get(LIST)
        assert len(queries) == QUERIES
        (counting,) = [query["sql"] for query in queries if "COUNT(" in query["sql"]]
        assert "LIMIT 2" in counting


def test_the_list_needs_the_permission_to_view_it(client: Client) -> None:
    client.force_login(create_user(is_staff=True))
    assert client.get(LIST).status_code == 403
