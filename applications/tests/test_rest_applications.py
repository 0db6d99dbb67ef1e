from io import BytesIO
from threading import Barrier, Thread
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser, User
from django.db import connections
from django.test import Client, RequestFactory

from applications import key_cache, keys
from applications.api import ApplicationViewSet
from applications.factories import create_application, create_member, create_user
from applications.models import Application, Key, Membership

pytestmark = pytest.mark.django_db
JSON = "application/json"


@pytest.fixture
def client(client: Client, monkeypatch: pytest.MonkeyPatch) -> Client:
    """Signed in as staff."""
    client.force_login(create_user(is_staff=True))
    return client


def post(client: Client, path: str) -> Any:
    """A POST without a body; the test client's own sends an empty form."""
    return client.generic("POST", path)


@pytest.mark.parametrize("path", ["/apps/billing", "/apps/billing/"])
def test_an_application_is_created_with_a_key_that_works(client: Client, path: str) -> None:
    response = post(client, path)
    assert response.status_code == 201
    created = response.json()
    application = Application.objects.get(pk=created["id"])
    key = key_cache.look_up(created["ingest_key"])
    assert created.keys() == {"id", "name", "ingest_key", "created_at"}
    assert created["name"] == application.name == "billing"
    assert created["created_at"].endswith("Z")
    assert response["Location"] == f"/apps/{application.pk}"
    assert key is not None
    assert (key.application_id, key.kind) == (application.pk, Key.INGEST)


def test_the_body_may_carry_a_description_and_the_days_of_retention(client: Client) -> None:
    body = {"description": "Invoices", "retention_days": 30}
    assert client.post("/apps/billing", body, JSON).status_code == 201
    application = Application.objects.get()
    assert (application.description, application.retention_days) == ("Invoices", 30)


def test_whoever_creates_an_application_becomes_its_admin(client: Client) -> None:
    post(client, "/apps/billing")
    membership = Membership.objects.get()
    assert membership.role == Membership.ADMIN
    assert membership.user == User.objects.get()


@pytest.mark.parametrize(
    "name", ["Billing", "1billing", "billing-", "a--b", "a b", "%C3%A4", "%00", "a%0A", "a" * 65]
)
def test_a_name_that_is_not_usable_is_a_400_that_names_the_field(client: Client, name: str) -> None:
    response = post(client, f"/apps/{name}")
    assert response.status_code == 400
    assert response.json()["errors"].keys() == {"name"}
    assert not Application.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"retention_days": 0}, "retention_days"),
        ({"retention_days": "soon"}, "retention_days"),
        ({"retention_days": 10**30}, "retention_days"),
        ({"description": ["x"]}, "description"),
        ({"description": "\ud800"}, "description"),
        ({"description": "\x00"}, "description"),
        ([], "detail"),
    ],
)
def test_a_body_that_is_not_usable_is_a_400_that_names_the_field(
    client: Client, body: Any, field: str
) -> None:
    response = client.post("/apps/billing", body, JSON)
    assert response.status_code == 400
    assert response.json()["errors"].keys() == {field}


def test_a_taken_name_is_a_409(client: Client) -> None:
    create_application("billing")
    response = post(client, "/apps/billing")
    assert response.status_code == 409
    assert response.json() == {
        "errors": {"name": ["An application named 'billing' exists already."]}
    }


