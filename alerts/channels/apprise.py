"""A hundred services by Apprise, in a process of its own, whose reach, size and time are bounded.

Its modules take 40 MB that nobody needs between two messages, and each does as its address says:
the process reaches what may be asked, and neither files nor programs (confinement.py).
"""

import json
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from alerts.channels import Envelope, NotSent
from alerts.records import BEGAN, Apprise

SECONDS = 40
_ROOT = Path(__file__).resolve().parent.parent.parent


def send(address: Apprise, envelope: Envelope) -> None:
    """Raises NotSent."""
    asked = {
        "url": address.url,
        "title": envelope.subject,
        "body": envelope.text,
        "bad": envelope.tells == BEGAN,
        "allowed": settings.OUTBOUND_ALLOW,
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "alerts.channels.apprise_process"],
            input=json.dumps(asked).encode(),
            capture_output=True,
            cwd=_ROOT,
            env={"PYTHONPATH": str(_ROOT), "PATH": "/usr/bin:/bin", "HOME": "/nonexistent"},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise NotSent(f"It was not sent within {SECONDS} s", away=True, unsure=True) from error
    try:
        answer = json.loads(done.stdout)
    except ValueError as error:
        words = done.stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise NotSent(f"Apprise ended: {words or done.returncode}") from error
    if not answer["sent"]:
        raise NotSent(answer["words"], permanent=answer["permanent"])
