"""Whether figures under a filter are read from blocks of columns, which bring numpy with them."""

from typing import TYPE_CHECKING

from stats import once
from stats.traffic.criteria import DIMENSION_COLUMNS, ROUTE_COLUMNS, Criteria

if TYPE_CHECKING:
    from stats.traffic.slices import Slice

# Requests of hours without a whole block, which are read one by one: beyond, PostgreSQL counts.
MOST_OPEN = 500_000
_TOLD = {*ROUTE_COLUMNS, *DIMENSION_COLUMNS}


def sliced(application_id: int, criteria: Criteria) -> "Slice | None":
    """The requests that meet the criteria; None where it takes the requests' own rows to tell."""
    if criteria.of_rows or not {*criteria.included, *criteria.excluded} <= _TOLD:
        return None
    return once.read((application_id, repr(criteria)), lambda: _slice(application_id, criteria))


def _slice(application_id: int, criteria: Criteria) -> "Slice | None":
    # 17 MB of a process: only where somebody filters.
    from stats.traffic import blocks, slices

    plan = blocks.planned(application_id, criteria.since, criteria.until)
    whole = sum(part.n for part in plan.parts)
    # One takes as long as PostgreSQL takes for three of all.
    if sum(plan.open.values()) > max(MOST_OPEN, whole // 2):
        return None
    return slices.Slice(application_id, criteria, plan)
