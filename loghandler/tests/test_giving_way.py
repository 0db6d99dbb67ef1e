"""Pages wait for their turn while something is sent, not longer than they must, else never."""

import time
from multiprocessing import get_context

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client

from applications.factories import create_application, create_key
from loghandler import giving_way

PAGE = 0.2  # seconds that a page takes here


class Clock:
    """Time that passes where somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.sent_always = False

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        if self.sent_always:
            giving_way.sending()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(giving_way, "time", clock)
    monkeypatch.setattr(giving_way, "_sent", memoryview(bytearray(8)).cast("d"))
    return clock


def seconds_of(clock: Clock, pages: int) -> list[float]:
    """How long each of so many pages waits, asked for one right after the other."""
    waited = []

    def page(request: HttpRequest) -> HttpResponse:
        waited.append(clock.now - asked)
        clock.sleep(PAGE)
        return HttpResponse()

    answer = giving_way.middleware(page)
    for _ in range(pages):
        asked = clock.now
        answer(HttpRequest())
    return waited


def test_nobody_waits_where_nothing_is_sent(clock: Clock) -> None:
    assert seconds_of(clock, 50) == [0] * 50


def test_after_each_page_there_is_time_for_events(clock: Clock) -> None:
    clock.sent_always = True
    giving_way.sending()
    *_, last = seconds_of(clock, 50)
    assert last == pytest.approx(PAGE * giving_way.PAUSE, abs=2 * giving_way.STEP)


def test_who_waits_goes_on_once_nothing_is_sent_any_more(clock: Clock) -> None:
    turns = giving_way.Turns()
    turns.taken(8 * PAGE)
    turns.take()
    giving_way.sending()
    before = clock.now
    turns.take()
    assert clock.now - before == pytest.approx(giving_way.BUSY, abs=2 * giving_way.STEP)


def test_a_page_waits_no_longer_than_the_most(clock: Clock) -> None:
    clock.sent_always = True
    turns = giving_way.Turns()
    turns.taken(8 * 60)  # a minute
    giving_way.sending()
    turns.take()
    before = clock.now
    turns.take()
    assert clock.now - before == pytest.approx(giving_way.MOST, abs=2 * giving_way.STEP)


def test_a_page_that_fails_gives_its_turn_back(clock: Clock) -> None:
    def page(request: HttpRequest) -> HttpResponse:
        raise RuntimeError("a bug")

    answer = giving_way.middleware(page)
    for _ in range(2):
        with pytest.raises(RuntimeError):
            answer(HttpRequest())


@pytest.mark.django_db
def test_who_sends_is_noticed() -> None:
    application = create_application()
    headers = {"X-INGEST-KEY": create_key(application)}
    before = time.monotonic()
    Client(headers=headers).post(
        f"/apps/{application.pk}/events", {"message": "Boom"}, content_type="application/json"
    )
    assert giving_way._sent[0] > before


def test_one_worker_notices_what_is_sent_to_another() -> None:
    before = time.monotonic()
    process = get_context("fork").Process(target=giving_way.sending)
    process.start()
    process.join()
    assert giving_way._sent[0] > before
