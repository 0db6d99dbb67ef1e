"""The requests of many applications together: over time, and which of them was asked most.

By one statement over the hours of all routes, which are read once for both.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from stats.cover import HOUR, ceil
from stats.reading import moments, rows, where, within
from stats.traffic.measures import CLASSES, class_of

OVERALL = """
    SELECT application_id, bucket, status, sum(n)::bigint
    FROM (
        SELECT application_id, width_bucket(hour, {starts}::timestamptz[]) - 1 AS bucket, status, n
        FROM stats_traffictotal WHERE {where}
    ) AS counted
    GROUP BY GROUPING SETS ((application_id, status), (bucket, status)) HAVING sum(n) > 0
"""

ByClass = Mapping[int, int]  # one of measures.CLASSES → requests


@dataclass(frozen=True, slots=True)
class Overall:
    by_bucket: Sequence[ByClass]
    by_application: Mapping[int, ByClass]  # those without requests are left out


def overall(application_ids: Sequence[int], starts: Sequence[datetime], until: datetime) -> Overall:
    """What was asked of these applications, in buckets that start at `starts`.

    An hour that a start cuts, as midnight does in India, counts where it begins: a part of an hour
    would be read from the requests, and of all applications these are too many.
    """
    hours = [ceil(start, HOUR) for start in starts]
    by_bucket: list[dict[int, int]] = [dict.fromkeys(CLASSES, 0) for _ in hours]
    by_application: dict[int, dict[int, int]] = defaultdict(lambda: dict.fromkeys(CLASSES, 0))
    found = rows(
        OVERALL,
        starts=moments(hours),
        where=where(application_ids, None) + within("hour", (hours[0], until)),
    )
    for application_id, bucket, status, n in found:
        counts = by_bucket[bucket] if application_id is None else by_application[application_id]
        counts[class_of(status)] += n
    return Overall(by_bucket, dict(by_application))
