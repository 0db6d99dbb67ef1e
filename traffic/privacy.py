"""What may be known of the user behind a request. Pure.

Levels, as API Analytics' clients declare them, of which the application's own is the floor:
0 keeps the address; 1 looks up its country, then drops it; 2 never looks at it.
"""

from datetime import date
from hashlib import blake2b
from urllib.parse import urlsplit, urlunsplit

from traffic.records import Address

KEEP, COUNTRY_ONLY, NEVER = 0, 1, 2
LONGEST_NAME = 64  # of a query parameter: what is longer, or has no value, may be a secret itself


def level(declared: int, least: int) -> int:
    """The level that holds, of the sender's and the application's."""
    return min(max(declared, least, KEEP), NEVER)


def anonymous_user(
    address: Address, user_agent: str | None, application_id: int, salt: bytes
) -> str:
    """A user without a name, by the address and the agent: the same for one day's salt only."""
    what = f"{application_id} {address} {user_agent}"
    return "~" + blake2b(what.encode(), digest_size=6, key=salt).hexdigest()


def path_and_query(path: str, *, keep_values: bool) -> str:
    """A path without its fragment, and of its query only the names, unless the values are kept."""
    path = path.partition("#")[0]
    place, mark, query = path.partition("?")
    if not mark or keep_values:
        return path
    names = [part.partition("=")[0] for part in query.split("&") if part]
    names = [name for name in names if len(name) <= LONGEST_NAME]
    return f"{place}?{'&'.join(names)}" if names else place


def referrer(address: str) -> str | None:
    """The page that led to the request: without query, fragment and credentials."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", "")) or None


def salted_by_the_day(occurred: date, received: date) -> bool:
    """Whether a request came while its day's salt is kept: on that day or the next."""
    return 0 <= (received - occurred).days <= 1
