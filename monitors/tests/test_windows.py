"""When it is maintenance."""

from datetime import UTC, datetime, timedelta

from monitors.schedules import cron
from monitors.uptime import Span
from monitors.windows import Once, Recurring, Window, spans, within

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
NIGHTLY = Recurring(cron("0 2 * * *", "Europe/Berlin"), 2 * HOUR)  # 1:00 to 3:00 UTC in winter


def test_a_window_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    window = [Once(NOON, NOON + HOUR)]
    assert [within(window, NOON + n * HOUR / 2) for n in (-1, 0, 1, 2)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_a_recurring_one_follows_the_clock_of_its_zone() -> None:
    summer = datetime(2026, 7, 1, tzinfo=UTC)
    assert [within([NIGHTLY], summer + n * HOUR / 2) for n in (-1, 0, 3, 4)] == [
        False, True, True, False,
    ]  # fmt: skip
    winter = datetime(2026, 11, 27, 1, tzinfo=UTC)
    assert [within([NIGHTLY], winter + n * HOUR / 2) for n in (-1, 0, 3, 4)] == [
        False, True, True, False,
    ]  # fmt: skip


def test_spans_of_a_range_are_disjoint_and_cut_at_its_ends() -> None:
    one = datetime(2026, 11, 27, 1, tzinfo=UTC)
    windows: list[Window] = [NIGHTLY, Once(one + HOUR, one + 3 * HOUR)]
    assert spans(windows, one + HOUR / 2, one + DAY + HOUR) == [
        Span(one + HOUR / 2, one + 3 * HOUR),
        Span(one + DAY, one + DAY + HOUR),
    ]


def test_a_window_that_is_longer_than_its_period_never_ends() -> None:
    always = Recurring(cron("0 * * * *", "UTC"), 3 * HOUR)
    assert spans([always], NOON, NOON + DAY) == [Span(NOON, NOON + DAY)]


def test_without_windows_there_is_none() -> None:
    assert spans([], NOON, NOON + DAY) == []
    assert not within([], NOON)
