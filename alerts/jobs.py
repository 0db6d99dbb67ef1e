"""Jobs of alerts: messages are sent; what waits without a job gets one."""

from django.utils import timezone
from procrastinate.contrib.django import app

from alerts import delivering, evaluating, notifying, retention
from loghandler import queue

EVERY_QUARTER_MINUTE, EVERY_MINUTE, HOURLY = "* * * * * */15", "* * * * *", "11 * * * *"


@app.periodic(cron=EVERY_QUARTER_MINUTE)
@app.task(name=queue.EVALUATING, lock="rules", queueing_lock="rules")
def evaluate(timestamp: int = 0) -> None:
    """Also deferred where a monitor has changed, so that it is told within a second."""
    evaluating.evaluate()


@app.periodic(cron=HOURLY)
@app.task(name="Pruning alerts", lock="upkeep", queueing_lock="alerts")
def prune(timestamp: int) -> None:
    retention.prune(timezone.now())


@app.task(name=queue.SENDING)
def send(channel_id: int) -> None:
    delivering.deliver(channel_id)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="Looking for messages that wait", queueing_lock="messages", lock="messages")
def look(timestamp: int) -> None:
    """Jobs say that there is something to be sent; where one is gone, this finds it."""
    notifying.defer(delivering.due_channels(timezone.now()))
