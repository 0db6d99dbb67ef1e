import fcntl
from typing import IO


def claimed(lock: int | IO[str]) -> bool:
    """Lock the open file if nobody else has; the lock ends when it is closed everywhere."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
