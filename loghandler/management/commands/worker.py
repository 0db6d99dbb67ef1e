from typing import Any

from django.core.management.base import BaseCommand

from loghandler import background
from loghandler.stopping import StopSignals


class Command(BaseCommand):
    help = "Do the background work until SIGTERM: partitions, retention, deletions, sums, sessions."
    requires_system_checks = []  # they load every page of the site: 20 MB

    def handle(self, *args: Any, **options: Any) -> None:
        background.work_until(StopSignals().wait)
