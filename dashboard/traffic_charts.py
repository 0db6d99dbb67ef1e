"""The traffic page's charts that are not of time: durations, the week, the strip of successes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.charts import Series, drawn
from dashboard.wording import milliseconds, percent
from traffic import histograms

MOST_BARS = 40
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHADES = 9  # from "nothing" on


@dataclass(frozen=True, slots=True)
class Distribution:
    """How many requests took how long: bars of equal width on a logarithmic axis."""

    edges: Sequence[float]  # ms, the ends of the bars
    counts: Sequence[int]
    longer: bool  # whether the last bar holds all that is longer, too

    id = "durations"
    title = "Requests by duration"
    script_id = "durations-json"

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def series(self) -> list[Series]:
        return [Series("Requests", self.counts)]

    def drawn(self) -> dict[str, Any]:
        return {
            "ticks": [milliseconds(edge) for edge in self.edges],
            "titles": self._titles,
            "starts": [],
            "ends": [],
            "incomplete": False,
            "zoom": "",
            "lines": False,
            "series": [drawn(one, "{:,}".format) for one in self.series],
        }

    def rows(self) -> list[dict[str, Any]]:
        return [
            {"title": title, "counts": [f"{count:,}"], "zoom": "", "incomplete": False}
            for title, count in zip(self._titles, self.counts, strict=True)
            if count
        ]

    @property
    def _titles(self) -> list[str]:
        titles = [f"up to {milliseconds(edge)}" for edge in self.edges]
        if self.longer:
            titles[-1] = f"longer than {milliseconds(self.edges[-2])}"
        return titles


def distribution(counts: Mapping[int, int]) -> Distribution | None:
    """Bars up to the longest but one in a thousand; None of no requests."""
    if not counts:
        return None
    lowest, highest = min(counts), max(counts)
    (longest,) = histograms.percentiles(counts, [0.999])
    last = min(histograms.bucket(longest or 0), highest)
    width = (last - lowest) // MOST_BARS + 1
    bars = [0] * ((last - lowest) // width + 1)
    beyond = 0
    for bucket, n in counts.items():
        place = (bucket - lowest) // width
        if place < len(bars):
            bars[place] += n
        else:
            beyond += n
    edges = [histograms.upper_ms(lowest + (place + 1) * width - 1) for place in range(len(bars))]
    if beyond:
        bars.append(beyond)
        edges.append(histograms.upper_ms(highest))
    return Distribution(edges, bars, bool(beyond))


@dataclass(frozen=True, slots=True)
class Cell:
    shade: int  # 0 to SHADES
    title: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class HeatRow:
    day: str
    cells: Sequence[Cell]


def week(counts: Mapping[tuple[int, int], int]) -> list[HeatRow]:
    """Requests of each hour of the week, the busiest darkest; nothing where there are none."""
    most = max(counts.values(), default=0)
    if not most:
        return []
    return [
        HeatRow(name, [_hour(name, hour, counts.get((day, hour), 0), most) for hour in range(24)])
        for day, name in enumerate(DAYS, 1)
    ]


def _hour(day: str, hour: int, n: int, most: int) -> Cell:
    shade = 0 if not n else 1 + (n * (SHADES - 1)) // most
    return Cell(shade, f"{day} {hour:02}:00: {n:,}", f"{n:,}")


@dataclass(frozen=True, slots=True)
class Strip:
    """The share of requests that succeeded, by bucket."""

    cells: Sequence[Cell]
    least: str


def strip(titles: Sequence[str], requests: Sequence[int], errors: Sequence[int]) -> Strip:
    """Shade 0 is a bucket without requests, SHADES one in which all succeeded."""
    rates = [1 - bad / n if n else None for n, bad in zip(requests, errors, strict=True)]
    cells = [
        Cell(_success_shade(rate), title if rate is None else f"{title}: {percent(rate)}")
        for title, rate in zip(titles, rates, strict=True)
    ]
    known = [rate for rate in rates if rate is not None]
    return Strip(cells, percent(min(known)) if known else "")


def _success_shade(rate: float | None) -> int:
    """Failures of one in a hundred are seen, and of one in ten."""
    if rate is None:
        return 0
    for shade, most_failing in enumerate((0, 0.002, 0.01, 0.03, 0.07, 0.15, 0.3, 0.6)):
        if 1 - rate <= most_failing:
            return SHADES - shade
    return 1
