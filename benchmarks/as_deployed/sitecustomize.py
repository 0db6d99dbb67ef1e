"""Hides what only developing installs from the processes of a benchmark.

Django, DRF and others load what they find: requests, Jinja and Pygments are 7 MB of a process that
no deployment has. Python imports this module first where its folder is on PYTHONPATH.
"""

import os
import sys

for _name in os.environ.get("LOGHANDLER_BENCH_ABSENT", "").split():
    sys.modules[_name] = None  # type: ignore[assignment]  # importing it then fails
