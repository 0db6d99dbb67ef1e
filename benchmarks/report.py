"""The table that is printed, and results.json. Pure but for the writing."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.figures import Figure

HEADINGS = ("figure", "ours", "baseline", "ratio", "goal", "")


def table(figures: Sequence[Figure]) -> str:
    """The figures in columns: medians, with the lowest and highest round in brackets."""
    rows = [HEADINGS, *(_cells(figure) for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    lines = ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])


def _cells(figure: Figure) -> tuple[str, ...]:
    theirs = figure.baseline
    return (
        figure.name + (f" ({figure.note})" if figure.note else ""),
        f"{spread(figure.rounds)} {figure.unit}".rstrip(),
        f"{spread(theirs.rounds)} {theirs.name}" if theirs else "",
        spread(figure.ratios) if theirs else "",
        str(figure.goal or ""),
        figure.verdict,
    )


def spread(values: Sequence[float]) -> str:
    """The median, and the range of the rounds where it is more than what is shown of it."""
    middle, low, high = map(_number, (median(values), min(values), max(values)))
    return middle if low == high else f"{middle} [{low}–{high}]"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def write(path: Path, settings: Mapping[str, Any], figures: Sequence[Figure]) -> None:
    """Write the figures with all their rounds, and what they were measured on."""
    results = {**settings, "figures": [_result(figure) for figure in figures]}
    written = path.with_suffix(".new")  # what stood there stays whole until this one is
    written.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n")
    written.replace(path)


def _result(figure: Figure) -> dict[str, Any]:
    theirs, ratios = figure.baseline, figure.ratios
    return {
        "name": figure.name,
        "unit": figure.unit,
        "ours": [round(value, 4) for value in figure.rounds],
        "baseline": theirs
        and {"name": theirs.name, "rounds": [round(n, 4) for n in theirs.rounds]},
        "ratio": {
            "median": round(median(ratios), 4),
            "min": round(min(ratios), 4),
            "max": round(max(ratios), 4),
        }
        if ratios
        else None,
        "goal": str(figure.goal) if figure.goal else None,
        "met": figure.met,
        "note": figure.note,
    }
