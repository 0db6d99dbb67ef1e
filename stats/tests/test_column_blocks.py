"""Blocks hold what the rows held, in any width, merged and stored and cut."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import numpy as np
import pytest

from stats.traffic.column_blocks import Block, merged, of_rows, packed, unpacked
from stats.traffic.columns import GROUP_OF, MINUTE_ENDS, OF_ROWS, STORED

HOUR = datetime(2026, 11, 18, 9, tzinfo=UTC)
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


def row(moment: int, **values: Any) -> tuple[Any, ...]:
    """A row as it is read: milliseconds since the block's start, and the columns."""
    given: dict[str, Any] = dict.fromkeys(OF_ROWS)
    given |= {"request_bytes": 0, "response_bytes": 0, "status": 200, "bucket": 3, "method": "GET"}
    return (moment, *(given | {"route": "/a"} | values).values())


def told(block: Block, column: str) -> list[Any]:
    values = block.values(column)
    return [values[number] for number in block.numbers(GROUP_OF[column]).tolist()]


def restored(block: Block) -> Block:
    return unpacked(block.start, block.n, packed(block))


def test_what_is_stored_is_what_was_read() -> None:
    rows = [
        row(0, user="zoë", hostname="a\0b"),
        row(59_999, status=503, response_bytes=70_000, client="", system="Linux"),
        row(HOUR_MS - 1, user=None, request_bytes=2**40, version="v2"),
    ]
    block = restored(of_rows(HOUR, rows))
    for place, column in enumerate(OF_ROWS, 1):
        found = block.numbers(column).tolist() if column.endswith("bytes") else told(block, column)
        assert found == [each[place] for each in rows]
    moments = block.moments(np.arange(3)) - int(HOUR.timestamp() * 1000)
    assert moments.tolist() == [0, 59_999, HOUR_MS - 1]


def test_a_column_takes_as_few_bytes_as_it_needs() -> None:
    rows = [row(n, user=f"user {n}", response_bytes=n % 2) for n in range(300)]
    columns = packed(of_rows(HOUR, rows))
    stored = {number: (width, len(content)) for number, width, content, _ in columns}
    assert stored[STORED["user"]] == (2, 600)
    assert stored[STORED["response_bytes"]] == (1, 300)
    assert stored[STORED["endpoint"]] == (1, 1)  # all alike
    assert stored[STORED[MINUTE_ENDS]] == (2, 2)


def test_blocks_are_merged_in_the_order_of_their_moments() -> None:
    random = Random(1)
    parts, everything = [], []
    for hour in (0, 1, 5):
        rows = sorted(
            row(random.randrange(HOUR_MS), user=f"{random.randrange(40)}") for _ in range(99)
        )
        parts.append(restored(of_rows(HOUR + timedelta(hours=hour), rows)))
        everything += [(each[0] + (hour + 9) * HOUR_MS, each[-1]) for each in rows]
    midnight = HOUR.replace(hour=0)
    block = restored(merged(midnight, parts))
    moments = block.moments(np.arange(block.n)) - int(midnight.timestamp() * 1000)
    assert list(zip(moments.tolist(), told(block, "user"), strict=True)) == everything


@pytest.mark.parametrize(
    ("milliseconds", "before"),
    [(-HOUR_MS, 0), (-1, 0), (0, 0), (1, 1), (MINUTE_MS - 1, 1), (MINUTE_MS, 2), (MINUTE_MS + 1, 2),
     (90_000, 2), (90_001, 4), (HOUR_MS, 4), (25 * HOUR_MS, 4)],
)  # fmt: skip
def test_an_edge_counts_what_lies_before_it(milliseconds: int, before: int) -> None:
    block = of_rows(HOUR, [row(each) for each in (0, MINUTE_MS - 1, 90_000, 90_000)])
    assert block.edge(HOUR + timedelta(milliseconds=milliseconds)) == before


def test_a_chosen_part_knows_its_own_minutes() -> None:
    block = of_rows(HOUR, [row(each * 20_000, user=f"{each}") for each in range(9)])
    part = block.chosen(np.array([1, 4, 8]))
    assert told(part, "user") == ["1", "4", "8"]
    assert part.by_minute().tolist() == [1, 1, 1]
    assert part.edge(HOUR + timedelta(minutes=2)) == 2


def test_no_requests_make_an_empty_block() -> None:
    block = of_rows(HOUR, [])
    assert (block.n, block.edge(HOUR + timedelta(minutes=1)), told(block, "user")) == (0, 0, [])
