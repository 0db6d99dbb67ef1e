"""How much of what senders wrote a page has room for: bounded in bytes, markup included. Pure."""

from html import escape

from events.display import excerpt, visible

_ELLIPSIS_BYTES = 3


class Room:
    """So many bytes of a page. Texts use it up: they are told whole while they fit."""

    def __init__(self, most_bytes: int) -> None:
        self.left = most_bytes

    def spend(self, size: int) -> bool:
        """Take so many bytes for markup, if there are so many."""
        if size > self.left:
            return False
        self.left -= size
        return True

    def text(self, text: str, most_characters: int) -> str:
        """As much of the start of the text as fits, with nothing in it that hides."""
        shown, size = _fitted(visible(excerpt(text, most_characters)), self.left)
        self.left -= size
        return shown


def beginning(text: str, most_bytes: int) -> tuple[str, bool]:
    """The start of the text that fits, with nothing in it that hides, and whether more follows."""
    start = visible(text[: most_bytes + 1])
    shown, _ = _fitted(start, most_bytes)
    return shown, shown != start or len(text) > most_bytes + 1


def page_bytes(text: str) -> int:
    """How long the text is in a page: a quote takes six bytes there, an emoji four."""
    return len(escape(text).encode())


def _fitted(text: str, most_bytes: int) -> tuple[str, int]:
    """As much of the start of the text as takes no more than this in a page, and what it takes."""
    if most_bytes < _ELLIPSIS_BYTES:
        return "", 0
    text = excerpt(text, most_bytes)
    while (size := page_bytes(text)) > most_bytes:
        text = excerpt(text, len(text) * most_bytes // size)
    return text, size
