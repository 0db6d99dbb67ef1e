"""Tasks of Celery, whose queue is a folder."""

from __future__ import annotations

import logging
import os
from typing import Any

from celery import Celery, signals

from loghandler_client import LogHandler

folder = os.environ["QUEUE"]
app = Celery("orders", broker="filesystem://")
app.conf.broker_transport_options = {
    "data_folder_in": f"{folder}/waiting",
    "data_folder_out": f"{folder}/waiting",
    "control_folder": f"{folder}/control",
}
logger = logging.getLogger("orders")


@signals.after_setup_logger.connect
def send_events(logger: logging.Logger, **_: Any) -> None:
    logger.addHandler(LogHandler(os.environ["LOGHANDLER_URL"], os.environ["LOGHANDLER_KEY"]))


@app.task(name="orders.pack")
def pack(number: int) -> None:
    logger.warning("Packed %d", number)


@app.task(name="orders.pay")
def pay(number: int) -> None:
    raise ValueError(f"no money for {number}")
