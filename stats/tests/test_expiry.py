"""What is unused for long is marked, told to its owners twice, and goes after a whole grace."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from smtplib import SMTPRecipientsRefused
from threading import Thread
from typing import Any

import psycopg
import pytest
import time_machine
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, connections, transaction
from pytest_django import DjangoAssertNumQueries

from applications import expiry as rules
from applications import keys
from applications.factories import create_application, create_member, create_user
from applications.models import Application, ExpiryWatch, Key, Membership
from events.models import Event
from ingest import pipeline
from ingest.factories import create_batch, create_record, create_requests
from loghandler import background, database_lock
from stats import deletions, expiry
from traffic.factories import create_request_record

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 21, 10, 30, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LONG_AGO = NOW - 200 * DAY
# The first midnight after a whole grace of 30 days.
END = datetime(2026, 12, 22, tzinfo=UTC)
REMINDER = END - 7 * DAY


@pytest.fixture(autouse=True)
def _settings(settings: Any) -> Iterator[None]:
    settings.EXPIRY_DAYS, settings.EXPIRY_GRACE_DAYS = 183, 30
    settings.KEY_CACHE_SECONDS = 0
    settings.RETENTION_DAYS = 365
    keys._marked.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def unused() -> Application:
    """One that nobody has ever used, and somebody who owns it."""
    return owned("shop", "ann@example.com")


def owned(name: str, *addresses: str, **fields: Any) -> Application:
    application = create_application(name, **{"created_at": LONG_AGO, **fields})
    for address in addresses:
        owner = create_user(email=address)
        Membership.objects.create(application=application, user=owner, role=Membership.ADMIN)
    return application


def key_of(application: Application, last_used_at: datetime | None = None, **fields: Any) -> Key:
    key = keys.issue(application, Key.INGEST).key
    values = {"created_at": LONG_AGO, "last_used_at": last_used_at, **fields}
    Key.objects.filter(pk=key.pk).update(**values)
    return Key.objects.get(pk=key.pk)


def look(moment: datetime = NOW) -> None:
    """A round at this moment, an hour after the one before: the service was there all the time."""
    ExpiryWatch.objects.update(seen_at=moment - HOUR)
    look_after_a_while(moment)


def look_after_a_while(moment: datetime) -> None:
    with time_machine.travel(moment, tick=False):
        expiry.carry_out()


def again(thing: Any) -> Any:
    return type(thing).objects.get(pk=thing.pk)


def marked() -> list[str]:
    return [application.name for application in Application.objects.marked()]


def exists(application: Application) -> bool:
    return Application.objects.existing().filter(pk=application.pk).exists()


# --- What use is -----------------------------------------------------------------------------


def test_an_application_that_nobody_uses_is_marked_with_its_last_use(unused: Application) -> None:
    key_of(unused, LONG_AGO + 10 * DAY)
    look()
    assert again(unused).unused_since == LONG_AGO + 10 * DAY


@pytest.mark.parametrize(("days", "expected"), [(182, []), (183, []), (184, ["shop"])])
def test_a_young_application_is_in_use(days: int, expected: list[str]) -> None:
    create_application("shop", created_at=NOW - days * DAY)
    look()
    assert marked() == expected


@pytest.mark.parametrize("kind", [Key.INGEST, Key.READ])
def test_an_application_is_in_use_while_any_of_its_keys_is(unused: Application, kind: str) -> None:
    key_of(unused)
    key_of(unused, NOW - 100 * DAY, kind=kind)
    look()
    assert marked() == []


def test_the_use_of_a_key_that_has_ended_meanwhile_counts(unused: Application) -> None:
    key_of(unused, NOW - 100 * DAY, revoked_at=NOW - 90 * DAY)
    look()
    assert marked() == []


def test_whoever_makes_a_key_is_going_to_use_the_application(unused: Application) -> None:
    key_of(unused, created_at=NOW - 182 * DAY)
    look()
    assert marked() == []
    look(NOW + 2 * DAY)
    assert marked() == ["shop"]


def test_events_and_requests_that_come_without_a_key_are_use() -> None:
    told, asked, silent = (owned(name) for name in ("told", "asked", "silent"))
    at = NOW - 100 * DAY
    pipeline.accept(told.pk, create_batch(create_record("It works")), received_at=at)
    batch = create_requests(create_request_record(occurred_at=at))
    pipeline.accept(asked.pk, batch, received_at=at)
    old = LONG_AGO + DAY
    pipeline.accept(silent.pk, create_batch(create_record("It worked")), received_at=old)
    look()
    assert marked() == ["silent"]
    assert again(silent).unused_since == old


def test_what_arrives_without_a_key_unmarks_too(unused: Application) -> None:
    look()
    pipeline.accept(unused.pk, create_batch(create_record("It works")), received_at=NOW)
    look(NOW + HOUR)
    assert marked() == []


def test_an_unused_key_of_an_application_in_use_is_marked(unused: Application) -> None:
    used, idle = key_of(unused, NOW - DAY), key_of(unused, LONG_AGO)
    ended = key_of(unused, LONG_AGO, revoked_at=NOW - DAY)
    young = key_of(unused, created_at=NOW - DAY)
    look()
    assert list(Key.objects.marked()) == [idle]
    assert again(idle).unused_since == LONG_AGO
    assert marked() == []
    assert {again(key).unused_since for key in (used, ended, young)} == {None}


def test_the_keys_of_an_unused_application_go_with_it_alone(unused: Application) -> None:
    idle, used = key_of(unused), key_of(unused, NOW - 180 * DAY)
    look()
    assert list(Key.objects.marked()) == [idle]
    look(NOW + 4 * DAY)
    assert again(used).last_used_at < NOW + 4 * DAY - 183 * DAY
    assert marked() == ["shop"]
    assert not Key.objects.marked().exists()


def test_the_demo_and_what_is_deleted_do_not_expire(unused: Application) -> None:
    create_application("demo-shop", created_at=LONG_AGO, demo=True)
    create_application("gone", created_at=LONG_AGO, deleted_at=NOW)
    look()
    assert marked() == ["shop"]


def test_zero_days_are_forever(unused: Application, settings: Any) -> None:
    look()
    assert marked() == ["shop"]
    settings.EXPIRY_DAYS = 0
    look(END + HOUR)
    assert marked() == []
    assert exists(unused)


# --- Used again, and kept --------------------------------------------------------------------


def test_what_is_used_again_is_unmarked_within_a_minute(unused: Application) -> None:
    key = key_of(unused)
    look()
    with time_machine.travel(NOW + DAY, tick=False):
        keys.mark_used(key.pk)
        rules.unmark_used()
    found = again(unused)
    assert (found.unused_since, found.warned_at, found.grace_ends_at) == (None, None, None)
    [upkeep] = [each for each in background.UPKEEP if each.work is rules.unmark_used]
    assert upkeep.cron == background.EVERY_MINUTE


def test_a_use_in_the_last_moment_prevents_the_end(unused: Application) -> None:
    key = key_of(unused)
    look()
    look(REMINDER)
    before = END - 183 * DAY
    Key.objects.update(last_used_at=END)
    assert not rules.end(again(unused), END, before)
    Key.objects.update(last_used_at=None)
    rules.keep(unused)
    assert not rules.end(again(unused), END, before)
    assert exists(unused)
    assert again(key).revoked_at is None


@pytest.mark.django_db(transaction=True)
def test_whoever_keeps_it_while_it_ends_is_not_overruled(unused: Application) -> None:
    look()
    look(REMINDER)
    ended: list[bool] = []

    def end() -> None:
        ended.append(rules.end(unused, END, END - 183 * DAY))
        connections.close_all()

    with transaction.atomic():
        rules.keep(unused)
        ending = Thread(target=end)
        ending.start()
        ending.join(0.3)
        assert ending.is_alive()  # it waits for us
    ending.join()
    assert ended == [False]
    assert exists(unused)


def test_what_is_kept_begins_anew_with_all_of_its_keys(unused: Application) -> None:
    idle = key_of(unused)
    look()
    with time_machine.travel(NOW + DAY, tick=False):
        rules.keep(unused)
    assert marked() == []
    look(NOW + 2 * DAY)
    assert marked() == []
    assert again(idle).unused_since is None
    look(NOW + 185 * DAY)
    assert marked() == ["shop"]
    assert again(unused).unused_since == NOW + DAY


def test_a_key_is_kept_by_itself(unused: Application) -> None:
    key_of(unused, NOW - DAY)
    one, other = key_of(unused), key_of(unused)
    look()
    rules.keep(one)
    look(NOW + HOUR)
    assert list(Key.objects.marked()) == [other]


# --- Telling the owners ----------------------------------------------------------------------


def test_owners_are_told_once_when_it_is_found_and_once_before_it_ends(
    unused: Application,
) -> None:
    for moment in (NOW, NOW + HOUR, REMINDER - HOUR):
        look(moment)
    (warning,) = mail.outbox
    assert warning.to == ["ann@example.com"]
    assert warning.subject == "shop is unused and will be deleted on 22 December 2026"
    assert "unused since 5 May 2026, will be deleted on 22 December 2026" in warning.body
    assert f"/applications/{unused.pk}/\n" in warning.body
    assert "You will be reminded once" in warning.body
    for moment in (REMINDER, REMINDER + HOUR, END - HOUR):
        look(moment)
    reminder = mail.outbox[1]
    assert reminder.subject == f"Reminder: {warning.subject}"
    assert "This is the last mail about it." in reminder.body
    look(END)
    assert len(mail.outbox) == 2
    assert not exists(unused)


def test_a_mail_tells_of_all_that_the_same_people_own(settings: Any) -> None:
    settings.URL = "https://logs.example.com"
    ann = create_user(email="ann@example.com")
    for name in ("billing", "shop"):
        Membership.objects.create(application=owned(name), user=ann, role=Membership.ADMIN)
    active = create_application("active", created_at=NOW - DAY)
    Membership.objects.create(application=active, user=ann, role=Membership.ADMIN)
    key = key_of(active, label="<old> & 'tired'")
    owned("search", "bob@example.com", "cid@example.com")
    look()
    first, second = sorted(mail.outbox, key=lambda message: message.to)
    assert first.subject == "3 of your applications and keys are unused and will be deleted"
    assert f"- The ingest key {key.prefix}… of active (\"<old> & 'tired'\")," in first.body
    assert "will be revoked on 22 December 2026" in first.body
    assert f"https://logs.example.com/applications/{active.pk}/settings/#keys" in first.body
    assert second.to == ["bob@example.com", "cid@example.com"]
    assert "billing" not in second.body


def test_only_admins_who_may_sign_in_are_told(unused: Application) -> None:
    create_member(unused)
    for fields in ({"email": "left@example.com", "is_active": False}, {"email": "no address"}):
        user = create_user(**fields)
        Membership.objects.create(application=unused, user=user, role=Membership.ADMIN)
    create_user(email="staff@example.com", is_staff=True)
    look()
    assert [message.to for message in mail.outbox] == [["ann@example.com"]]


def test_staff_are_told_where_no_admin_can_be() -> None:
    application = owned("shop", "")
    create_user(email="staff@example.com", is_staff=True)
    create_user(email="left@example.com", is_staff=True, is_active=False)
    look()
    assert [message.to for message in mail.outbox] == [["staff@example.com"]]
    assert again(application).grace_ends_at == END


@pytest.mark.parametrize("backend", ["dummy", "locmem"])
def test_without_mail_or_addresses_the_dashboard_is_the_warning(
    settings: Any, backend: str
) -> None:
    settings.EMAIL_BACKEND = f"django.core.mail.backends.{backend}.EmailBackend"
    application = owned("shop", "ann@example.com" if backend == "dummy" else "")
    look()
    assert (again(application).warned_at, again(application).grace_ends_at) == (NOW, END)
    assert mail.outbox == []
    look(REMINDER)
    look(END)
    assert not exists(application)


def test_the_grace_begins_when_the_mail_is_out(
    unused: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(self: EmailBackend, messages: Any) -> int:
        raise ConnectionRefusedError("no mail today")

    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "send_messages", refuse)
        look()
        look(NOW + 100 * DAY)
    found = again(unused)
    assert found.unused_since is not None
    assert (found.warned_at, found.grace_ends_at) == (None, None)
    assert "no mail today" in caplog.text
    look(NOW + 100 * DAY + HOUR)
    assert len(mail.outbox) == 1
    assert again(unused).grace_ends_at > NOW + 130 * DAY


def test_a_mail_server_that_is_away_is_asked_once_a_round(
    unused: Application, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    owned("search", "bob@example.com")

    def away(self: EmailBackend) -> None:
        raise TimeoutError("nobody answers")

    monkeypatch.setattr(EmailBackend, "open", away)
    look()
    assert caplog.text.count("nobody answers") == 1
    assert not Application.objects.filter(warned_at__isnull=False).exists()


def test_owners_whom_the_mail_server_does_not_know_hold_nothing_up(
    unused: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: EmailBackend, messages: Any) -> int:
        raise SMTPRecipientsRefused({"ann@example.com": (550, b"no such user")})

    monkeypatch.setattr(EmailBackend, "send_messages", refuse)
    look()
    assert again(unused).grace_ends_at == END


def test_a_reminder_that_is_late_puts_the_end_off(
    unused: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    look()
    with monkeypatch.context() as patched:
        patched.setattr(EmailBackend, "open", lambda self: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            look(REMINDER)
    look(END + DAY)
    assert len(mail.outbox) == 2
    assert exists(unused)
    assert again(unused).grace_ends_at == END + DAY + 3.5 * DAY


def test_what_is_kept_while_its_owners_are_told_stays_so(
    unused: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    send = EmailBackend.send_messages

    def keep_meanwhile(self: EmailBackend, messages: Any) -> Any:
        rules.keep(unused)
        return send(self, messages)

    monkeypatch.setattr(EmailBackend, "send_messages", keep_meanwhile)
    look()
    assert (again(unused).unused_since, again(unused).grace_ends_at) == (None, None)


def test_a_second_worker_tells_nobody_again(unused: Application) -> None:
    with psycopg.connect(**connection.get_connection_params()) as first:
        first.execute(database_lock.CLAIM, [expiry.LOCK])
        look()
        assert mail.outbox == []
        assert marked() == []
        first.execute(database_lock.GIVE_UP, [expiry.LOCK])
    look()
    look()
    assert len(mail.outbox) == 1


# --- The end ---------------------------------------------------------------------------------


def test_an_unused_application_goes_as_if_its_owner_had_deleted_it() -> None:
    gone, kept = owned("shop"), create_application("kept", created_at=NOW - DAY)
    for application, at in ((gone, LONG_AGO), (kept, NOW)):
        pipeline.accept(application.pk, create_batch(create_record("a")), received_at=at)
    for moment in (NOW, REMINDER, END - HOUR):
        look(moment)
    assert exists(gone)
    look(END)
    assert not exists(gone)
    with time_machine.travel(END + HOUR, tick=False):
        while deletions.carry_out():
            pass
    assert list(Application.objects.all()) == [kept]
    assert set(Event.objects.values_list("application_id", flat=True)) == {kept.pk}


def test_an_unused_key_is_revoked_and_the_application_stays(unused: Application) -> None:
    used, idle = key_of(unused, NOW), key_of(unused)
    for moment in (NOW, REMINDER, END):
        look(moment)
    assert again(idle).revoked_at == END
    assert again(used).revoked_at is None
    assert exists(unused)
    look(END + HOUR)
    assert again(idle).revoked_at == END
    assert len(mail.outbox) == 2


def test_each_step_is_logged(unused: Application, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        for moment in (NOW, REMINDER, END):
            look(moment)
    lines = [record.getMessage() for record in caplog.records]
    assert lines == [
        "The application shop is unused since 2026-05-05 10:30:00+00:00.",
        "The application shop is to end on 2026-12-22 00:00:00+00:00; owners told by mail: 1.",
        "The application shop is to end on 2026-12-22 00:00:00+00:00; owners told by mail: 1.",
        "The application shop ends: unused since 2026-05-05 10:30:00+00:00.",
    ]


def test_a_shorter_grace_breaks_no_promise(unused: Application, settings: Any) -> None:
    look()
    settings.EXPIRY_GRACE_DAYS = 1
    look(NOW + 10 * DAY)
    assert again(unused).grace_ends_at == END
    assert exists(unused)


# --- Clocks that jump, servers that were off -------------------------------------------------


def test_the_time_of_an_absence_is_nobodys_grace(unused: Application) -> None:
    look()
    look_after_a_while(NOW + 5 * DAY)
    assert again(unused).grace_ends_at == END + 5 * DAY


def test_after_a_year_off_use_counts_anew_and_nothing_goes(unused: Application) -> None:
    key_of(unused)
    look()
    look(REMINDER)
    back = END + 365 * DAY
    look_after_a_while(back)
    assert exists(unused)
    assert marked() == []
    look(back + 183 * DAY)
    assert marked() == []
    look(back + 184 * DAY)
    assert marked() == ["shop"]
    assert again(unused).grace_ends_at > back + 214 * DAY
    assert exists(unused)


def test_a_clock_that_jumps_ahead_and_back_ends_nothing(unused: Application) -> None:
    look()
    look(REMINDER)
    for jump in (4000 * DAY, timedelta(0), -4000 * DAY, HOUR):
        look_after_a_while(REMINDER + jump)
        assert exists(unused)
        assert marked() == []
    assert len(mail.outbox) == 2


def test_rounds_on_the_hour_are_no_absence(unused: Application) -> None:
    for hours in range(30):
        look_after_a_while(NOW + hours * HOUR)
    assert again(unused).grace_ends_at == END


def test_a_thousand_in_use_cost_no_more_queries_than_one(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    look()
    for count in (1, 50):
        for number in range(count):
            key_of(create_application(f"app-{count}-{number}"), NOW)
        with django_assert_max_num_queries(20):
            look()
