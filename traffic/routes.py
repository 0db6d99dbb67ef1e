"""Which route a path belongs to, where its sender names none. Pure.

1. A template that the application declares (`/files/*`, `/tags/{tag}`) wins; the first that fits.
2. Else each part of the path that looks like a value becomes a placeholder: numbers, UUIDs and
   other identifiers `{id}`, dates `{date}`, e-mail addresses `{email}`, very long texts `{text}`.
3. Below a place where more than MOST_CHILDREN different parts were met, every part is `{value}`:
   `/tags/red`, `/tags/green`, … are `/tags/{value}`. What was not found (404, 405) teaches nothing.
4. A path deeper than MOST_PARTS ends in `/…`; past MOST_ROUTES routes a day there is only `OTHER`.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import unquote

OTHER = "(other)"
MOST_PARTS = 12
MOST_CHILDREN = 100
# The first part of a path is mostly a name that somebody has given.
MOST_CHILDREN_OF_THE_ROOT = 300
MOST_ROUTES = 1_000
MOST_MISSING = 200  # of them, routes that were never found
LONGEST_PART = 64
_NOT_FOUND = {404, 405}

_NUMBER = r"[+-]?[0-9]+(?:[.,][0-9]+)*"
_UUID = r"\{?[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\}?"
_HEX = r"(?:0x)?(?=[a-f]*[0-9])[0-9a-f]{8,}"
_DATE = r"[0-9]{4}-[0-9]{2}(?:-[0-9]{2})?(?:T[0-9:.+Z-]*)?"
_EMAIL = r"[^@\s/]+@[^@\s/]+\.[^@\s/]+"
# Digits between letters, and long: ULID, nanoid, base62, tokens. Words joined by dashes, with a
# number at the end, are a name (`getting-started-2`), and `{value}` where there are many.
_MIXED = r"(?=(?:[^0-9]*[0-9]){2})(?=[^a-z]*[a-z])[0-9a-z_]{16,}={0,2}"
_PREFIXED = r"[a-z]{1,8}_(?=[a-z]*[0-9])[0-9a-z]{8,}"  # cus_9s6XKzkNRiz8i3
_KINDS = [
    (re.compile(_DATE, re.IGNORECASE), "{date}"),
    (re.compile(_EMAIL), "{email}"),
    (re.compile(f"(?:{_NUMBER}|{_UUID}|{_HEX}|{_MIXED}|{_PREFIXED})", re.IGNORECASE), "{id}"),
]
_ENDING = re.compile(r"(.+?)(\.[a-z][a-z0-9]{0,4})", re.IGNORECASE)  # report-7.pdf
_VERSION = re.compile(r"v[0-9]{1,4}(?:\.[0-9]{1,4})*", re.IGNORECASE)
_NO_DIGIT = re.compile(r"[^0-9@%]*").fullmatch


def route(path: str, templates: Sequence[str] = (), learned: Collection[str] = ()) -> str:
    """The route of a path without its query. `learned`: the places of rule 3, such as `/tags`."""
    parts = [part for part in path.split("/") if part]
    for template in templates:
        if fits(template, parts):
            return template
    return below_learned([placeholder(part) for part in _shortened(parts)], learned)


def fits(template: str, parts: Sequence[str]) -> bool:
    """Whether a path is of a template: `{name}` is any one part, a last `*` any rest."""
    wanted = [part for part in template.split("/") if part]
    if wanted and wanted[-1] == "*":
        wanted.pop()
        parts = parts[: len(wanted)]
    return len(wanted) == len(parts) and all(
        (want[0] == "{" and want[-1] == "}") or want == part
        for want, part in zip(wanted, parts, strict=True)
    )


def placeholder(part: str) -> str:
    """The part of a path, or the placeholder of what it looks like."""
    if _NO_DIGIT(part) and len(part) <= LONGEST_PART:
        return part
    plain = unquote(part)
    if _VERSION.fullmatch(plain):
        return part
    for kind, name in _KINDS:
        if kind.fullmatch(plain):
            return name
    ending = _ENDING.fullmatch(plain)
    if ending and (inner := placeholder(ending[1])) != ending[1]:
        return inner + ending[2]
    return "{text}" if len(part) > LONGEST_PART else part


def below_learned(parts: Sequence[str], learned: Collection[str]) -> str:
    """The parts joined; what stands below a learned place is a value."""
    place = ""
    for part in parts:
        value = place in learned and part[0] not in "{…"
        place += "/{value}" if value else f"/{part}"
    return place or "/"


def _shortened(parts: Sequence[str]) -> Sequence[str]:
    return parts if len(parts) <= MOST_PARTS else [*parts[:MOST_PARTS], "…"]


def version(path: str) -> str | None:
    """The API's version in a path: the first part such as `v2`, in lower case."""
    for part in path.split("/"):
        if part[:1] in {"v", "V"} and _VERSION.fullmatch(part):
            return part.lower()
    return None


def normalized(template: str) -> str:
    """A sender's own template, as it shows it, from one slash on."""
    return "/" + template.strip().lstrip("/")


@dataclass
class Learner:
    """What a process has met of one application's routes today: rules 3 and 4."""

    learned: set[str] = field(default_factory=set)
    day: date | None = None
    _children: dict[str, set[str]] = field(default_factory=dict)
    _known: set[str] = field(default_factory=set)
    _missing: set[str] = field(default_factory=set)

    def begin(self, day: date) -> None:
        """Start to count anew where another day has begun."""
        if day != self.day:
            self.day = day
            self._children, self._known, self._missing = {}, set(), set()

    def admitted(self, route: str, status: int) -> str:
        """The route, `{value}` for a part that is one too many, OTHER where there are too many."""
        if route in self._known:
            return route
        if status in _NOT_FOUND:
            return self._bounded(route, self._missing, MOST_MISSING)
        self._learn(route)
        route = below_learned([part for part in route.split("/") if part], self.learned)
        self._missing.discard(route)
        return self._bounded(route, self._known, MOST_ROUTES)

    def _bounded(self, route: str, among: set[str], most: int) -> str:
        if route not in among:
            if len(among) >= most:
                return OTHER
            among.add(route)
        return route

    def _learn(self, route: str) -> None:
        place = ""
        for part in [part for part in route.split("/") if part]:
            if part[0] not in "{…" and place not in self.learned:
                children = self._children.setdefault(place, set())
                children.add(part)
                if len(children) > (MOST_CHILDREN if place else MOST_CHILDREN_OF_THE_ROOT):
                    self.learned.add(place)
                    del self._children[place]
            place += f"/{part}"
