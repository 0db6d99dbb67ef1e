"""Texts of others, as they can be stored. No Django."""

import re

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str, most: int) -> str:
    """The beginning of a text as PostgreSQL takes it: without NUL and lone surrogates."""
    return _UNSTORABLE.sub("\ufffd", text[:most])
