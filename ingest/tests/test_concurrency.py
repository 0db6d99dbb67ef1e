"""Many writers at once, in threads of two processes: no deadlock, and exact at the end."""

import json
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import pytest
from django.db import connection

from applications.factories import create_application
from events.models import Event
from ingest.tests.agreement import differences
from ingest.tests.sending import Sending, Sent
from ingest.tests.serving import environment_of_tests
from loghandler import partitions
from loghandler.tests.running import ROOT
from stats import rebuilding, retention

pytestmark = pytest.mark.django_db(transaction=True)
LEVELS = (10, 20, 30, 40, 50)
PROCESSES, THREADS = 2, 4
PATIENCE = 40
Plan = list[list[list[Sending]]]  # by process, by thread


class Senders:
    """Processes that were told what to send, and begin together."""

    def __init__(self, plan: Plan) -> None:
        self.processes = [
            subprocess.Popen(
                [sys.executable, "-m", "ingest.tests.sending"],
                cwd=ROOT,
                env=environment_of_tests(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
            for _ in plan
        ]
        self.said: list[str] = []
        for process, threads in zip(self.processes, plan, strict=True):
            assert process.stdin
            process.stdin.write(f"{json.dumps(threads)}\n")
            process.stdin.flush()

    def begin(self) -> None:
        for process in self.processes:
            assert process.stdout
            assert process.stdout.readline() == "ready\n", process.communicate()
        for process in self.processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()

    def sending(self) -> bool:
        return any(process.poll() is None for process in self.processes)

    def end(self) -> Sent:
        """What all of them sent, once they have. Their logs know of every deadlock."""
        results = []
        for process in self.processes:
            told, logged = process.communicate(timeout=PATIENCE)
            self.said.append(logged)
            assert process.returncode == 0, logged
            results.append(Sent(*json.loads(told)))
        assert "deadlock" not in "".join(self.said)
        return Sent(*map(sum, zip(*results, strict=True)))

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()


@contextmanager
def senders(plan: Plan) -> Iterator[Senders]:
    started = Senders(plan)
    try:
        started.begin()
        yield started
    finally:
        started.close()


def planned(sending: Callable[[Random, int], Sending], count: int, seed: int) -> Plan:
    """For each thread its batches; `sending` is told the place of a batch among them."""
    random = Random(seed)
    return [
        [[sending(random, place) for place in range(count)] for _ in range(THREADS)]
        for _ in range(PROCESSES)
    ]


def flat(plan: Plan) -> list[Sending]:
    return [sending for threads in plan for sendings in threads for sending in sendings]


def disagreements() -> dict[str, int]:
    with connection.cursor() as cursor:
        return differences(cursor)


def test_shared_event_ids_are_stored_once_whoever_sends_them() -> None:
    """Overlapping batches in every order: ids, messages, levels and applications at once."""
    applications = [create_application().pk for _ in range(3)]

    def sending(random: Random, place: int) -> Sending:
        # New ids come up for all threads at about the same time.
        numbers = random.sample(range(place * 100, place * 100 + 300), random.randint(1, 200))
        events = [
            (f"Message {number % 37}", LEVELS[number % 5], str(UUID(int=number + 1)))
            for number in numbers
        ]
        nameless = [(f"Nameless {random.randrange(9)}", random.choice(LEVELS), None)]
        mixed = [*events, *nameless * random.randint(0, 3)]
        random.shuffle(mixed)
        return Sending(random.choice(applications), mixed)

    plan = planned(sending, 40, seed=1)
    with senders(plan) as started:
        sent = started.end()
    named = Counter(
        (batch.application_id, id_) for batch in flat(plan) for _, _, id_ in batch.events if id_
    )
    nameless = sum(id_ is None for batch in flat(plan) for _, _, id_ in batch.events)
    assert sent == Sent(
        accepted=len(named) + nameless, duplicates=named.total() - len(named), busy=0
    )
    stored = Event.objects.exclude(event_id=None).values_list("application_id", "event_id")
    assert sorted(stored) == sorted((application, UUID(id_)) for application, id_ in named)
    assert Event.objects.count() == len(named) + nameless
    assert disagreements() == {}


def test_writers_of_many_messages_in_one_application_do_not_deadlock() -> None:
    application = create_application().pk

    def sending(random: Random, place: int) -> Sending:
        events = [
            (f"Message {random.randrange(400)}", random.choice(LEVELS), None) for _ in range(120)
        ]
        return Sending(application, events)

    plan = planned(sending, 25, seed=2)
    with senders(plan) as started:
        sent = started.end()
    assert sent == Sent(accepted=PROCESSES * THREADS * 25 * 120, duplicates=0, busy=0)
    assert Event.objects.count() == sent.accepted
    assert disagreements() == {}


def test_writers_and_upkeep_do_not_disturb_each_other() -> None:
    """Deleting, rebuilding, dropping and making partitions, while two processes write there."""
    kept, pruned = create_application(), create_application()
    now = datetime.now(UTC)
    past = [now - timedelta(days=days) for days in (3, 4)]
    first_kept = now + timedelta(days=1)
    partitions.ensure(*(moment.date() for moment in past))

    def sending(random: Random, place: int) -> Sending:
        # One application that nobody prunes, in today's partition: every event of it must stay.
        mine = random.random() < 0.4
        events = [
            (f"Message {random.randrange(30)}", random.choice(LEVELS), None) for _ in range(20)
        ]
        received = None if mine else random.choice([None, *past])
        return Sending(
            kept.pk if mine else pruned.pk, events, received.isoformat() if received else None
        )

    plan = planned(sending, 40, seed=3)
    with senders(plan) as started:
        failures = _upkeep(
            started,
            lambda: retention.delete_events(pruned, first_kept),
            lambda: rebuilding.rebuild(partitions.today()),
            lambda: _drop_and_ensure(past),
        )
        sent = started.end()
    assert failures == []
    assert sent.accepted == PROCESSES * THREADS * 40 * 20
    of_kept = sum(len(batch.events) for batch in flat(plan) if batch.application_id == kept.pk)
    assert Event.objects.of(kept.pk).count() == of_kept
    assert disagreements() == {}
    retention.delete_events(pruned, first_kept)
    assert Event.objects.count() == of_kept
    assert disagreements() == {}


def _drop_and_ensure(moments: Sequence[datetime]) -> None:
    for moment in moments:
        day = moment.date()
        tables = [model._meta.db_table for model in partitions.partitioned_models()]
        partitions.drop(partitions.name(table, day) for table in tables)
        partitions.ensure(day)


def _upkeep(started: Senders, *chores: Callable[[], object]) -> list[BaseException]:
    """Do each chore over and over in a thread of its own, until all is sent."""
    failures: list[BaseException] = []

    def repeat(chore: Callable[[], object]) -> None:
        try:
            chore()
            for _ in range(200):
                if not started.sending():
                    break
                chore()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=repeat, args=(chore,)) for chore in chores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    return failures
