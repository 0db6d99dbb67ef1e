"""What a measurement found: its rounds, what it is held against, and its goal. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Goal:
    """A bound of the figure's ratio to its baseline, or of the figure itself where it has none."""

    bound: float
    at_most: bool = False  # else at least

    def met_by(self, value: float) -> bool:
        return value <= self.bound if self.at_most else value >= self.bound

    def __str__(self) -> str:
        return f"{'≤' if self.at_most else '≥'} {self.bound:g}"


@dataclass(frozen=True)
class Baseline:
    """The same measured on something else, in the same rounds."""

    name: str
    rounds: Sequence[float]


@dataclass(frozen=True)
class Figure:
    """A line of the table: `rounds` holds one value of each round, in `unit`."""

    name: str
    unit: str
    rounds: Sequence[float]
    baseline: Baseline | None = None
    goal: Goal | None = None
    note: str = ""
    too_small: float = 0  # where both medians are below, their ratio is noise

    @property
    def value(self) -> float:
        return median(self.rounds)

    @property
    def ratios(self) -> list[float]:
        """Ours to the baseline, round by round: what slows the machine down slows both."""
        if self.baseline is None:
            return []
        return [
            ours / theirs for ours, theirs in zip(self.rounds, self.baseline.rounds, strict=True)
        ]

    @property
    def is_noise(self) -> bool:
        """Whether both sides are so small that their ratio says nothing."""
        if self.baseline is None:
            return False
        return max(self.value, median(self.baseline.rounds)) < self.too_small

    @property
    def met(self) -> bool | None:
        """None where there is no goal."""
        if self.goal is None:
            return None
        if self.is_noise:
            return True
        return self.goal.met_by(median(self.ratios) if self.baseline else self.value)

    @property
    def verdict(self) -> str:
        if self.goal and self.is_noise:
            return f"met: both below {self.too_small:g} {self.unit}"
        return {None: "", True: "met", False: "MISSED"}[self.met]


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 … 1) of the values don't exceed: the nearest rank."""
    rank = math.ceil(round(share * len(values), 9))  # 0.07 × 100 is 7.000000000000001
    return sorted(values)[max(rank, 1) - 1]
