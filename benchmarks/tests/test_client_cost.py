"""What the client costs: each sender is measured, all that it told arrives, and nothing is free."""

import os

import pytest

from benchmarks.cases import client
from benchmarks.figures import Goal


@pytest.mark.parametrize(
    ("what", "sender"),
    [
        ("record", "ours"),
        ("exception", "sentry-sdk"),
        ("request", "bare"),
        ("request", "ours"),
        ("request", "sentry-sdk"),
        ("request", "fastapi-analytics"),
    ],
)
def test_a_sender_costs_something_and_all_arrives(what: str, sender: str) -> None:
    assert client.cost(os.environ, what, sender, 1) > 0.1


def test_a_request_costs_what_it_takes_more_than_without_a_middleware() -> None:
    found = {"bare": [50.0, 60.0], "ours": [70.0, 90.0], "sentry-sdk": [150.0, 160.0]}
    ours, beside = client.figures("request", found, Goal(25, at_most=True))
    assert (ours.rounds, ours.met) == ([20.0, 30.0], True)
    assert (beside.ratios, beside.met) == ([0.2, 0.3], True)
