import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from applications.factories import create_application, create_user
from applications.models import Application, Key, Membership
from events.models import Event
from ingest import demo, pipeline
from ingest.demo_services.plot import plot
from ingest.factories import create_batch, create_record
from ingest.group_commit import Busy, GroupCommit
from ingest.tests.agreement import differences
from loghandler import partitions
from stats import retention
from stats.models import HourCount
from traffic.models import Request

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
NAMES = ["demo-payments", "demo-search", "demo-shop"]


@pytest.fixture
def brief(settings: Any) -> None:
    """An installation that keeps a day: a seventh of the work for most of these tests."""
    settings.RETENTION_DAYS = 1


def rows() -> dict[str, list[tuple[Any, ...]]]:
    """Table → its rows, of every application."""
    found = {}
    with connection.cursor() as cursor:
        for model in partitions.partitioned_models():
            cursor.execute(f"SELECT * FROM {model._meta.db_table} ORDER BY 1, 2, 3, 4")  # noqa: S608
            found[model._meta.db_table] = cursor.fetchall()
    return found


def disagreements() -> dict[str, int]:
    with connection.cursor() as cursor:
        return differences(cursor)


def test_a_week_of_three_services_is_loaded_with_its_statistics() -> None:
    now = datetime.now(UTC)
    applications = demo.load(now=now)
    assert [application.name for application in applications] == NAMES
    assert all(application.demo and application.active for application in applications)
    assert disagreements() == {}
    moments = list(Event.objects.order_by("received_at").values_list("received_at", flat=True))
    assert 12_000 < len(moments) < 20_000
    assert now - 7 * DAY <= moments[0] < now - 6.9 * DAY
    assert now - 0.02 * DAY < moments[-1] < now
    for application in applications:
        assert Key.objects.valid().filter(application=application).count() == 1


@pytest.mark.usefixtures("brief")
def test_loading_again_changes_nothing() -> None:
    first = demo.load()
    before = rows()
    assert demo.load() == first
    assert rows() == before
    assert Application.objects.count() == 3


@pytest.mark.usefixtures("brief")
def test_the_same_moment_has_the_same_story() -> None:
    now = datetime.now(UTC)
    stories = []
    for _ in range(2):
        demo.load(now=now)
        shown = Event.objects.order_by("received_at", "message", "trace_id")
        stories.append(list(shown.values_list("received_at", "message", "trace_id", "data")))
        demo.remove()
    assert stories[0] == stories[1]


@pytest.mark.usefixtures("brief")
def test_removing_leaves_nothing_of_it_and_touches_nothing_else() -> None:
    other = create_application()
    now = datetime.now(UTC)
    for days in range(3):
        batch = create_batch(create_record(), create_record("Other", level=20))
        pipeline.accept(other.pk, batch, received_at=now - days * DAY)
    before = rows()
    demo.load(admin=create_user())
    loaded = sum(map(len, rows().values()))
    removed = demo.remove()
    assert removed == loaded - sum(map(len, before.values()))
    assert rows() == before
    assert list(Application.objects.all()) == [other]
    assert not Key.objects.exists()
    assert not Membership.objects.exists()
    assert disagreements() == {}
    assert not demo.loaded()
    assert demo.remove() == 0


@pytest.mark.usefixtures("brief")
def test_an_application_of_a_team_that_has_the_name_stays_as_it_is() -> None:
    taken = create_application("demo-shop")
    assert [item.name for item in demo.load()] == ["demo-payments", "demo-search", "demo-shop-2"]
    assert not Event.objects.of(taken.pk).exists()
    demo.remove()
    assert Application.objects.get() == taken


@pytest.mark.parametrize("days", [1, 3])
def test_nothing_is_loaded_that_the_installation_does_not_keep(days: int, settings: Any) -> None:
    settings.RETENTION_DAYS = days
    now = datetime.now(UTC)
    demo.load(now=now)
    before = Event.objects.count()
    oldest = Event.objects.newest_first().reverse()[0].received_at
    assert now - days * DAY <= oldest < now - days * DAY + DAY / 4
    retention.prune(now)
    assert Event.objects.count() == before


@pytest.mark.usefixtures("brief")
def test_who_loads_it_becomes_an_admin_of_its_applications() -> None:
    user = create_user()
    applications = demo.load(admin=user)
    assert set(user.memberships.values_list("application__name", "role")) == {
        (application.name, "admin") for application in applications
    }


@pytest.mark.usefixtures("brief")
def test_where_storing_fails_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    accept, calls = pipeline.accept, []

    def busy_at_last(*args: Any, **options: Any) -> Any:
        calls.append(args)
        if len(calls) == 3:
            raise Busy("Too many events are waiting to be written.")
        return accept(*args, **options)

    monkeypatch.setattr(pipeline, "accept", busy_at_last)
    with pytest.raises(CommandError, match=r"Nothing was loaded\. Too many events"):
        call_command("load_demo")
    assert not Application.objects.exists()
    assert not any(rows().values())


@pytest.mark.usefixtures("brief")
def test_the_rest_api_shows_them_as_any_application() -> None:
    (application, *_others) = demo.load()
    ordinary = create_application()
    user = create_user(is_staff=True)
    client = Client()
    client.force_login(user)
    shown = [client.get(f"/apps/{pk}").json() for pk in (application.pk, ordinary.pk)]
    assert shown[0].keys() == shown[1].keys()
    assert "demo" not in shown[0]


def said(*arguments: str) -> str:
    out = StringIO()
    call_command("load_demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.usefixtures("brief")
def test_the_command_loads_and_removes() -> None:
    assert said().startswith("The demo is loaded: demo-payments, demo-search, demo-shop.\n")
    answer = json.loads(said("--json"))
    assert [item["name"] for item in answer["applications"]] == NAMES
    assert Application.objects.of_the_demo().count() == 3
    stored = sum(map(len, rows().values()))
    assert said("--remove") == f"Removed the demo and {stored:,} rows of its data.\n"
    assert not Application.objects.exists()
    with pytest.raises(CommandError, match="There is no demo"):
        said("--remove")


@pytest.fixture
def _writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The group commit of a process, closed at the end."""
    writer = GroupCommit(pipeline.connect, queue_events=50_000, timeout=20)
    monkeypatch.setattr(pipeline, "committer", lambda: writer)
    yield
    writer.close()


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("brief", "_writer")
def test_two_who_press_the_button_at_once_get_one_demo() -> None:
    def load() -> list[Application]:
        try:
            return demo.load()
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as presses:
        first, second = [
            pressed.result() for pressed in [presses.submit(load), presses.submit(load)]
        ]
    assert first == second
    assert Application.objects.count() == 3
    assert disagreements() == {}
    demo.remove()
    assert HourCount.objects.count() == 0


@pytest.mark.usefixtures("brief")
def test_the_requests_tell_the_same_story_as_the_events() -> None:
    now = datetime.now(UTC) - timedelta(minutes=5)  # as if loading them took so long
    applications = demo.load(now=now)
    for application in applications:
        moments = Request.objects.of(application.pk).values_list("occurred_at", flat=True)
        assert 200 < len(moments) < 4_000
        assert now - DAY <= min(moments) <= max(moments) < now
    (shop,) = [each for each in applications if each.name == "demo-shop"]
    week = plot(now)
    checkouts = Request.objects.of(shop.pk).filter(route="/checkout")
    broken = [request for request in checkouts if week.in_regression(request.occurred_at)]
    assert {request.release for request in broken} == {"4.19.0"}
    assert sum(request.status == 500 for request in broken) > len(broken) / 4
