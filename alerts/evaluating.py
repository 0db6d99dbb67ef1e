"""Evaluates rules: what begins and what ends is stored, and told, in one transaction a rule.

Each rule knows up to when it was evaluated. Two workers never evaluate one at once, and whoever is
late finds everything done: of one subject a rule tells once.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction
from django.utils import timezone

from alerts import kinds, notifying, seen
from alerts.activity import HOUR, Activity, activity, may_be_new, may_begin
from alerts.findings import Asked, Finding, findings, finished
from alerts.messages import findings_of
from alerts.models import Alert, Rule, Watch
from alerts.records import Condition, NewMessage, ReturnedMessage

logger = logging.getLogger(__name__)
# Who was away for longer looks back so far: what is older is history, not an alert.
LONGEST = timedelta(hours=6)
OF_MESSAGES = ("new_message", "returned_message")


def evaluate(now: datetime | None = None) -> None:
    """Evaluate all rules; one that fails holds up no other."""
    now = now or timezone.now()
    active = Rule.objects.filter(active=True, application__deleted_at=None)
    rules = list(active.select_related("application").order_by("application_id", "pk"))
    if not rules:
        return
    of = activity({rule.application_id for rule in rules}, now - LONGEST - HOUR, now)
    held = dict(Alert.objects.filter(end=None, rule__active=True).values_list("rule", "begin"))
    for rule in rules:
        if rule.kind not in OF_MESSAGES:
            _tried(_evaluate, [rule], now, of, held)
    _evaluate_all_messages([rule for rule in rules if rule.kind in OF_MESSAGES], now, of)


def _tried(evaluated: Callable[..., None], rules: Sequence[Rule], *more: object) -> None:
    try:
        evaluated(rules, *more)
    except Exception:
        logger.exception("Rules %s could not be evaluated", [rule.pk for rule in rules])


def _evaluate(
    rules: Sequence[Rule], now: datetime, of: Activity, held: Mapping[int, datetime]
) -> None:
    [rule] = rules
    condition = kinds.condition(rule.kind, rule.condition)
    until = finished(condition, now)
    if until <= rule.evaluated_until:
        return
    if rule.pk not in held and not may_begin(
        condition, rule.application_id, rule.evaluated_until, of
    ):
        return  # the next time looks back as far as this one would have
    found = _found(rule, condition, until, held.get(rule.pk))
    if not found and rule.pk not in held:
        Rule.objects.filter(pk=rule.pk).update(evaluated_until=until)
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
    since = max(rule.evaluated_until, until - LONGEST)
    since = since.replace(second=0, microsecond=0)  # minutes are looked at as a whole
    return findings(condition, Asked(rule.application, since, until, open_since))


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


def _evaluate_all_messages(rules: Sequence[Rule], now: datetime, of: Activity) -> None:
    watched = dict(Watch.objects.values_list("application", "seen_until"))
    idle = []
    for application_id, of_one in groupby(rules, key=lambda rule: rule.application_id):
        since = watched.get(application_id)
        if since and since > now - LONGEST and not may_be_new(application_id, since, of):
            idle.append(application_id)
        else:
            _tried(_evaluate_messages, list(of_one), now)
    # Whoever commits meanwhile is found: the next look goes back a bit.
    Watch.objects.filter(application__in=idle).update(seen_until=now)


@transaction.atomic
def _evaluate_messages(rules: Sequence[Rule], now: datetime) -> None:
    application = rules[0].application
    watch, made = Watch.objects.get_or_create(application=application, defaults={"seen_until": now})
    if made or watch.seen_until < now - LONGEST:  # what is there already is not new
        seen.learn(application.pk, now)
        Watch.objects.filter(pk=watch.pk).update(seen_until=now)
        return
    locked = Watch.objects.select_for_update(skip_locked=True).filter(pk=watch.pk).first()
    if locked is None:
        return
    noted = seen.note(application.pk, locked.seen_until)
    locked.seen_until = now
    locked.save(update_fields=["seen_until"])
    begun: list[Alert] = []
    for rule in rules:
        condition = kinds.condition(rule.kind, rule.condition)
        assert isinstance(condition, NewMessage | ReturnedMessage)
        # Of before the rule was made, or was another one, it tells nothing.
        lately = [each for each in noted if each.at >= rule.evaluated_until]
        begun += _unknown(rule, findings_of(condition, application, lately))
    Alert.objects.bulk_create(begun)
    _tell(begun, [])


def _unknown(rule: Rule, found: Iterable[Finding]) -> list[Alert]:
    alerts = [_alert(rule, each) for each in found]
    subjects = [alert.subject for alert in alerts]
    told = set(
        Alert.objects.filter(rule=rule, subject__in=subjects).values_list("subject", flat=True)
    )
    return [alert for alert in alerts if alert.subject not in told]
