"""Pauses grow, and end."""

from datetime import timedelta
from itertools import pairwise

from alerts.retries import LONGEST, MOST_ATTEMPTS, pause


def test_pauses_grow_for_a_day_and_a_half() -> None:
    pauses = [pause(attempts) for attempts in range(1, MOST_ATTEMPTS)]
    known = [each for each in pauses if each]
    assert len(known) == MOST_ATTEMPTS - 1
    assert all(first <= second for first, second in pairwise(known))
    assert timedelta(days=1) < sum(known, timedelta()) < timedelta(days=2)
    assert pause(MOST_ATTEMPTS) is None


def test_what_the_receiver_asks_for_is_respected_within_reason() -> None:
    assert pause(1, timedelta(minutes=2)) == timedelta(minutes=2)
    assert pause(5, timedelta(seconds=1)) == timedelta(hours=1)
    assert pause(1, timedelta(days=9)) == LONGEST
