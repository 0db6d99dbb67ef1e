"""What is printed of the figures, and what is kept."""

import json
from pathlib import Path

from benchmarks import report
from benchmarks.figures import Baseline, Figure, Goal

SPEED = Figure("single", "events/s", [4_100, 4_300, 4_200], Baseline("bare view", [6_000] * 3))
SHARE = Figure("drop", "s", [0.0285], goal=Goal(1, at_most=True), note="of a day")


def test_a_figure_is_a_line_with_its_spread_its_ratio_and_its_verdict() -> None:
    goal = Figure(SPEED.name, SPEED.unit, SPEED.rounds, SPEED.baseline, Goal(0.75))
    line = report.table([goal]).splitlines()[-1]
    assert line.split("  ") == [
        "single",
        "4,200 [4,100–4,300] events/s",
        "6,000 bare view",
        "0.7 [0.683–0.717]",
        "≥ 0.75",
        "MISSED",
    ]


def test_a_figure_without_baseline_leaves_its_columns_empty() -> None:
    line = report.table([SHARE]).splitlines()[-1]
    assert line.split() == ["drop", "(of", "a", "day)", "0.0285", "s", "≤", "1", "met"]


def test_columns_are_as_wide_as_their_widest_cell() -> None:
    heading, _, *lines = report.table([SPEED, SHARE]).splitlines()
    ours = heading.index("ours")
    assert [line[ours - 2 : ours] for line in lines] == ["  ", "  "]
    assert [line[ours] for line in lines] == ["4", "0"]


def test_no_range_is_shown_where_the_rounds_look_alike() -> None:
    assert report.spread([1.0001, 1.0002, 1.0003]) == "1"


def test_results_keep_every_round_beside_what_was_measured_on(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    path.write_text("of an earlier run")
    report.write(path, {"commit": "abc", "quick": True}, [SPEED, SHARE])
    results = json.loads(path.read_text())
    assert (results["commit"], results["quick"]) == ("abc", True)
    speed, share = results["figures"]
    assert speed["ours"] == [4_100, 4_300, 4_200]
    assert speed["baseline"] == {"name": "bare view", "rounds": [6_000, 6_000, 6_000]}
    assert speed["ratio"] == {"median": 0.7, "min": 0.6833, "max": 0.7167}
    assert (speed["goal"], speed["met"]) == (None, None)
    assert (share["baseline"], share["ratio"]) == (None, None)
    assert (share["goal"], share["met"]) == ("≤ 1", True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["results.json"]
