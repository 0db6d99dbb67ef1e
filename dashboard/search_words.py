"""What is typed into a search: words, and filters such as `status:5xx` or `-device:"AI crawler"`.

Pure.
"""

import re
from collections.abc import Mapping

_WORD = re.compile(r'(?:[^\s"]|"[^"]*"?)+')
_FILTER = re.compile(r'(-?)([a-z]+):(?:"([^"]+)"?|([^\s"]+))')

Values = dict[str, list[str]]


def taken_apart(text: str, names: Mapping[str, str]) -> tuple[str, Values, Values]:
    """The words that are no filters; what is asked for, and what is left out, by parameter.

    `names` are the filters' names as they are typed, each with its parameter.
    """
    words: list[str] = []
    included: Values = {}
    excluded: Values = {}
    for word in _WORD.findall(text):
        found = _FILTER.fullmatch(word)
        if found is None or found[2] not in names:
            words.append(word)
            continue
        values = excluded if found[1] else included
        values.setdefault(names[found[2]], []).append(found[3] or found[4])
    if not included and not excluded:
        return text, {}, {}
    return " ".join(words), included, excluded
