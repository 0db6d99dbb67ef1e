"""Which days of traffic are closed, for readers."""

from datetime import date, datetime

from stats import closing


def closed_days(since: datetime, until: datetime) -> set[date]:
    """The closed days that lie in [since, until) as a whole."""
    return closing.closed_days(since, until, closing.TRAFFIC)
