from collections.abc import Iterator

import pytest
import time_machine

from alerts.tests.happenings import DAY, NOON
from applications.factories import create_application
from applications.models import Application
from loghandler import partitions


@pytest.fixture
def shop(db: None) -> Iterator[Application]:
    partitions.ensure(*((NOON - n * DAY).date() for n in range(-1, 12)))
    with time_machine.travel(NOON, tick=False):
        yield create_application("shop")
