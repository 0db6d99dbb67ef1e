"""What a changed rule looked for before is told no more."""

import pytest
import time_machine
from procrastinate.contrib.django.models import ProcrastinateJob

from alerts import changes
from alerts.models import Rule
from alerts.records import Condition, ManyEvents, MonitorDown, NewMessage
from alerts.tests.happenings import MINUTE, NOON, check, evaluate, rule_for, said, spans, told
from applications.models import Application
from loghandler import queue
from monitors.factories import create_monitor

pytestmark = pytest.mark.django_db


def test_a_new_rule_is_evaluated_at_once(shop: Application) -> None:
    changes.save_rule(Rule(application=shop), NewMessage(), [], name="new")
    waiting = ProcrastinateJob.objects.filter(task_name=queue.EVALUATING, status="todo")
    assert waiting.count() == 1


@pytest.mark.parametrize(
    ("condition", "active"), [(MonitorDown(), False), (ManyEvents(more_than=0, minutes=1), True)]
)
def test_what_nobody_looks_for_any_more_is_over_silently(
    shop: Application, condition: Condition, active: bool
) -> None:
    monitor = create_monitor(application=shop, name="page", retries=0)
    rule = rule_for(shop, MonitorDown())
    check(monitor, 1, "dns")
    evaluate(2)
    with time_machine.travel(NOON + 3 * MINUTE, tick=False):
        changes.save_rule(rule, condition, rule.channels.all(), active=active)
    assert spans(rule) == [(1, 3)]
    said(shop, NOON + MINUTE)
    evaluate(4, 5)
    assert told() == ["shop: page is down"]


def test_what_goes_on_is_told_to_be_over_when_other_things_change(shop: Application) -> None:
    page, other = (create_monitor(application=shop, name=n, retries=0) for n in ("page", "other"))
    rule = rule_for(shop, MonitorDown((page.pk,)))
    check(page, 1, "dns")
    evaluate(2)
    with time_machine.travel(NOON + 3 * MINUTE, tick=False):
        changes.save_rule(rule, MonitorDown((page.pk, other.pk)), rule.channels.all(), name="both")
    check(page, 4, None)
    evaluate(5)
    assert told() == ["shop: page is down", "Over: shop: page is down"]
