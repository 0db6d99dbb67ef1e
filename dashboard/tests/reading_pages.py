"""Reads a page's HTML as a browser would, and refuses what is not nested well."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"area", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    text: str = ""
    inside: list[str] = field(default_factory=list)

    @property
    def classes(self) -> list[str]:
        return self.attributes.get("class", "").split()


class Elements(HTMLParser):
    """The elements of a page in its order."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[Element] = []
        self.open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice in {self.get_starttag_text()}"
        attributes = {name: value or "" for name, value in attrs}
        element = Element(tag, attributes, inside=[one.tag for one in self.open])
        self.found.append(element)
        if tag not in _VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open[-1].tag == tag, f"</{tag}> in <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        for element in self.open:
            element.text += data

    def all(self, tag: str, name: str = "") -> list[Element]:
        """The elements of this tag and, if one is given, of this class."""
        return [e for e in self.found if e.tag == tag and (not name or name in e.classes)]

    def texts(self, tag: str, name: str = "") -> list[str]:
        return [element.text.strip() for element in self.all(tag, name)]

    def links(self) -> list[str]:
        return [link.attributes["href"] for link in self.all("a")]


def elements(html: str) -> Elements:
    found = Elements()
    found.feed(html)
    found.close()
    assert not found.open, f"<{found.open[-1].tag}> is never closed"
    return found
