"""A process of threads that send through the pipeline, for tests: `python -m ingest.tests.sending`.

Reads what to send from its standard input, says "ready", starts when it is told to, and writes
what became of it.
"""

import json
import sys
import threading
import time
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

PATIENCE = 20.0  # seconds for one batch, resent while the service is busy


class Sending(NamedTuple):
    """One batch: messages with their levels and event ids."""

    application_id: int
    events: Sequence[tuple[str, int, str | None]]
    received_at: str | None = None


class Sent(NamedTuple):
    """What became of all batches of a process."""

    accepted: int
    duplicates: int
    busy: int  # sendings that were refused and repeated


def send(threads: Sequence[Sequence[Sending]]) -> Sent:
    totals = [0, 0, 0]
    adding = threading.Lock()
    failures: list[BaseException] = []

    def run(sendings: Sequence[Sending]) -> None:
        try:
            for sending in sendings:
                counts = _accepted(sending)
                with adding:
                    totals[:] = map(sum, zip(totals, counts, strict=True))
        except BaseException as failure:
            failures.append(failure)
            raise

    running = [threading.Thread(target=run, args=(sendings,)) for sendings in threads]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert not failures, failures
    return Sent(*totals)


def _accepted(sending: Sending) -> tuple[int, int, int]:
    from events.records import EventRecord
    from ingest import pipeline
    from ingest.factories import create_batch
    from ingest.group_commit import Busy

    batch = create_batch(
        *(
            EventRecord(message=message, level=level, event_id=UUID(id_) if id_ else None)
            for message, level, id_ in sending.events
        )
    )
    received = datetime.fromisoformat(sending.received_at) if sending.received_at else None
    deadline, busy = time.monotonic() + PATIENCE, 0
    while True:
        try:
            outcome = pipeline.accept(sending.application_id, batch, received_at=received)
        except Busy:
            busy += 1
            assert time.monotonic() < deadline, "busy for too long"
        else:
            return len(outcome.accepted), len(outcome.duplicates), busy


def main() -> None:
    import django

    django.setup()
    threads: list[list[Any]] = json.loads(sys.stdin.readline())
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    sent = send([[Sending(*sending) for sending in sendings] for sendings in threads])
    sys.stdout.write(json.dumps(sent))


if __name__ == "__main__":
    main()
