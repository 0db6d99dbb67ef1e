"""When checks become outages."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitors.records import CheckRecord
from monitors.verdicts import DOWN, MAINTENANCE, UNKNOWN, UP, Verdict, following

BEGIN = datetime(2026, 11, 27, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def after(checks: str, *, retries: int = 0) -> list[Verdict]:
    """The verdicts after checks a minute apart: `u`p, `d`own; capitals are within maintenance."""
    verdicts = [Verdict()]
    for number, each in enumerate(checks):
        check = CheckRecord(
            BEGIN + number * MINUTE, None if each in "uU" else "refused", f"no {number}"
        )
        verdicts.append(following(verdicts[-1], check, retries=retries, maintenance=each.isupper()))
    return verdicts[1:]


def states(checks: str, *, retries: int = 0) -> list[str]:
    return [verdict.state for verdict in after(checks, retries=retries)]


def test_without_retries_each_failure_counts() -> None:
    assert states("uuddu") == [UP, UP, DOWN, DOWN, UP]


def test_with_retries_so_many_more_must_fail_in_a_row() -> None:
    assert states("udduddddu", retries=2) == [UP, UP, UP, UP, UP, UP, DOWN, DOWN, UP]


def test_an_outage_began_with_the_first_failure_in_a_row_and_has_its_cause() -> None:
    verdict = after("uddd", retries=2)[-1]
    assert (verdict.state, verdict.since) == (DOWN, BEGIN + MINUTE)
    assert verdict.cause is not None
    assert verdict.cause.words == "no 1"


def test_it_ends_with_the_first_success() -> None:
    verdict = after("udddu", retries=2)[-1]
    assert (verdict.state, verdict.since, verdict.failed) == (UP, BEGIN + 4 * MINUTE, 0)
    assert verdict.cause is None


def test_a_new_monitor_is_unknown_until_it_is_known() -> None:
    assert states("ddd", retries=2) == [UNKNOWN, UNKNOWN, DOWN]
    assert states("du", retries=2) == [UNKNOWN, UP]


def test_maintenance_is_a_state_of_its_own() -> None:
    assert states("uDUDu") == [UP, MAINTENANCE, MAINTENANCE, MAINTENANCE, UP]
    assert after("uDUD")[-1].since == BEGIN + MINUTE


def test_an_outage_ends_where_maintenance_begins_and_another_begins_after_it() -> None:
    verdicts = after("ddDDd")
    assert [verdict.state for verdict in verdicts] == [DOWN, DOWN, MAINTENANCE, MAINTENANCE, DOWN]
    assert verdicts[-1].since == BEGIN + 4 * MINUTE


def test_failures_of_a_maintenance_do_not_count_as_retries_after_it() -> None:
    assert states("uDDddd", retries=1) == [UP, MAINTENANCE, MAINTENANCE, UNKNOWN, DOWN, DOWN]


@pytest.mark.parametrize("retries", [0, 1, 3])
@given(checks=st.text("udUD", max_size=40))
def test_down_is_what_the_last_checks_in_a_row_say(retries: int, checks: str) -> None:
    for number, verdict in enumerate(after(checks, retries=retries), start=1):
        seen = checks[:number]
        failed = len(seen) - len(seen.rstrip("d"))
        assert verdict.is_down is (failed > retries)
        assert (verdict.cause is not None) is (failed > 0)
        if verdict.is_down:
            assert verdict.since == BEGIN + (number - failed) * MINUTE
