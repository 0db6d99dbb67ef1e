"""Sends one message by Apprise, which may reach what the guard allows, and nothing else.

Run with a JSON text on its input; it answers with one. No Django, no secrets in its environment.
"""

import json
import logging
import re
import resource
import sys
from typing import Any
from urllib.parse import unquote

from alerts.channels.confinement import Confinement
from loghandler.outbound.addresses import Guard

MOST_BYTES = 1 << 30  # of memory
CPU_SECONDS = 30
MOST_CHARACTERS = 500  # of a failure's words
# Beside those that speak HTTP: by smtplib, whose sockets are Python's.
_MAIL = {"mailto", "mailtos"}
_SECRET = 6  # characters of an address's part that may be one


class Said(logging.Handler):
    """The first of what Apprise said of a failure: what it says later follows from it."""

    words = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.words = self.words or record.getMessage()


def send(asked: dict[str, Any], confinement: Confinement) -> dict[str, Any]:
    import apprise  # after the process is confined

    url = asked["url"]
    scheme = url.partition("://")[0].lower()
    said = Said(logging.WARNING)
    logging.getLogger("apprise").addHandler(said)
    service = apprise.Apprise.instantiate(url, suppress_exceptions=True)
    if confinement.refused:
        return _not_sent(confinement.refused[0], permanent=True)
    if service is None:
        return _not_sent(f"Apprise can't read this address of {scheme}://", permanent=True)
    if scheme not in _MAIL and not _speaks_http(type(service)):
        return _not_sent(f"{scheme}:// does not speak HTTP: it is not used here", permanent=True)
    kind = apprise.NotifyType.FAILURE if asked["bad"] else apprise.NotifyType.INFO
    services = apprise.Apprise()
    services.add(service)
    if services.notify(body=asked["body"], title=asked["title"], notify_type=kind):
        return {"sent": True}
    if confinement.refused:
        return _not_sent(confinement.refused[0], permanent=True)
    words = without_secrets(said.words, url) or "Apprise does not say why"
    return _not_sent(words, permanent=False)


def without_secrets(words: str, url: str) -> str:
    """What Apprise says, without those parts of the address that may be tokens or passwords."""
    host = re.match(r"[^:]*://(?:[^/?#]*@)?([^/?#:]*)", url)
    parts = {part for part in re.split(r"[/:@?&=,#]+", url.partition("://")[2]) if part}
    parts |= {unquote(part) for part in parts}
    parts.discard(host[1] if host else "")
    for part in sorted(parts, key=len, reverse=True):
        if len(part) >= _SECRET:
            words = words.replace(part, "…")
    return words


def _speaks_http(service: type[Any]) -> bool:
    """By requests, which one of its modules imports: `apprise.plugins.slack`, `….matrix.base`."""
    package = ".".join(service.__module__.split(".")[:3])
    modules = [sys.modules[name] for name in sys.modules if f"{name}.".startswith(f"{package}.")]
    return any(hasattr(module, "requests") for module in modules)


def _not_sent(words: str, *, permanent: bool) -> dict[str, Any]:
    return {"sent": False, "words": words[:MOST_CHARACTERS], "permanent": permanent}


def main() -> None:
    asked = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    confinement = Confinement(Guard(asked["allowed"]))
    confinement.begin()
    json.dump(send(asked, confinement), sys.stdout)


if __name__ == "__main__":
    main()
