"""Databases of countries, as `LOGHANDLER_GEOIP` names them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet


def write(path: Path, networks: Mapping[str, Any]) -> None:
    """A database that tells this of addresses in these networks, each one or several by commas."""
    writer = MMDBWriter(ip_version=6, ipv4_compatible=True)
    for names, told in networks.items():
        writer.insert_network(IPSet(names.split(",")), told)
    writer.to_db_file(str(path))
