"""An event as text, to look at and to take elsewhere: message, JSON, Markdown, a command. Pure."""

from dataclasses import dataclass

from dashboard.page_room import beginning, page_bytes
from dashboard.wording import line
from events import sharing
from events.display import hidden_escaped
from events.frames import readable
from events.models import Event
from events.output import output
from events.raw import pretty_json

_LONGEST_HEADING = 200
_LONGEST_TITLE = 80
_MESSAGE_BYTES = 30_000
_JSON_BYTES = 30_000
_SHARED_BYTES = 20_000


@dataclass(frozen=True, slots=True)
class Text:
    """As much of a text as the page has room for."""

    shown: str
    is_cut: bool


def heading(event: Event, longest: int = _LONGEST_HEADING) -> str:
    """The first line of the message."""
    return line(event.message, longest).strip()


def title(event: Event) -> str:
    """The first line of the message for a browser's tab."""
    return heading(event, _LONGEST_TITLE)


def message(event: Event) -> Text | None:
    """The message where its heading does not tell all of it."""
    text = event.message.strip()
    if "\n" not in text and len(text) <= _LONGEST_HEADING:
        return None
    return Text(*beginning(text, _MESSAGE_BYTES))


def stored_json(event: Event) -> Text:
    """All that is stored of the event, as the REST API tells it."""
    text, _ = pretty_json(output(event), _JSON_BYTES + 1)
    return Text(*beginning(hidden_escaped(text), _JSON_BYTES))


def shared(event: Event, url: str, base_url: str) -> dict[str, str]:
    """Markdown and a command, to be copied from the page; without those that are too long for it.

    A command that is cut is worth nothing.
    """
    texts = {"markdown": sharing.markdown(event, url), "curl": sharing.curl(event, base_url)}
    return {name: text for name, text in texts.items() if page_bytes(text) <= _SHARED_BYTES}


def whole_text(event: Event, name: str, url: str, base_url: str) -> str | None:
    """One of the event's texts as a file, uncut; None where it has none of this name."""
    match name:
        case "message":
            return event.message
        case "stack":
            return readable(event.stack).text
        case "markdown":
            return sharing.markdown(event, url)
        case "curl":
            return sharing.curl(event, base_url)
    return None
