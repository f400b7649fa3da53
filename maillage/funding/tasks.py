"""Work of the area done in the background."""

from procrastinate.contrib.django import app

from maillage.common.documents.keeping import erase_orphans
from maillage.funding.models import FOLDER, Attachment


@app.periodic(cron="45 3 * * *")
@app.task(queueing_lock="funding-orphans")
def erase_lost_files(timestamp: int) -> None:
    """Erase files that no document of a plan names (their writing was undone)."""
    erase_orphans(Attachment, FOLDER)
