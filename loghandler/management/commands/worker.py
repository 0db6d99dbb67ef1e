import asyncio
from typing import Any

from django.core.management.base import BaseCommand

from loghandler import worker


class Command(BaseCommand):
    help = "Check monitors and do the background work until SIGTERM."
    requires_system_checks = []  # they load every page of the site: 20 MB

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(worker.work())
