"""Which addresses may be asked, however they are written."""

from ipaddress import ip_address

import pytest

from loghandler.outbound.addresses import Guard


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("127.8.9.10", "loopback"),
        ("::1", "loopback"),
        ("::ffff:127.0.0.1", "loopback"),
        ("64:ff9b::7f00:1", "loopback"),
        ("2002:7f00:1::", "loopback"),
        ("10.1.2.3", "private"),
        ("172.31.255.255", "private"),
        ("192.168.0.1", "private"),
        ("100.64.0.1", "private"),
        ("100.100.100.200", "private"),
        ("198.18.0.1", "private"),
        ("fd00:ec2::254", "private"),
        ("fec0::1", "private"),
        ("::ffff:10.0.0.1", "private"),
        ("64:ff9b::a00:1", "private"),
        ("64:ff9b:1::1", "reserved"),
        ("2001:db8::1", "private"),
        ("169.254.169.254", "link-local"),
        ("fe80::1", "link-local"),
        ("fe80::1%eth0", "link-local"),
        ("::ffff:169.254.169.254", "link-local"),
        ("168.63.129.16", "cloud"),
        ("192.0.0.192", "cloud"),
        ("224.0.0.1", "multicast"),
        ("ff02::1", "multicast"),
        ("255.255.255.255", "private"),
        ("240.0.0.1", "private"),
        ("0.0.0.0", "no address"),  # noqa: S104  nobody listens here
        ("0.1.2.3", "private"),
        ("::", "no address"),
        ("::7f00:1", "reserved"),
    ],
)
def test_what_is_not_of_the_internet_is_refused_in_words(address: str, kind: str) -> None:
    refusal = Guard().refusal(ip_address(address))
    assert refusal is not None
    assert kind in refusal


def test_the_address_that_is_meant_is_named() -> None:
    refusal = Guard().refusal(ip_address("64:ff9b::a9fe:a9fe"))
    assert refusal == "169.254.169.254 is a link-local address, which this server does not ask"


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]
)
def test_the_internet_is_not(address: str) -> None:
    assert Guard().refusal(ip_address(address)) is None


def test_networks_are_allowed_by_the_operator() -> None:
    guard = Guard(["10.0.0.0/8", "fd00::/8"])
    assert guard.refusal(ip_address("10.9.8.7")) is None
    assert guard.refusal(ip_address("::ffff:10.9.8.7")) is None
    assert guard.refusal(ip_address("fd12::1")) is None
    assert guard.refusal(ip_address("192.168.0.1")) is not None
    assert guard.refusal(ip_address("127.0.0.1")) is not None


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ValueError, match="has host bits set"):
        Guard(["10.0.0.1/8"])
