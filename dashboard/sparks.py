"""Small pictures of a course: bars of counts by level, as SVG paths. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

HEIGHT = 20
_LEAST = 1.5  # a single event among thousands is still seen
_BAR = 0.8  # of a bucket's width


@dataclass(frozen=True, slots=True)
class Spark:
    """Bars in a picture of `width` x HEIGHT: for each level the outline of its bars."""

    width: int
    paths: Sequence[tuple[int, str]]  # (level, path data), the least severe first: it lies below


def spark(counts: Mapping[int, Sequence[int]]) -> Spark | None:
    """Bars of counts by level and bucket, stacked; None where there is nothing to show."""
    totals = [sum(column) for column in zip(*counts.values(), strict=True)]
    most = max(totals, default=0)
    if not most:
        return None
    tops = [float(HEIGHT)] * len(totals)
    paths = []
    for level in sorted(counts):
        outline = []
        for place, number in enumerate(counts[level]):
            if number:
                height = max(round(number * HEIGHT / most, 1), _LEAST)
                top = max(round(tops[place] - height, 1), 0)
                outline.append(f"M{place} {tops[place]:g}V{top:g}h{_BAR}V{tops[place]:g}z")
                tops[place] = top
        if outline:
            paths.append((level, "".join(outline)))
    return Spark(len(totals), paths)
