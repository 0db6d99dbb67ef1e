"""What is offered to every application can be taken as it is."""

import pytest

from alerts.kinds import condition, condition_choices, stored
from alerts.suggestions import SUGGESTIONS, Suggestion, suggestions
from alerts.validity import require_valid


@pytest.mark.parametrize("suggestion", SUGGESTIONS)
def test_a_suggestion_is_a_valid_rule(suggestion: Suggestion) -> None:
    require_valid(suggestion.condition)
    kind, fields = stored(suggestion.condition)
    assert kind == suggestion.kind
    assert kind in dict(condition_choices())
    assert condition(kind, fields) == suggestion.condition
    assert 0 < len(suggestion.name) <= 100


def test_what_an_application_has_is_not_suggested_again() -> None:
    assert {each.kind for each in suggestions([])} > {"monitor_down", "new_message"}
    left = [each.kind for each in suggestions(["monitor_down", "new_message", "no_event"])]
    assert left == ["certificate_ends", "returned_message", "many_events", "error_rate"]
    assert len({each.name for each in SUGGESTIONS}) == len(SUGGESTIONS)
