"""Many messages in one. No I/O."""

from collections import Counter
from collections.abc import Sequence

from alerts.records import Message

NAMED = 10


def digest(application: str, messages: Sequence[tuple[str, Message]], path: str) -> Message:
    """One message for many, oldest first, each with its rule's name; none of them is left out."""
    titles = [message.title for _, message in messages]
    lines = [f"- {title}" for title in titles[:NAMED]]
    if more := len(titles) - NAMED:
        lines.append(f"and {more:,} more" if more > 0 else "")
    by_rule = Counter(rule for rule, _ in messages if rule)
    counts = [f"{count:,} × {rule}" for rule, count in by_rule.most_common()]
    text = "\n".join([*filter(None, lines), "", *counts]).strip()
    facts = {"count": len(titles), "titles": titles[:NAMED], "by_rule": dict(by_rule)}
    return Message(f"{application}: {len(titles):,} messages", text, path, facts)
