from datetime import timedelta

import pytest

from applications.durations import duration


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("24h", timedelta(days=1)),
        (" 7D ", timedelta(days=7)),
        ("2w", timedelta(days=14)),
        ("0s", timedelta(0)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, length: timedelta) -> None:
    assert duration(text) == length


@pytest.mark.parametrize("text", ["", "7", "d", "-7d", "1.5h", "7 d", "٣d", "7y", "1h30m"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="write 30m, 24h or 7d"):
        duration(text)


def test_a_duration_without_end_is_refused() -> None:
    with pytest.raises(ValueError, match="too long"):
        duration("999999w")
