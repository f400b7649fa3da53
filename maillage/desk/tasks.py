"""Work of the area done in the background."""

from django.conf import settings
from django.utils.timezone import now
from procrastinate.contrib.django import app

from maillage.common.documents.keeping import erase_orphans
from maillage.desk.models import Attachment
from maillage.desk.models.exchanges import FOLDER
from maillage.desk.services import filing, links, privacy, reminders


@app.periodic(cron="15 * * * *")
@app.task(queueing_lock="desk-reminders")
def remind(timestamp: int) -> None:
    """Reminders of late answers, and what is late (once an hour; each is told once)."""
    reminders.run(now())


@app.periodic(cron="40 3 * * *")
@app.task(queueing_lock="desk-old-drafts")
def erase_old_drafts(timestamp: int) -> None:
    """Erase drafts that nobody has touched for six months, links that are long over, files
    that no document names, and the contacts of requests long over.
    """
    filing.erase_old_drafts()
    links.erase_old_links()
    erase_orphans(Attachment, FOLDER)
    privacy.forget_old_contacts(settings.MAILLAGE["CONTACT_DAYS"])
