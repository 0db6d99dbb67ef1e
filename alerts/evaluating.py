"""Evaluates rules: what begins and what ends is stored, and told, in one transaction a rule.

Each rule knows up to when it was evaluated. Two workers never evaluate one at once, and whoever is
late finds everything done: of one subject a rule tells once.
"""

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from alerts import kinds, notifying, seen
from alerts.activity import Activity, activity, may_be_new, may_begin
from alerts.findings import Asked, Finding, findings, finished, readable_since
from alerts.messages import MessageRule, findings_of
from alerts.models import Alert, Rule, Watch
from alerts.records import Condition
from loghandler import queue
from stats.cover import HOUR, MINUTE, floor

logger = logging.getLogger(__name__)
# Who was away for longer looks back so far: what is older is history, not an alert.
LONGEST = timedelta(hours=6)
# And so far only as can be read within seconds, where rows have to be.
MOST_ROWS = 1_000_000


def evaluate(now: datetime | None = None) -> None:
    """Evaluate all rules; one that fails holds up no other."""
    now = now or timezone.now()
    active = Rule.objects.filter(active=True, application__deleted_at=None)
    rules = list(active.select_related("application").order_by("application_id", "pk"))
    if not rules:
        return
    _set_back(rules, now)
    of = activity({rule.application_id for rule in rules}, now - LONGEST - HOUR, now)
    held = dict(Alert.objects.filter(end=None, rule__active=True).values_list("rule", "begin"))
    of_messages: list[tuple[Rule, MessageRule]] = []
    for rule in rules:
        with _failures_logged([rule]):
            condition = kinds.condition(rule.kind, rule.condition)
            if isinstance(condition, MessageRule):
                of_messages.append((rule, condition))
            else:
                _evaluate(rule, condition, now, of, held.get(rule.pk))
    _evaluate_all_messages(of_messages, now, of)


def _set_back(rules: Sequence[Rule], now: datetime) -> None:
    """Whose clock was ahead has left rules as evaluated until a moment that is still to come."""
    for rule in rules:
        if rule.evaluated_until > now + MINUTE:  # clocks of several machines differ by seconds
            same = Rule.objects.filter(pk=rule.pk, evaluated_until=rule.evaluated_until)
            same.update(evaluated_until=now)
            rule.evaluated_until = now


@contextmanager
def _failures_logged(rules: Sequence[Rule]) -> Iterator[None]:
    try:
        yield
    except Exception:
        logger.exception("Rules %s could not be evaluated", [rule.pk for rule in rules])


def _evaluate(
    rule: Rule, condition: Condition, now: datetime, of: Activity, held: datetime | None
) -> None:
    """`held`: since when it is known to hold, if it does."""
    until = finished(condition, now)
    if until <= rule.evaluated_until:
        return
    if held is None and not may_begin(condition, rule.application_id, rule.evaluated_until, of):
        return  # the next time looks back as far as this one would have
    found = _found(rule, condition, until, held)
    if not found and held is None:
        _claimed(rule, until)
        return
    with transaction.atomic():
        if _claimed(rule, until):
            _store(rule, found, until)


def _claimed(rule: Rule, until: datetime) -> bool:
    """Whether nobody else has evaluated it meanwhile; they wait for each other's row."""
    same = Rule.objects.filter(pk=rule.pk, evaluated_until=rule.evaluated_until, active=True)
    return bool(same.update(evaluated_until=until))


def _found(
    rule: Rule, condition: Condition, until: datetime, open_since: datetime | None
) -> list[Finding]:
    # Minutes are looked at as a whole.
    since = floor(max(rule.evaluated_until, until - LONGEST), MINUTE)
    asked = Asked(rule.application, since, until, rule.created_at, open_since)
    since = readable_since(condition, asked, MOST_ROWS)
    return findings(condition, replace(asked, since=since))


def _store(rule: Rule, found: Sequence[Finding], until: datetime) -> None:
    """What is new begins; what is over, or is not found any more, ends."""
    told = {
        alert.subject: alert
        for alert in Alert.objects.filter(rule=rule, subject__in=[each.subject for each in found])
    }
    begun = [_alert(rule, each) for each in found if each.subject not in told]
    ends = {each.subject: each.end for each in found}
    ending = []
    for alert in Alert.objects.filter(rule=rule, end=None).select_related("application"):
        end = ends.get(alert.subject, until)
        if end is not None:
            alert.end = max(end, alert.begin)
            ending.append(alert)
    Alert.objects.bulk_update(ending, ["end"])
    Alert.objects.bulk_create(begun)
    _tell(begun, [*ending, *(alert for alert in begun if alert.end and alert.end > alert.begin)])


def _tell(begun: Sequence[Alert], ended: Sequence[Alert]) -> None:
    if begun:
        notifying.began(begun)
    if ended:
        notifying.ended(ended)


def _alert(rule: Rule, found: Finding) -> Alert:
    return Alert(
        application=rule.application,
        rule=rule,
        subject=found.subject,
        begin=found.begin,
        end=found.end,
        title=found.title,
        text=found.text,
        path=found.path,
        facts=found.facts,
    )


# --- Messages: noted once for all rules of an application --------------------------------------


def _evaluate_all_messages(
    rules: Sequence[tuple[Rule, MessageRule]], now: datetime, of: Activity
) -> None:
    watched = dict(Watch.objects.values_list("application", "seen_until"))
    idle = []
    for application_id, of_one in groupby(rules, key=lambda each: each[0].application_id):
        since, asking = watched.get(application_id), list(of_one)
        if since and since > now - LONGEST and not may_be_new(application_id, since, of):
            idle.append(application_id)
            continue
        with _failures_logged([rule for rule, _ in asking]):
            if since is None:  # what is there already is not new
                _learn(application_id, now)
                continue
            if since < now - LONGEST:
                made = min(rule.evaluated_until for rule, _ in asking)
                since = max(floor(now - LONGEST, HOUR), made)
                _learn(application_id, since)
            while _evaluate_messages(asking, since, now) and not queue.ending.is_set():
                pass
    # Whoever commits meanwhile is found: the next look goes back a bit.
    Watch.objects.filter(application__in=idle).update(seen_until=now)


@transaction.atomic
def _learn(application_id: int, until: datetime) -> None:
    Watch.objects.update_or_create(application_id=application_id, defaults={"seen_until": until})
    seen.learn(application_id, until)


@transaction.atomic
def _evaluate_messages(
    rules: Sequence[tuple[Rule, MessageRule]], since: datetime, now: datetime
) -> bool:
    """Evaluate some of what came, which is noted with it; whether there may be more."""
    application = rules[0][0].application
    watch = Watch.objects.filter(application=application, seen_until=since)
    if not watch.select_for_update(no_key=True).exists():  # somebody else was sooner
        return False
    noted = seen.note(application.pk, since)
    more = len(noted) == seen.AT_ONCE
    if not more:
        watch.update(seen_until=now)
    begun: list[Alert] = []
    for rule, condition in rules:
        # Of before the rule was made, or was another one, it tells nothing.
        lately = [each for each in noted if each.at >= rule.evaluated_until]
        begun += _unknown(rule, findings_of(condition, application, lately))
    if begun:
        Alert.objects.bulk_create(begun)
        _tell(begun, [])
    return more


def _unknown(rule: Rule, found: Sequence[Finding]) -> list[Alert]:
    if not found:
        return []
    alerts = [_alert(rule, each) for each in found]
    subjects = [alert.subject for alert in alerts]
    told = set(
        Alert.objects.filter(rule=rule, subject__in=subjects).values_list("subject", flat=True)
    )
    return [alert for alert in alerts if alert.subject not in told]
