"""The country of an address, by a database in MaxMind's format (`LOGHANDLER_GEOIP`)."""

import logging
from functools import cache, lru_cache
from typing import Any

import maxminddb
from django.conf import settings

from traffic.records import Address

logger = logging.getLogger(__name__)


@lru_cache(maxsize=4_096)
def country(address: Address) -> str | None:
    """The ISO 3166-1 alpha-2 code; None where the address has none, or without a database."""
    database = _database()
    if database is None or not address.is_global:
        return None
    found: Any = database.get(address)
    if not isinstance(found, dict):
        return None
    # GeoLite2 and DB-IP nest it; others have the code alone.
    nested = found.get("country")
    code = nested.get("iso_code") if isinstance(nested, dict) else found.get("country_code")
    return code.upper() if isinstance(code, str) and len(code) == 2 else None


@cache
def _database() -> maxminddb.Reader | None:
    """Opened once in a process, and read through the system's page cache."""
    if not settings.GEOIP.is_file():
        return None
    try:
        return maxminddb.open_database(settings.GEOIP, maxminddb.MODE_MMAP_EXT)
    except (maxminddb.InvalidDatabaseError, OSError, ValueError) as error:
        logger.error("LOGHANDLER_GEOIP can't be read: %s", error)
        return None


def forget() -> None:
    """Open the database anew at the next look-up."""
    country.cache_clear()
    _database.cache_clear()
