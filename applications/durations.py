"""Durations as people write them: 30m, 24h, 7d."""

import re
from datetime import timedelta

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_LONGEST = timedelta(days=36_500)


def duration(text: str) -> timedelta:
    """The duration that the text means; raises ValueError with a sentence for people."""
    match = re.fullmatch(r"([0-9]{1,6})([smhdw])", text.strip().lower())
    if match is None:
        raise ValueError(f"{text!r} is not a duration; write 30m, 24h or 7d.")
    length = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if length > _LONGEST:
        raise ValueError(f"{text!r} is too long; 100 years are enough.")
    return length
