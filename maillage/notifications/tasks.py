"""Background work of the area. Hours of ``cron`` are UTC."""

from django.utils import timezone
from procrastinate.contrib.django import app

from maillage.notifications.delivery import deliver
from maillage.notifications.digest import write_digests
from maillage.notifications.retention import erase_old


@app.task
def deliver_mails() -> None:
    """Send what was just written."""
    deliver()


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="sweep-mails")
def sweep_mails(timestamp: int) -> None:
    """Send what waits: retries, and mails whose own job was lost with its worker."""
    deliver()


# 7 h 30 in Paris is 5 h 30 or 6 h 30; the later runs make up for a worker that was away.
@app.periodic(cron="*/10 5-18 * * *")
@app.task(queueing_lock="write-digests")
def write_summaries(timestamp: int) -> None:
    """Write and send the summaries of the day and of the week."""
    if write_digests(timezone.now()):
        deliver()


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="erase-messages")
def erase_messages(timestamp: int) -> None:
    """Erase what is older than the settings allow."""
    erase_old(timezone.now())
