"""How pages word numbers and moments. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from events.display import excerpt, visible

_MINUTE, _HOUR, _DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def compact(number: int) -> str:
    """`999`, `12.3k`, `4.56M`: three digits at most, rounded down, so that 999,999 is no 1000k."""
    for size, letter in ((10**9, "G"), (10**6, "M"), (10**3, "k")):
        if abs(number) >= size:
            whole, hundredths = divmod(abs(number) * 100 // size, 100)
            digits = (
                f"{whole}.{hundredths:02}"[:4].rstrip("0").rstrip(".") if whole < 100 else whole
            )
            return f"{'−' if number < 0 else ''}{digits}{letter}"
    return str(number)


def line(message: str, most: int) -> str:
    """What stands for a message in a list: the start of its first line, with nothing hidden."""
    return visible(excerpt(message.strip().partition("\n")[0], most)) or "(no message)"


def ago(moment: datetime, now: datetime) -> str:
    """`just now`, `5 min ago`, `3 h ago`, `12 days ago`."""
    age = now - moment
    if age < _MINUTE:
        return "just now"
    if age < _HOUR:
        return f"{age // _MINUTE} min ago"
    if age < 2 * _DAY:
        return f"{age // _HOUR} h ago"
    return f"{age // _DAY} days ago"


def length(span: timedelta) -> str:
    """`40 seconds`, `12 minutes`, `3 hours 20 minutes`, `2 days 4 hours`, `12 days`."""
    for size, name, smaller, less in (
        (_DAY, "day", _HOUR, "hour"),
        (_HOUR, "hour", _MINUTE, "minute"),
        (_MINUTE, "minute", None, ""),
        (timedelta(seconds=1), "second", None, ""),
    ):
        count, rest = divmod(span, size)
        if count:
            more = rest // smaller if smaller and (size != _DAY or count < 7) else 0
            return _counted(count, name) + (f" {_counted(more, less)}" if more else "")
    return "less than a second"


def _counted(count: int, name: str) -> str:
    return f"{count:,} {name}{'' if count == 1 else 's'}"


def period(since: datetime, until: datetime, zone: tzinfo) -> str:
    """`19 Nov 2026, 11:00 – 20 Nov 2026, 11:00`."""
    first, last = (f"{each.astimezone(zone):%-d %b %Y, %H:%M}" for each in (since, until))
    return f"{first} – {last}"


def day(moment: datetime) -> str:
    """`3 Oct 2026`"""
    return f"{moment:%-d %b %Y}"


def milliseconds(duration: float) -> str:
    """`0.4 ms`, `12 ms`, `1.24 s`, `3.5 min`."""
    if duration >= 60_000:
        return f"{duration / 60_000:.3g} min"
    if duration >= 999.5:
        return f"{duration / 1000:.3g} s"
    return f"{duration:.2g} ms" if duration < 10 else f"{duration:.0f} ms"


def percent(share: float) -> str:
    """`0 %`, `0.25 %`, `12.5 %`, `100 %`: none but nothing is nothing, and none but all is all."""
    number = share * 100
    if number in {0, 100}:
        return f"{number:.0f} %"
    return f"{min(max(number, 0.01), 99.99):.{2 if number < 1 or number > 99 else 1}f} %"


def failing(server_error_rate: float, error_rate: float) -> str:
    """How bad that is: "many", "some", or "" where it is nothing to look at."""
    if server_error_rate >= 0.05:
        return "many"
    return "some" if server_error_rate >= 0.01 or error_rate >= 0.25 else ""


def size(number: float) -> str:
    """`512 B`, `1.5 kB`, `20 GB`."""
    for unit, letters in ((10**12, "TB"), (10**9, "GB"), (10**6, "MB"), (10**3, "kB")):
        if number >= unit:
            return f"{number / unit:.3g} {letters}"
    return f"{number:.0f} B"


def enumeration(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


@dataclass(frozen=True, slots=True)
class Trend:
    """A figure against the one before it. `direction` is up, down or level."""

    text: str
    direction: str


def trend(count: float, before: float) -> Trend:
    if count == before:
        return Trend("as before", "level")
    if not before:
        return Trend("none before", "up")
    percent = round((count - before) * 100 / before)
    if abs(percent) < 1:
        return Trend("as before", "level")
    if percent >= 1_000:
        return Trend("far more", "up")
    return Trend(f"{percent:+} %".replace("-", "−"), "up" if percent > 0 else "down")
