import logging
import re

import pytest
from django.core.management import call_command

from loghandler.management.commands import worker
from loghandler.management.commands.worker import Unit


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "close_old_connections", lambda: None)


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
    for unit in worker.units():
        unit.run(now=0)
    assert not caplog.records


@pytest.mark.django_db
def test_preparing_twice_changes_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("prepare")
    first = capsys.readouterr().out
    assert re.search(
        r"once: user admin, password \S{12,}; .*, ingest key [0-9a-f]{32}$", first, re.M
    )
    call_command("prepare")
    assert capsys.readouterr().out == "The database is ready.\n"
