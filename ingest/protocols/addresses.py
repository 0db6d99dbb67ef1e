"""IP addresses as senders write them. Pure."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address

from traffic.records import Address


@lru_cache(maxsize=4_096)  # those who ask do so again
def address(text: str) -> Address | None:
    """The first address of a list (X-Forwarded-For), without its port; None for what is none.

    An IPv4 address in an IPv6 one is itself again.
    """
    first = text.partition(",")[0].strip().strip('"')
    if first.startswith("["):  # [2001:db8::1]:443
        first = first[1:].partition("]")[0]
    elif first.count(":") == 1:  # 192.0.2.1:443
        first = first.partition(":")[0]
    try:
        found = ip_address(first.partition("%")[0])  # fe80::1%eth0
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped:
        return IPv4Address(found.ipv4_mapped)
    return found
