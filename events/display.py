"""Senders' text as a page may show it: nothing hides, nothing reorders what is around it."""

import json
import re
import unicodedata
from functools import cache

# Colours and "erase the line", as terminals are told them. Other escape sequences stay, visibly.
_COLOURS = re.compile(r"\x1b\[[0-9;:]*[mK]")
# Controls but tab and newline, what changes the direction of text (Trojan Source, CVE-2021-42574),
# line separators, byte order marks, and lone surrogates, which UTF-8 can't hold. Joiners stay: they
# are part of Persian and of emoji.
_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ufeff\ud800-\udfff]+"
)
_ZERO_WIDTH_JOINER = "\u200d"
_LONGEST_GRAPHEME = 32  # characters; what is longer is no text


def without_colours(text: str) -> str:
    return _COLOURS.sub("", text) if "\x1b" in text else text


def visible(text: str) -> str:
    r"""The text with control and direction characters as symbols (␛) or escapes (`\u202e`).

    Text in right-to-left scripts needs none of them and stays as it is.
    """
    return _HIDDEN.sub(_shown, without_colours(text.replace("\r\n", "\n")))


def hidden_escaped(json_text: str) -> str:
    """JSON with such characters escaped as JSON does: the same value, in text that shows itself."""
    return _HIDDEN.sub(lambda found: json.dumps(found[0])[1:-1], json_text)


def _shown(found: re.Match[str]) -> str:
    return "".join(map(_symbol, found[0]))


@cache
def _symbol(character: str) -> str:
    number = ord(character)
    if number < 0x20:
        return chr(0x2400 + number)
    return "\u2421" if number == 0x7F else f"\\u{number:04x}"


def excerpt(text: str, most: int) -> str:
    """The text, or as much of its start as leaves room for `…` in `most` (1 or more) characters.

    The cut never parts a letter from its accents or an emoji from what it is joined with.
    """
    if len(text) <= most:
        return text
    end = most - 1
    for place in range(end, max(end - _LONGEST_GRAPHEME, 0), -1):
        if not _continues(text, place):
            end = place
            break
    return text[: max(end, 0)] + "…"


def _continues(text: str, place: int) -> bool:
    """Whether the character at this place belongs to the one before it."""
    here, before = text[place], text[place - 1]
    if before == _ZERO_WIDTH_JOINER or here == _ZERO_WIDTH_JOINER:
        return True
    if _is_flag_half(here) and _is_flag_half(before):
        halves = 1
        while place - 1 - halves >= 0 and _is_flag_half(text[place - 1 - halves]):
            halves += 1
        return halves % 2 == 1
    return (
        unicodedata.category(here) in ("Mn", "Mc", "Me")  # accents, variation selectors
        or "\U0001f3fb" <= here <= "\U0001f3ff"  # skin tones
        or "\U000e0020" <= here <= "\U000e007f"  # the tags of regional flags
        or "\udc00" <= here <= "\udfff"
    )


def _is_flag_half(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"
