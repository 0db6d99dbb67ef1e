"""The background work: each unit when it is due, in one process of those on a folder."""

import fcntl
import logging
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from loghandler import background
from loghandler.background import Unit


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "close_old_connections", lambda: None)


@pytest.mark.usefixtures("offline")
def test_a_unit_is_due_again_after_its_period() -> None:
    unit = Unit("Counting", 60, lambda: False)
    assert unit.run(now=100) is False
    assert unit.due == 160


@pytest.mark.usefixtures("offline")
def test_a_unit_with_more_work_is_due_at_once() -> None:
    unit = Unit("Counting", 60, lambda: True)
    assert unit.run(now=100) is True
    assert unit.due == 100


@pytest.mark.usefixtures("offline")
def test_a_failing_unit_is_logged_and_tried_again_later(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> bool:
        raise ValueError("no luck")

    unit = Unit("Counting", 60, fail)
    with caplog.at_level(logging.ERROR):
        assert unit.run(now=100) is False
    assert unit.due == 160
    assert "Counting failed" in caplog.text
    assert "no luck" in caplog.text


@pytest.mark.usefixtures("offline")
@pytest.mark.django_db
def test_every_unit_of_the_worker_works(caplog: pytest.LogCaptureFixture) -> None:
    for unit in background.units():
        unit.run(now=0)
    assert not caplog.records


def stopping_after(times: int) -> Callable[[float], bool]:
    left = iter([False] * times)
    return lambda seconds: next(left, True)


@pytest.mark.usefixtures("offline")
def test_what_is_due_is_done_until_it_is_to_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    done: Counter[str] = Counter()

    def unit(name: str, every: float) -> Unit:
        return Unit(name, every, lambda: bool(done.update([name])))

    monkeypatch.setattr(background, "units", lambda: [unit("often", 0), unit("rare", 600)])
    background.work_until(stopping_after(8))
    assert done["rare"] == 1
    assert done["often"] > 1


def test_one_process_works_and_the_next_takes_over(
    monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path
) -> None:
    settings.DATA = tmp_path
    worked: list[object] = []
    monkeypatch.setattr(background, "work_until", worked.append)
    with (tmp_path / "background.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        background.work_alone_until(stopping_after(3))
        assert not worked
    background.work_alone_until(stopping_after(3))
    assert worked


@pytest.mark.django_db
def test_preparing_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prepare")
    first = capsys.readouterr().out
    assert re.search(
        r"once: user admin, password \S{12,}; .*, ingest key [0-9a-f]{32}$", first, re.M
    )
    call_command("prepare")
    assert capsys.readouterr().out == "The database is ready.\n"
