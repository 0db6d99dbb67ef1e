"""When a message is tried again that could not be sent. No I/O."""

from datetime import timedelta

_PAUSES = [timedelta(seconds=10), *(timedelta(minutes=n) for n in (1, 5, 15, 60))]
LONGEST = timedelta(hours=3)
# Some day and a half after the first attempt
MOST_ATTEMPTS = 16


def pause(attempts: int, asked: timedelta | None = None) -> timedelta | None:
    """How long to wait after so many attempts; None where it is given up.

    `asked`: what the receiver wants to be waited at least.
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    own = _PAUSES[attempts - 1] if attempts <= len(_PAUSES) else LONGEST
    return own if asked is None else min(max(own, asked), LONGEST)
