"""Sends one message by Apprise, which may reach what the guard allows, and nothing else.

Run with a JSON text on its input; it answers with one. No Django, no secrets in its environment.
Apprise's plugins use requests, sockets, smtplib and others: what all of them end in is a socket.
"""

import json
import logging
import resource
import socket
import sys
from ipaddress import ip_address
from typing import Any

from loghandler.outbound.addresses import Guard

MOST_BYTES = 1 << 30  # of memory
CPU_SECONDS = 30
# They speak to this machine: its desktop, its log, its programs.
LOCAL = {
    "dbus", "exec", "glib", "gnome", "gtk", "kde", "macosx", "qt", "rsyslog", "script", "syslog",
    "windows",
}  # fmt: skip


class Forbidden(OSError):
    """An address that may not be asked."""


def confine(guard: Guard) -> None:
    """From now on no socket of this process reaches what the guard refuses.

    A name is resolved by whoever connects; what counts is the address that it connects to.
    """
    reach: Any = socket.socket

    def checked(own: socket.socket, address: Any) -> Any:
        if own.family not in {socket.AF_INET, socket.AF_INET6}:
            raise Forbidden("Only addresses of the internet may be asked")
        host, *rest = address
        try:
            asked = ip_address(host)
        except ValueError:
            found = socket.getaddrinfo(host, rest[0], own.family, own.type)
            address = found[0][4]
            asked = ip_address(address[0])
        if words := guard.refusal(asked):
            raise Forbidden(words)
        return address

    connect, connect_ex = reach.connect, reach.connect_ex
    sendto, sendmsg = reach.sendto, reach.sendmsg
    reach.connect = lambda own, address: connect(own, checked(own, address))
    reach.connect_ex = lambda own, address: connect_ex(own, checked(own, address))
    reach.sendto = lambda own, data, *more: sendto(own, data, *more[:-1], checked(own, more[-1]))

    def guarded_sendmsg(own: Any, buffers: Any, *more: Any) -> Any:
        if len(more) > 2:
            more = (*more[:2], checked(own, more[2]))
        return sendmsg(own, buffers, *more)

    reach.sendmsg = guarded_sendmsg


class Said(logging.Handler):
    """The last of what Apprise said of a failure."""

    words = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.words = record.getMessage()


def send(asked: dict[str, Any]) -> dict[str, Any]:
    scheme = asked["url"].partition("://")[0].lower()
    if scheme in LOCAL:
        return _not_sent(f"{scheme}:// speaks to this machine, which is not allowed", True)
    import apprise  # after the sockets are confined

    said = Said(logging.DEBUG)
    logger = logging.getLogger("apprise")
    logger.setLevel(logging.DEBUG)
    logger.addHandler(said)
    services = apprise.Apprise()
    if not services.add(asked["url"]):
        return _not_sent(f"Apprise can't read this address of {scheme}://", True)
    kind = apprise.NotifyType.FAILURE if asked["bad"] else apprise.NotifyType.INFO
    if services.notify(body=asked["body"], title=asked["title"], notify_type=kind):
        return {"sent": True}
    return _not_sent(said.words or "Apprise does not say why", False)


def _not_sent(words: str, permanent: bool) -> dict[str, Any]:
    return {"sent": False, "words": words[:500], "permanent": permanent}


def main() -> None:
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    confine(Guard(asked["allowed"]))
    json.dump(send(asked), sys.stdout)


if __name__ == "__main__":
    main()
