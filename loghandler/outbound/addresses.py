"""Which addresses may be asked: those of the internet, and networks that the operator allows.

Who may add a monitor or a webhook must not reach what only this machine can: its own services, its
network, or the metadata of its cloud (server-side request forgery, CWE-918). What counts is the
address that is connected to, however a name or number was written.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_SITE_LOCAL = IPv6Network("fec0::/10")  # RFC 3879: private networks of old
# Of clouds' own services, in ranges that look like the internet's: Azure's, Oracle's.
_METADATA = {IPv4Address("168.63.129.16"), IPv4Address("192.0.0.192")}


class Guard:
    """Allows the internet, and these networks."""

    def __init__(self, allowed: Iterable[str] = ()) -> None:
        """Networks such as `10.0.0.0/8`. Raises ValueError for what is none."""
        self._allowed: list[Network] = [ip_network(network) for network in allowed]

    def refusal(self, address: Address) -> str | None:
        """Why an address may not be asked, in words; None where it may."""
        meant = _meant(address)
        if any(each in network for network in self._allowed for each in (address, meant)):
            return None
        kind = _kind(meant)
        return f"{meant} is {kind}, which this server does not ask" if kind else None


def _meant(address: Address) -> Address:
    """The IPv4 address that packets to an IPv6 address reach in the end, if there is one."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _kind(address: Address) -> str | None:
    """What an address is that is not of the internet."""
    kinds = {
        "an address of a cloud's own services": address in _METADATA,
        "a loopback address": address.is_loopback,
        "a link-local address": address.is_link_local,
        "a multicast address": address.is_multicast,
        "no address of a host": address.is_unspecified,
        "a private address": not address.is_global or address in _SITE_LOCAL,
        "a reserved address": address.is_reserved,
    }
    return next((kind for kind, holds in kinds.items() if holds), None)
