"""Refusals in memory: bounded, written together, kept while the database is away."""

import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime

import pytest
from django.db import OperationalError

from ingest import refusal_recorder
from ingest.refusal_recorder import Recorder
from ingest.refusal_tally import (
    MOST_COUNTS,
    MOST_REASONS,
    MOST_UNPROVEN,
    OTHER,
    Count,
    Tally,
    count_of,
    reason_of,
)
from loghandler.tests.running import eventually

AT = datetime(2026, 11, 21, 8, 30, tzinfo=UTC)
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def refusal(application_id: int = 1, reason: str = "There is no such key.", n: int = 1) -> Count:
    return count_of(application_id, 401, reason, at=AT, n=n)


def different(number: int) -> list[Count]:
    """Refusals for as many reasons, of as many letters: numbers make no difference."""
    return [
        refusal(1, f"{LETTERS[n // 26 % 26]}{LETTERS[n % 26]}{LETTERS[n // 676]}")
        for n in range(number)
    ]


class Database:
    """Takes counts as the log does, and can be away."""

    def __init__(self) -> None:
        self.writes: list[Sequence[Count]] = []
        self.failure: Exception | None = None
        self.tries = 0
        self.free = threading.Event()
        self.free.set()

    def write(self, counts: Sequence[Count]) -> set[int]:
        self.tries += 1
        assert self.free.wait(20)
        if self.failure:
            raise self.failure
        self.writes.append(counts)
        return {count.application_id for count in counts}

    @property
    def n(self) -> int:
        return sum(count.n for counts in self.writes for count in counts)


Start = Callable[[Database], Recorder]


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    monkeypatch.setattr(refusal_recorder, "PAUSE_SECONDS", 0.01)
    started: list[Recorder] = []

    def started_recorder(database: Database) -> Recorder:
        started.append(Recorder(database.write))
        return started[-1]

    yield started_recorder
    for recorder in started:
        recorder.close()


def test_the_first_refusal_is_written_at_once(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refusal_recorder, "PAUSE_SECONDS", 3600.0)
    database = Database()
    start(database).note([refusal()])
    assert eventually(lambda: database.n == 1)


def test_thousands_of_refusals_are_one_write(start: Start) -> None:
    database = Database()
    recorder = start(database)
    database.free.clear()
    recorder.note([refusal()])
    assert eventually(lambda: database.tries == 1)
    for _ in range(5_000):
        recorder.note([refusal()])
    database.free.set()
    recorder.close()
    assert [len(counts) for counts in database.writes] == [1, 1]
    assert database.n == 5_001


def test_what_is_left_is_written_at_the_end(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusal_recorder, "PAUSE_SECONDS", 3600.0)
    database = Database()
    recorder = start(database)
    recorder.note([refusal()])
    assert eventually(lambda: database.n == 1)
    recorder.note([refusal()])
    assert database.n == 1
    recorder.close()
    assert database.n == 2


def test_a_database_that_comes_back_is_told_what_happened_meanwhile(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database()
    database.failure = OperationalError("gone")
    recorder = start(database)
    recorder.note([refusal()])
    assert eventually(lambda: database.tries > 2)
    recorder.note([refusal(), refusal(reason="Another.")])
    database.failure = None
    assert eventually(lambda: database.n == 3)
    assert [record.message for record in caplog.records] == [
        "Refusals can't be recorded at the moment: gone"
    ]


def test_a_database_that_stays_away_fills_no_memory_and_what_is_lost_is_said(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database()
    database.failure = OperationalError("gone")
    recorder = start(database)
    for application_id in range(3_000):
        recorder.note([refusal(application_id)])
    assert len(recorder._tally) <= MOST_UNPROVEN
    recorder.close()
    assert database.n == 0
    lost = [int(r.message.split()[0]) for r in caplog.records if r.levelno == logging.WARNING]
    assert sum(lost) == 3_000


def test_a_fault_of_ours_costs_what_was_noted_and_not_the_thread(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database()
    database.failure = ValueError("ours")
    recorder = start(database)
    recorder.note([refusal(n=7)])
    assert eventually(lambda: "7 refusals were not recorded" in caplog.text)
    database.failure = None
    recorder.note([refusal()])
    assert eventually(lambda: database.n == 1)


def test_made_up_applications_do_not_crowd_out_those_that_exist() -> None:
    tally = Tally(proven={1})
    for application_id in range(2, 2_000):
        tally.add(refusal(application_id))
    tally.add(refusal(1))
    assert len(tally) == MOST_UNPROVEN + 1
    assert tally.lost == 1_998 - MOST_UNPROVEN


def test_existing_applications_fill_no_more_than_there_is_room_for() -> None:
    tally = Tally(proven=range(2_000))
    for application_id in range(2_000):
        tally.add(refusal(application_id))
    assert (len(tally), tally.lost) == (MOST_COUNTS, 2_000 - MOST_COUNTS)


def test_made_up_reasons_do_not_crowd_out_other_applications() -> None:
    tally = Tally(proven={1, 2})
    for count in different(2_000):
        tally.add(count)
    tally.add(refusal(2))
    found = {(count.application_id, count.reason): count.n for count in tally.counts()}
    assert found[1, OTHER] == 2_000 - MOST_REASONS
    assert found[2, "There is no such key."] == 1
    assert (len(tally), tally.lost) == (MOST_REASONS + 2, 0)


def test_a_reason_names_the_fields() -> None:
    assert reason_of({"detail": ["One.", "Two."]}) == "One. Two."
    assert reason_of({"level": ["Wrong."], "tags": ["Wrong."]}) == "level: Wrong. tags: Wrong."
