"""Nightly work of the area."""

from django.core.management import call_command
from procrastinate.contrib.django import app


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="clear-sessions")
def clear_sessions(timestamp: int) -> None:
    """Erase the sessions that have expired: nothing personal is kept longer than needed."""
    call_command("clearsessions")
