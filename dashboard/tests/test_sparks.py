import re

from dashboard.sparks import HEIGHT, spark


def test_nothing_makes_no_picture() -> None:
    assert spark({}) is None
    assert spark({20: [0, 0]}) is None


def test_the_most_frequent_bucket_is_as_high_as_the_picture() -> None:
    picture = spark({20: [5, 10, 0]})
    assert picture is not None
    assert picture.width == 3
    assert picture.paths == [(20, "M0 20V10h0.8V20zM1 20V0h0.8V20z")]


def test_levels_are_stacked_the_severe_ones_on_top() -> None:
    picture = spark({40: [1], 20: [3]})
    assert picture is not None
    assert picture.paths == [(20, "M0 20V5h0.8V20z"), (40, "M0 5V0h0.8V5z")]


def test_a_single_event_among_thousands_is_seen() -> None:
    picture = spark({20: [100_000, 1], 50: [1, 0]})
    assert picture is not None
    heights = [
        float(low) - float(high)
        for _, outline in picture.paths
        for low, high in re.findall(r"M\d+ ([\d.]+)V([\d.]+)", outline)
    ]
    assert min(heights[0], heights[1]) >= 1.5
    assert all(0 <= height <= HEIGHT for height in heights)
