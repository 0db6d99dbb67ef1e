"""Which routes the requests of a range have, below some places of the paths."""

from collections.abc import Sequence
from datetime import datetime

from psycopg import sql

from stats import reading
from stats.traffic.criteria import Criteria
from stats.traffic.measures import counted, pieces_of

BELOW = """
    SELECT DISTINCT route FROM ({counted}) AS counted
    WHERE route = ANY ({places}::text[]) OR route ^@ ANY ({beginnings}::text[])
"""


def routes_below(
    application_id: int, places: Sequence[str], since: datetime, until: datetime
) -> list[str]:
    """The routes at and below places such as /files, which are no patterns to Criteria."""
    criteria = Criteria(since=since, until=until)
    pieces = pieces_of(criteria)
    found = reading.rows(
        BELOW,
        counted=counted(application_id, criteria, pieces, routes=True),
        places=sql.Literal(list(places)),
        beginnings=sql.Literal([f"{place}/" for place in places]),
    )
    return sorted(route for (route,) in found)
