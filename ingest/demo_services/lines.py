"""What a demo service is made of: its processes and the lines that they log.

Names in «» within texts and JSON are filled in each time that a line is logged: values.py.
"""

from dataclasses import dataclass
from datetime import timedelta

DEBUG, INFO, WARNING, ERROR, CRITICAL = 10, 20, 30, 40, 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A kind of process of a service, on some hosts. `tags` and `user` are JSON."""

    service: str
    hosts: tuple[str, ...]
    staging_host: str
    tags: str
    user: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A message of a service, and how often it is logged beside the service's other lines."""

    process: Process
    level: int
    weight: float
    logger: str
    message: str
    data: str = ""  # JSON
    stack: str = ""  # JSON
    repeats: int = 0  # may be logged so many times more within minutes: others meet it, too
    leads_to: tuple["Line", ...] = ()  # what follows at once, in the same trace


@dataclass(frozen=True, slots=True)
class Routine:
    """A line that comes by the clock: at `after` within each whole `every`."""

    every: timedelta
    after: timedelta
    line: Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A service: how busy it is, and what it logs."""

    name: str
    description: str
    a_day: float  # lines drawn on an ordinary day; what they lead to comes on top
    by_hour: tuple[float, ...]  # the hours of a day (UTC) beside each other
    weekend: float  # Saturday and Sunday beside 1 for the other days
    lines: tuple[Line, ...]
    routines: tuple[Routine, ...]
    deployed: Line
    started: Line
