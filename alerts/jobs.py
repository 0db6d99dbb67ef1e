"""Jobs of alerts: messages are sent; what waits without a job gets one."""

from django.utils import timezone
from procrastinate.contrib.django import app

from alerts import delivering, notifying
from loghandler import queue

EVERY_MINUTE = "* * * * *"


@app.task(name=queue.SENDING)
def send(channel_id: int) -> None:
    delivering.deliver(channel_id)


@app.periodic(cron=EVERY_MINUTE)
@app.task(name="Looking for messages that wait", queueing_lock="messages", lock="messages")
def look(timestamp: int) -> None:
    """Jobs say that there is something to be sent; where one is gone, this finds it."""
    notifying.defer(delivering.due_channels(timezone.now()))
