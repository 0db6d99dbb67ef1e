"""Secrets that a page shows once: from their making they wait for it in the session.

The owner of a secret is the id of an application, or a name for those of the person.
"""

from dataclasses import dataclass

from django.http import HttpRequest

from applications.models import Key

_IN_SESSION = "shown_once"  # owner → [kind, text] of each


@dataclass(frozen=True, slots=True)
class Secret:
    """A key that was just made: `text` is the whole of it."""

    kind: str
    text: str

    @property
    def prefix(self) -> str:
        return self.text[:8]


def keep(request: HttpRequest, owner: int | str, text: str, *, kind: str = Key.INGEST) -> None:
    """Keep a secret for the next page that takes those of its owner."""
    waiting = request.session.setdefault(_IN_SESSION, {})
    waiting.setdefault(str(owner), []).append([kind, text])
    request.session.modified = True


def take(request: HttpRequest, owner: int | str) -> list[Secret]:
    """The secrets that wait for this showing; the session forgets them.

    A page that only looks for news in the background would lose what nobody has seen.
    """
    waiting = request.session.get(_IN_SESSION, {})
    if str(owner) not in waiting or "X-Refresh" in request.headers:
        return []
    request.session.modified = True
    return [Secret(kind, text) for kind, text in waiting.pop(str(owner))]
