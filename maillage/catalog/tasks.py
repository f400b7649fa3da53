"""Work of the area done in the background: each night, or after an act."""

from django.conf import settings
from django.utils.timezone import localdate, now
from procrastinate.contrib.django import app

from maillage.catalog.aides_territoires import run as aides_territoires
from maillage.catalog.imports import pipeline
from maillage.catalog.matrix import days
from maillage.catalog.opendata import files
from maillage.catalog.quality import checking, nightly
from maillage.catalog.services import alerts, claims, importing
from maillage.catalog.words import collecting


@app.periodic(cron="50 6 * * *")
@app.task(queueing_lock="catalog-alerts")
def send_alerts(timestamp: int) -> None:
    """Send what is new in the searches that people follow, before the day begins; erase the
    addresses that nobody proved.
    """
    alerts.run(now())
    alerts.erase_unproved(now())


@app.periodic(cron="25 * * * *")
@app.task(queueing_lock="catalog-unmet-needs")
def collect_needs(timestamp: int) -> None:
    """Bring the needs that were not understood into their list (once an hour), and erase those that
    nobody says any more.
    """
    collecting.run(localdate())


@app.periodic(cron="20 3 * * *")
@app.task(queueing_lock="catalog-freshness")
def keep_fresh(timestamp: int) -> None:
    """Remind owners of what is to be confirmed, set aside what nobody confirms, bring back."""
    nightly.run(localdate())


@app.periodic(cron="40 0 * * *")
@app.task(queueing_lock="catalog-links")
def check_links(timestamp: int) -> None:
    """Look at the links of the catalogue that are due, while nobody reads."""
    if settings.MAILLAGE["CHECK_LINKS"]:
        checking.check_links(today=localdate())


@app.periodic(cron="10 4 * * *")
@app.task(queueing_lock="catalog-open-data")
def build_open_data(timestamp: int = 0) -> None:
    """Make the open files of the night."""
    files.build()


@app.periodic(cron="30 4 * * *")
@app.task(queueing_lock="catalog-day")
def keep_the_day(timestamp: int) -> None:
    """Keep the catalogue of the day when who does what has changed, to compare it later."""
    days.keep(localdate())


@app.periodic(cron="50 3 * * *")
@app.task(queueing_lock="catalog-old-claims")
def erase_old_claims(timestamp: int) -> None:
    """Erase claims of pages whose address was never proved, and those decided a year ago."""
    claims.erase_old()


@app.task
def read_import(pk: int) -> None:
    """Read a long file that was just sent by the web page."""
    importing.read_waiting(pk)


@app.task
def write_import(pk: int, accept_gone: bool) -> None:
    """Write the many changes of an import, as the web page was told to."""
    importing.write_waiting(pk, accept_gone)


@app.periodic(cron="5 * * * *")
@app.task(queueing_lock="catalog-lost-imports")
def sweep_imports(timestamp: int) -> None:
    """Say of readings that were lost that they are; erase the files that nobody waits for."""
    importing.sweep()


@app.periodic(cron="10 3 * * *")
@app.task(queueing_lock="catalog-old-imports")
def erase_old_imports(timestamp: int) -> None:
    """Erase the lines of old imports, and the imports that were never written."""
    pipeline.forget_old()


@app.periodic(cron="30 1 * * *")
@app.task(queueing_lock="catalog-aides-territoires")
def read_aides_territoires(timestamp: int = 0, resume: bool = True) -> None:
    """Read the aids of Aides-territoires, when its address is set: each night, or when asked."""
    aides_territoires.read_if_connected(resume=resume)
