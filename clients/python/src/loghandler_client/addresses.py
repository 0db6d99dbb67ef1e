"""Whose request it is, behind proxies: X-Forwarded-For is believed of those that are trusted."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Optional, Sequence


class Proxies:
    """Networks whose machines pass requests on. Raises ValueError for what is no network."""

    def __init__(self, networks: Sequence[str]) -> None:
        self._any = "*" in networks
        self._networks = [ip_network(each, strict=False) for each in networks if each != "*"]
        self._trusted = lru_cache(maxsize=1_024)(self._is_trusted)

    def sender(self, peer: Optional[str], forwarded_for: Optional[str]) -> Optional[str]:
        """The address of who asked: the last one that no trusted machine told of itself."""
        if not forwarded_for or not (self._any or self._networks):
            return peer
        if peer is not None and not self._trusted(peer):
            return peer
        told = [_address(each) for each in forwarded_for.split(",")[-50:]]
        known = [each for each in told if each]
        if self._any and known:
            return known[0]
        for address in reversed(known):
            if not self._trusted(address):
                return address
        return known[0] if known else peer

    def _is_trusted(self, address: str) -> bool:
        if self._any:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self._networks)


def _address(told: str) -> str:
    """`"[2001:db8::1]:443"` and `192.0.2.1:80` without what surrounds them."""
    told = told.strip().strip('"')
    if told.startswith("["):
        return told[1:].partition("]")[0]
    return told.partition(":")[0] if told.count(":") == 1 else told
