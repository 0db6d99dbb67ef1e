"""How samples of memory are told by kind of process, and held against each other."""

import pytest

from benchmarks.cases.memory import growth, kind, listed


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("/opt/pginstall18/bin/postgres -D /tmp/memory/postgres", "postgres"),
        ("postgres: background writer", "postgres"),
        ("python -m gunicorn -c /srv/loghandler/gunicorn.py loghandler.wsgi:app", "gunicorn"),
        ("python /srv/loghandler/supervisor.py 5", "supervisor"),
        ("sh -c true", "other"),
    ],
)
def test_a_process_is_known_by_its_command(command: str, expected: str) -> None:
    assert kind(command) == expected


@pytest.mark.parametrize(("last", "met"), [(210, True), (211, False)])
def test_growth_is_the_last_sample_beside_that_of_half_the_time(last: float, met: bool) -> None:
    # Ten minutes: the fifth sample is taken at half time, and what came before is a start.
    samples = [{"gunicorn": size} for size in (80, 120, 160, 190, 200, 1, 1, 1, 1, last)]
    figure = growth(samples)
    assert figure.ratios == [last / 200]
    assert figure.met is met


def test_kinds_are_listed_in_one_order() -> None:
    assert listed({"other": 1, "gunicorn": 77.4, "postgres": 17}) == (
        "postgres 17, gunicorn 77, other 1"
    )
