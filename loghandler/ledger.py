"""Ids that senders give to what they send: each is stored once, so that resends are harmless.

A ledger is a table (application_id, <its column>, day, stored_id), partitioned by day.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from loghandler import arrays, statements
from loghandler.statements import Connection, Statement

# An id is new where no kept day has it. Sorted: two writers that insert the same ids in different
# orders would wait for each other.
_CLAIM = """
    INSERT INTO {table} (application_id, {column}, day, stored_id)
    SELECT sent.application_id, sent.{column}, claimed.day, sent.stored_id
    FROM unnest($1::bigint[], $2::uuid[], $3::uuid[]) AS sent (application_id, {column}, stored_id)
    CROSS JOIN unnest($4::date[]) AS claimed (day)
    WHERE NOT EXISTS (
        SELECT FROM {table} seen
        WHERE seen.application_id = sent.application_id AND seen.{column} = sent.{column}
    )
    ORDER BY sent.application_id, sent.{column}, claimed.day
    ON CONFLICT DO NOTHING
    RETURNING stored_id
"""
_STORED = """
    SELECT DISTINCT ON (sent.id) sent.id, seen.stored_id
    FROM unnest($1::bigint[], $2::uuid[], $3::uuid[]) AS sent (application_id, {column}, id)
    JOIN {table} seen USING (application_id, {column})
    ORDER BY sent.id, seen.stored_id
"""

# What a sender names: its application, the sender's id, ours.
Sent = tuple[int, UUID, UUID]


class Ledger:
    def __init__(self, table: str, column: str) -> None:
        self.claiming = Statement(_CLAIM.format(table=table, column=column))
        self.stored = Statement(_STORED.format(table=table, column=column))

    def claim(
        self, connection: Connection, sent: Sequence[Sent], moments: Iterable[datetime]
    ) -> dict[UUID, UUID]:
        """Claim the senders' ids; returns our id → the id of what was stored for it before.

        An id is claimed on the day on which it is received and, in that day's first minute, on the
        day before too: a transaction of yesterday that has not committed yet is then waited for.
        """
        if not sent:
            return {}
        days = days_of(moments)
        [rows] = statements.run(
            connection, [(self.claiming, [*_columns(sent), arrays.dates(days)])]
        )
        claims = Counter(id_ for (id_,) in rows)
        resent = [each for each in sent if claims[each[2].bytes] < len(days)]
        if not resent:
            return {}
        [rows] = statements.run(connection, [(self.stored, _columns(resent))])
        return {UUID(bytes=id_): UUID(bytes=stored_id) for id_, stored_id in rows}


def days_of(moments: Iterable[datetime]) -> list[date]:
    """The days on which what is received at these moments is claimed."""
    distinct = set(moments)
    days = {moment.date() for moment in distinct}
    days |= {(moment - timedelta(minutes=1)).date() for moment in distinct}
    return sorted(days)


def _columns(sent: Sequence[Sent]) -> list[bytes]:
    applications, sent_ids, ids = zip(*sent, strict=True)
    return [
        arrays.bigints(applications),
        arrays.uuids([id_.bytes for id_ in sent_ids]),
        arrays.uuids([id_.bytes for id_ in ids]),
    ]
