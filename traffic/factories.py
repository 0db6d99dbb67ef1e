"""Records of requests as tests need them."""

from typing import Any

from traffic.records import RequestRecord


def create_request_record(path: str = "/", **fields: Any) -> RequestRecord:
    given = {"method": "GET", "status": 200, "duration_ms": 12.5, **fields}
    return RequestRecord(path=path, **given)
