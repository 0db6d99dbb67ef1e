from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.http import QueryDict
from django.utils import timezone

from dashboard.selection import Selection, selection
from stats.buckets import Interval

NOW = datetime(2026, 11, 25, 10, 30, tzinfo=UTC)
MESSAGE = "7a6f3a3c-0d3e-4b9e-9f5d-1c2b3a4d5e6f"


def chosen(query: str = "") -> Selection:
    state, form = selection(QueryDict(query), NOW)
    assert not form.errors
    return state


def test_without_parameters_it_is_the_last_day_and_all_events() -> None:
    state = chosen()
    assert (state.range, state.figure, state.levels, state.address()) == ("24h", "events", (), "?")


def test_an_address_says_only_what_is_not_the_default_and_in_one_order() -> None:
    state = chosen("logger=&q=boom&level=40&level=INFO&range=7d&figure=events&x=1")
    assert state.address() == "?range=7d&level=INFO&level=ERROR&q=boom"


def test_an_address_leads_to_the_same_state() -> None:
    state = chosen(f"range=30d&level=ERROR&message={MESSAGE}&q=50%25+%26+more&tag=a:b&tag=c:d")
    assert chosen(state.address()[1:]).parameters == state.parameters


def test_a_changed_state_begins_its_list() -> None:
    state = chosen(f"before={MESSAGE}&level=ERROR")
    assert str(state.before) == MESSAGE
    assert "before" not in state.ranged("7d")
    assert "before" in state.address(before=state.before)


def test_a_level_is_chosen_alone_and_a_second_click_takes_it_off() -> None:
    assert chosen("level=INFO").toggled(40) == "?level=ERROR"
    assert chosen("level=ERROR").toggled(40) == "?"


def test_each_filter_has_a_chip_that_takes_only_it_off() -> None:
    state = chosen(f"level=INFO&level=ERROR&message={MESSAGE}&tag=a:b&tag=c:d&q=boom")
    chips = {(chip.name, chip.value): chip.without for chip in state.chips("It broke")}
    assert list(chips) == [
        ("level", "INFO"),
        ("level", "ERROR"),
        ("message", "It broke"),
        ("text", "boom"),
        ("tag", "a:b"),
        ("tag", "c:d"),
    ]
    assert chosen(chips["level", "INFO"][1:]).levels == (40,)
    assert chosen(chips["tag", "a:b"][1:]).tags == (("c", "d"),)
    assert chosen(chips["message", "It broke"][1:]).message is None
    assert chosen(state.unfiltered[1:]).parameters == chosen().parameters


def test_a_custom_range_takes_the_place_of_a_named_one() -> None:
    state = chosen("range=7d&since=2026-11-20T10:00:00Z&until=2026-11-20T11:00:00Z")
    assert (state.range, state.span.interval) == ("", Interval.MINUTE)
    assert "range" not in state.parameters
    assert state.unzoomed == "?"


def test_times_without_a_zone_are_the_viewers() -> None:
    with timezone.override(ZoneInfo("Europe/Warsaw")):
        state = chosen("since=2026-11-20T10:00&until=2026-11-20T11:00")
    assert state.span.since == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert "since=2026-11-20T09%3A00%3A00%2B00%3A00" in state.address()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("range=2y", "range"),
        ("level=LOUD", "level"),
        ("message=7", "message"),
        ("tag=colour", "tag"),
        ("since=soon", "since"),
        ("until=2026-11-20T10:00:00Z", "until"),
        ("since=2026-11-20T10:00:00Z&until=2026-11-20T09:00:00Z", "until"),
        ("since=2999-01-01T00:00:00Z", "until"),
        ("since=1971-01-01T00:00:00Z&until=2900-01-01T00:00:00Z", "since"),
        ("before=%00", "before"),
        ("q=%00", "q"),
        ("figure=1", "figure"),
    ],
)
def test_what_can_not_be_used_is_told_and_counts_as_not_given(query: str, field: str) -> None:
    state, form = selection(QueryDict(query), NOW)
    assert list(form.errors) == [field]
    assert (state.parameters.get(field, []), state.range) == ([], "24h")


def test_filters_that_no_rollup_tells_are_of_the_list_only() -> None:
    state = chosen("level=ERROR&release=1.0&tag=a:b&q=boom")
    assert state.only_lists == ["text", "tag", "release"]
    assert state.criteria(None).release == "1.0"
    assert state.counted_criteria(None).release is None