@pytest.mark.django_db(transaction=True)
def test_of_two_who_ask_for_a_name_at_once_one_gets_it() -> None:
    user = create_user(is_staff=True)
    together = Barrier(2)
    statuses: list[int] = []

    def create() -> None:
        client = Client()
        client.force_login(user)
        together.wait()
        statuses.append(post(client, "/apps/billing").status_code)
        connections.close_all()

    threads = [Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [201, 409]
    assert Key.objects.count() == 1


def test_an_application_is_shown_with_its_valid_keys_and_no_secret(client: Client) -> None:
    application = create_application("billing")
    issued = keys.issue(application, Key.INGEST, label="web")
    keys.revoke(keys.issue(application, Key.INGEST).key)
    response = client.get(f"/apps/{application.pk}/")
    assert response.status_code == 200
    shown = response.json()
    assert issued.secret not in response.content.decode()
    assert shown == {
        "id": application.pk,
        "name": "billing",
        "description": "",
        "created_at": application.created_at.isoformat().replace("+00:00", "Z"),
        "retention_days": None,
        "active": True,
        "keys": [
            {
                "prefix": issued.secret[:8],
                "kind": "ingest",
                "label": "web",
                "created_at": issued.key.created_at.isoformat().replace("+00:00", "Z"),
                "expires_at": None,
                "last_used_at": None,
            }
        ],
    }


@pytest.mark.parametrize(
    "app_id", ["0", "999999999", "9" * 19, "9" * 5_000, "billing", "1_0", "%201", "-1", "%D9%A1"]
)
def test_what_is_no_id_of_an_application_is_a_404(client: Client, app_id: str) -> None:
    create_application("billing")
    response = client.get(f"/apps/{app_id}")
    assert response.status_code == 404
    assert response.json() == {"errors": {"detail": ["There is no such application."]}}


def test_the_list_is_paged_in_the_order_of_names(client: Client) -> None:
    for name in ["c", "a", "b"]:
        create_application(name)

    def page(query: str) -> tuple[list[str], int | None]:
        answer = client.get(f"/apps{query}").json()
        return [item["name"] for item in answer["items"]], answer["next_offset"]

    assert page("") == (["a", "b", "c"], None)
    assert page("/?limit=2") == (["a", "b"], 2)
    assert page("/?limit=2&offset=2") == (["c"], None)
    assert page("?offset=9") == ([], None)


def test_the_list_can_be_searched_by_a_part_of_the_name(client: Client) -> None:
    for name in ["billing", "my-billing", "shop"]:
        create_application(name)
    items = client.get("/apps/?q=ILL").json()["items"]
    assert [item["name"] for item in items] == ["billing", "my-billing"]
    assert client.get("/apps/?q=%25").json()["items"] == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=51", "limit"),
        ("limit=many", "limit"),
        ("offset=-1", "offset"),
        ("offset=99999999999999999999", "offset"),
        ("q=%00", "q"),
    ],
)
def test_a_bad_parameter_is_a_400_that_names_it(client: Client, query: str, field: str) -> None:
    response = client.get(f"/apps?{query}")
    assert response.status_code == 400
    assert response.json()["errors"].keys() == {field}


def test_a_longer_list_costs_no_more_queries(
    client: Client, django_assert_num_queries: Any
) -> None:
    for _ in range(20):
        keys.issue(create_application(), Key.INGEST)
    with django_assert_num_queries(4):  # session, user, applications, their keys
        assert len(client.get("/apps").json()["items"]) == 20


def test_one_application_costs_as_many(client: Client, django_assert_num_queries: Any) -> None:
    application = create_application()
    with django_assert_num_queries(4):
        client.get(f"/apps/{application.pk}")


@pytest.mark.parametrize("path", ["/apps", "/apps/{id}"])
def test_head_and_options_are_answered(client: Client, path: str) -> None:
    path = path.format(id=create_application().pk)
    head, get, options = client.head(path), client.get(path), client.options(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head["Content-Length"] == str(len(get.content))
    assert options.status_code == 200
    assert "GET" in options["Allow"]


def test_another_method_is_a_405_that_names_the_allowed_ones(client: Client) -> None:
    response = client.put("/apps")
    assert response.status_code == 405
    assert response["Allow"] == "GET, HEAD, OPTIONS"
    assert response.json() == {"errors": {"detail": ['Method "PUT" not allowed.']}}


def test_a_body_of_another_type_is_a_415(client: Client) -> None:
    response = client.post("/apps/billing", "<a/>", "text/xml")
    assert response.status_code == 415
    assert response.json()["errors"].keys() == {"detail"}


@pytest.mark.parametrize("path", ["/apps/billing", "/apps/other"])
def test_a_form_is_a_415_and_not_taken_for_an_empty_body(client: Client, path: str) -> None:
    assert client.post(path, {"description": "Invoices"}).status_code == 415
    assert not Application.objects.exists()


def test_a_large_body_is_a_413(client: Client) -> None:
    response = client.post("/apps/billing", {"description": "x" * 100_000}, JSON)
    assert response.status_code == 413
    assert response.json() == {"errors": {"detail": ["The body is larger than 100000 bytes."]}}


def test_a_chunked_body_is_read(settings: Any) -> None:
    settings.API_ACCESS = "open"
    request = RequestFactory().post("/apps/billing", content_type=JSON)
    request.META["CONTENT_LENGTH"] = ""
    request._stream = BytesIO(b'{"description": "Invoices"}')  # as loghandler/wsgi.py does
    request.user = AnonymousUser()
    response = ApplicationViewSet.as_view({"post": "create"})(request, app_id="billing")
    assert response.status_code == 201
    assert Application.objects.get().description == "Invoices"


@pytest.mark.parametrize("body", ["{", b"\xff", "[" * 50_000])
def test_broken_json_is_a_400(client: Client, body: Any) -> None:
    response = client.post("/apps/billing", body, JSON)
    assert response.status_code == 400
    assert response.json()["errors"].keys() == {"detail"}


def test_members_see_their_applications_alone(client: Client) -> None:
    application, _ = create_application("mine"), create_application("theirs")
    client.force_login(create_member(application))
    assert [item["name"] for item in client.get("/apps").json()["items"]] == ["mine"]


def test_the_reader_is_told_how_to_prove_who_it_is() -> None:
    response = Client().get("/apps")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer ")
    assert response.json()["errors"].keys() == {"detail"}
