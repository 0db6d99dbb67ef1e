"""What rules about messages find: those that are new, and those that return."""

from collections.abc import Sequence

from alerts.findings import Finding
from alerts.records import NewMessage, ReturnedMessage
from alerts.seen import Seen
from alerts.texts import texts
from applications.models import Application
from events.records import LEVEL_NAMES, LEVELS
from stats.cover import DAY

MessageRule = NewMessage | ReturnedMessage
MOST_CHARACTERS = 200  # of a message in a title


def findings_of(rule: MessageRule, application: Application, seen: Sequence[Seen]) -> list[Finding]:
    """Which of the messages that were seen lately a rule tells of."""
    chosen = [each for each in seen if each.level >= LEVELS[rule.level] and is_meant(rule, each)]
    said = texts(application.pk, [each.last_id for each in chosen]) if chosen else {}
    return [
        _finding(rule, application, each, said[each.last_id])
        for each in chosen
        if each.last_id in said and rule.contains.lower() in said[each.last_id].lower()
    ]


def is_meant(rule: MessageRule, seen: Seen) -> bool:
    """Whether it is new, or returned after so many days."""
    if isinstance(rule, NewMessage):
        return seen.before is None
    return seen.before is not None and seen.at - seen.before >= rule.days * DAY


def _finding(rule: MessageRule, application: Application, seen: Seen, text: str) -> Finding:
    line = " ".join(text.split())
    line = line if len(line) <= MOST_CHARACTERS else f"{line[:MOST_CHARACTERS]}…"
    level = LEVEL_NAMES.get(seen.level, str(seen.level))
    subject = f"message:{seen.level}:{seen.digest}"
    said = "This message was never seen before."
    if isinstance(rule, ReturnedMessage):
        assert seen.before is not None
        subject += f":{seen.at:%Y-%m-%d}"
        said = f"It was not seen for {(seen.at - seen.before).days} days."
    facts = {"level": level, "message": text[:2_000], "event_id": str(seen.last_id)}
    path = f"/applications/{application.pk}/events/{seen.last_id}/"
    return Finding(subject, seen.at, seen.at, f"{level}: {line}", said, path, facts)
