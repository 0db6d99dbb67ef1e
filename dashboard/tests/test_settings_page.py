from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from applications import deletion, keys
from applications.factories import create_application, create_member, create_user
from applications.models import Application, Key, Membership

pytestmark = pytest.mark.django_db

FORMS = [
    "details",
    "retention",
    "members",
    "members/1",
    "members/1/remove",
    "keys",
    "keys/rotate",
    "keys/1/revoke",
    "keys/1/keep",
    "keep",
    "events/delete",
    "delete",
]


@pytest.fixture
def application() -> Application:
    return create_application("shop", description="Sells things")


@pytest.fixture
def client(client: Client, application: Application) -> Client:
    client.force_login(create_member(application, Membership.ADMIN))
    return client


def path(application: Application, form: str = "") -> str:
    return f"/applications/{application.pk}/settings/{form and form + '/'}"


def send(client: Client, application: Application, **values: str) -> Any:
    return client.post(path(application, "details"), values)


@pytest.mark.parametrize("form", ["", *FORMS])
def test_strangers_find_nothing_and_viewers_are_refused(
    client: Client, application: Application, form: str
) -> None:
    viewer, stranger = create_member(application), create_user()
    create_member(create_application(), Membership.ADMIN)
    for person, status in ((viewer, 403), (stranger, 404)):
        client.force_login(person)
        assert client.get(path(application, form)).status_code == status
        if form:
            assert client.post(path(application, form)).status_code == status
    client.logout()
    answer = client.post(path(application, form))
    assert answer["Location"] == f"/account/sign-in/?next={path(application, form)}"
    assert Application.objects.existing().filter(name="shop", active=True).exists()


def test_staff_may_change_settings_without_being_members(application: Application) -> None:
    client = Client()
    client.force_login(create_user(is_staff=True))
    assert client.get(path(application)).status_code == 200


def test_forms_need_the_token_of_the_page(application: Application) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(create_member(application, Membership.ADMIN))
    for form in FORMS:
        assert client.post(path(application, form), {"typed": "shop"}).status_code == 403
    assert Application.objects.existing().exists()


@pytest.mark.parametrize("form", FORMS)
def test_the_address_of_a_form_leads_to_the_page(
    client: Client, application: Application, form: str
) -> None:
    assert client.get(path(application, form))["Location"] == path(application)


def test_the_page_shows_what_is_set_and_the_keys_that_work(
    client: Client, application: Application
) -> None:
    valid = keys.issue(application, Key.INGEST, label="<b>web</b>").key
    ended = keys.issue(application, Key.READ).key
    other = keys.issue(create_application(), Key.READ).key
    keys.revoke(ended)
    page = client.get(path(application)).content.decode()
    assert 'value="Sells things"' in page
    assert f"<code>{valid.prefix}…</code>" in page
    assert "&lt;b&gt;web&lt;/b&gt;" in page
    assert "never used" in page
    assert ended.prefix not in page
    assert other.prefix not in page


def test_members_and_keys_cost_a_constant_number_of_queries(
    client: Client, application: Application, django_assert_num_queries: Any
) -> None:
    # session, user, application, whether an admin, keys, traffic, the status page, its monitors and
    # all monitors, members
    for _ in range(2):
        for _ in range(5):
            create_member(application)
            keys.issue(application, Key.READ)
        with django_assert_num_queries(10):
            client.get(path(application))


def test_details_are_saved(client: Client, application: Application) -> None:
    answer = send(client, application, name="store", description="", active="on")
    assert answer.url == path(application) + "#top"
    application.refresh_from_db()
    assert (application.name, application.description) == ("store", "")
    assert application.active
    assert "The details are saved." in client.get(path(application)).content.decode()


def test_an_unchecked_box_makes_it_inactive(client: Client, application: Application) -> None:
    send(client, application, name="shop")
    application.refresh_from_db()
    assert not application.active
    assert '<span class="pill">inactive</span>' in client.get(path(application)).content.decode()


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Shop", "Use lower-case letters"),
        ("taken", "An application of this name exists already."),
        ("", "This field is required."),
    ],
)
def test_what_is_wrong_is_told_beside_the_field(
    client: Client, application: Application, name: str, sentence: str
) -> None:
    create_application("taken")
    page = send(client, application, name=name, active="on").content.decode()
    assert sentence in page
    assert "<h1>shop</h1>" in page
    assert 'aria-invalid="true"' in page
    application.refresh_from_db()
    assert application.name == "shop"


def test_a_name_can_be_saved_that_a_deleted_application_had(
    client: Client, application: Application
) -> None:
    deletion.want(create_application("taken"))
    send(client, application, name="taken", active="on")
    application.refresh_from_db()
    assert application.name == "taken"


def test_the_page_says_which_events_are_being_deleted(
    client: Client, application: Application
) -> None:
    assert "are being deleted" not in client.get(path(application)).content.decode()
    deletion.want_events(application, timezone.now() - timedelta(days=2))
    page = client.get(path(application)).content.decode()
    assert "are being deleted" in page
    assert 'data-refresh="3"' in page
