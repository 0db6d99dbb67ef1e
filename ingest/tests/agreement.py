"""Whether the rollups say what the rows say: one statement for each of them."""

from typing import Any

from stats import rollups

ROWS = """
    SELECT application_id, date_trunc('{unit}', received_at, 'UTC') AS at, level{digest},
        count(*) AS n, max(id::text COLLATE "C") AS last_id
    FROM events_event GROUP BY 1, 2, 3{digest_group}
"""
COUNTS = "SELECT application_id, {unit} AS at, level{digest}, n, {last_id} AS last_id FROM {table}"
DIFFERENCES = """
    SELECT count(*) FROM ({rows}) AS rows FULL JOIN ({counts}) AS counts
    USING (application_id, at, level{digest})
    WHERE rows.n IS DISTINCT FROM counts.n OR rows.last_id <> counts.last_id
"""
DIGEST = f", {rollups.DIGEST} AS digest"


def differences(cursor: Any) -> dict[str, int]:
    """Table of a rollup → how many of its rows differ from what the events say; {} when none."""
    found = {
        table: _difference(cursor, table, unit, by_message)
        for table, unit, by_message in (
            ("stats_minutecount", "minute", False),
            ("stats_hourcount", "hour", False),
            ("stats_messagecount", "hour", True),
        )
    }
    return {table: count for table, count in found.items() if count}


def _difference(cursor: Any, table: str, unit: str, by_message: bool) -> int:
    rows = ROWS.format(
        unit=unit,
        digest=DIGEST if by_message else "",
        digest_group=", 4" if by_message else "",
    )
    last_id = "NULL" if unit == "minute" else "last_id::text"
    digest = ", digest" if by_message else ""
    counts = COUNTS.format(unit=unit, digest=digest, last_id=last_id, table=table)
    cursor.execute(DIFFERENCES.format(rows=rows, counts=counts, digest=digest))
    (count,) = cursor.fetchone()
    return int(count)
