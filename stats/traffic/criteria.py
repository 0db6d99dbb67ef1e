"""What requests are chosen by: a range, and values that columns have or have not. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from stats.cover import FAR
from stats.traffic.dimensions import Dimension

# Columns that rollups by hour tell of: those of the routes, and the dimensions.
ROUTE_COLUMNS = ("method", "route", "status")
DIMENSION_COLUMNS = {dimension.column: dimension for dimension in Dimension}
# Columns that only the rows tell of.
ROW_COLUMNS = ("path", "ip_address", "trace_id", "event_id", "request_id", "agent")
Values = Mapping[str, Sequence[object]]  # column → values


@dataclass(frozen=True, slots=True)
class Criteria:
    """Requests in [since, until) that have one of the values of each column in `included`, and
    none of those in `excluded`. A status may also be a class, 4 for 400 to 499.
    """

    since: datetime
    until: datetime = FAR
    included: Values = field(default_factory=dict)
    excluded: Values = field(default_factory=dict)
    text: str = ""  # a part of the path, in any case
    least_ms: float | None = None  # of the duration
    most_ms: float | None = None

    @property
    def of_rows(self) -> bool:
        """Whether something is asked that no value of a column tells."""
        return bool(self.text) or self.least_ms is not None or self.most_ms is not None

    @property
    def chooses(self) -> bool:
        """Whether it leaves out any requests of its range."""
        return self.of_rows or any(self.included.values()) or any(self.excluded.values())


def status_ranges(statuses: Sequence[object]) -> list[tuple[int, int]]:
    """Statuses and classes of them as ranges, both ends included."""
    numbers = [int(str(status)) for status in statuses]
    return [
        (number * 100, number * 100 + 99) if 0 < number < 10 else (number, number)
        for number in numbers
    ]
