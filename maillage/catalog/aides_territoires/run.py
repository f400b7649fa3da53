"""One run of the connector: every page read and staged, then compared and written at once.

Each page is kept with the number of the next one in the same transaction: a run that was cut goes
on from there. Nothing of the catalogue changes before the last page, and then all of it does or
nothing. An aid that is no longer listed is closed, but only when the list was read whole (see
`_doubts`); one that could not be understood changes nothing of what we hold.
"""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import connection, transaction
from django.utils.timezone import localdate, localtime, now

from maillage.accounts.models import User
from maillage.catalog.aides_territoires.backers import Backers
from maillage.catalog.aides_territoires.client import Address, Client, Failed, Page, configured
from maillage.catalog.aides_territoires.perimeters import gazetteer
from maillage.catalog.aides_territoires.reading import Aid, Reader, Unknowns
from maillage.catalog.enums import Action, DatasetKind, ImportKind, ImportState, RunState
from maillage.catalog.imports import pipeline
from maillage.catalog.imports.cleaning import Cleaned
from maillage.catalog.models import ConnectorRun, Dataset, Import, Offer
from maillage.common.models import Source
from maillage.common.progress import Progress, silent
from maillage.common.templatetags.maillage import pluriel
from maillage.engine.text import fold

logger = logging.getLogger(__name__)

DATASET: Final = "aides-territoires"
LICENCE: Final = "Licence Ouverte 2.0 (Etalab)"
#: Later than this, a run that was cut is begun again: its first pages are of another day.
RESUMABLE: Final = timedelta(hours=12)
TRIED: Final = "Essai : rien n'a été écrit."
#: Of the raw aid, what its line keeps: not the long texts, which `cleaned` holds.
_KEPT_RAW: Final = (
    "id", "slug", "perimeter", "perimeter_scale", "financers", "categories", "targeted_audiences",
    "aid_types", "mobilization_steps", "date_updated",
)  # fmt: skip
_LOCK: Final = 0x61_74  # « at »
#: Times that a comparison is made again when someone edits an entry meanwhile.
_ATTEMPTS: Final = 3
#: Aids without identifier beyond which a list is not whole; beyond one in a hundred, neither.
MOST_NAMELESS: Final = 5


class Busy(Exception):
    """Another run is under way."""

    def __init__(self) -> None:
        super().__init__("Un passage est déjà en cours : attendez qu'il finisse.")


def run(
    *,
    by: User | None = None,
    resume: bool = True,
    trial: bool = False,
    accept_gone: bool = False,
    progress: Progress = silent,
    make_client: Callable[[Address], Client] = Client,
) -> ConnectorRun:
    """Read all the aids and write what has changed; return the run, whatever its end.

    `resume` goes on from a run that was cut; `trial` compares and writes nothing; `accept_gone`
    closes what is gone even when it is more than half. Raises `Failed` when the connector is not
    connected, `Busy` when another run is under way.
    """
    address = configured()
    if address is None:
        raise Failed(
            "Aides-territoires n'est pas connecté : mettez l'adresse de son API dans "
            "MAILLAGE_AIDES_TERRITOIRES_URL."
        )
    with _alone():
        record, parent = _opened(address, by, resume=resume, trial=trial)
        try:
            _read(record, parent, make_client(address), progress)
            _finish(record, parent, accept_gone=accept_gone, progress=progress)
        except Failed as failed:
            resumable = failed.resumable and not trial
            _end(record, RunState.STOPPED if resumable else RunState.FAILED, str(failed))
        except Exception:
            _end(record, RunState.FAILED, "Erreur imprévue : elle est dans le journal du serveur.")
            raise
    return record


def read_if_connected(*, resume: bool = True) -> None:
    """The run of the night: nothing where no address is set, nor while another run is under way."""
    if not settings.MAILLAGE["AIDES_TERRITOIRES_URL"]:
        return
    try:
        run(resume=resume)
    except Busy:
        logger.info("aides-territoires: another run is under way")
    except Failed as failed:
        # Wrong settings: their page says so too.
        logger.error("aides-territoires: %s", failed)


def dataset(address: Address) -> Dataset:
    """The dataset of the connector, made with its source at the first run."""
    source, _ = Source.objects.get_or_create(
        slug=DATASET,
        defaults={
            "title": "Aides-territoires",
            "publisher": "Agence nationale de la cohésion des territoires et ministère de la "
            "Transition écologique",
            "year": localdate().year,
            "url": address.base,
        },
    )
    made, _ = Dataset.objects.get_or_create(
        slug=DATASET,
        defaults={
            "title": "Aides-territoires", "kind": DatasetKind.CONNECTOR, "source": source,
            "licence": LICENCE,
        },
    )  # fmt: skip
    return made


def interrupted() -> ConnectorRun | None:
    """The last run, when it was cut short and may be resumed."""
    last = ConnectorRun.objects.filter(dataset=DATASET).select_related("parent").first()
    if last is None or last.state not in (RunState.RUNNING, RunState.STOPPED):
        return None
    fresh = last.created_at > now() - RESUMABLE
    return last if fresh and last.parent and not last.parent.options.get("trial") else None


@contextmanager
def _alone() -> Iterator[None]:
    """One run at a time, over all processes: the lock goes with the process that held it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            raise Busy
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def _opened(
    address: Address, by: User | None, *, resume: bool, trial: bool
) -> tuple[ConnectorRun, Import]:
    """The run to go on with, or a new one; what was left by others is closed."""
    held = interrupted() if resume and not trial else None
    same = held and (held.address, held.version) == (address.base, address.version)
    for left in ConnectorRun.objects.filter(
        dataset=DATASET, state__in=(RunState.RUNNING, RunState.STOPPED)
    ):
        if not (same and held and left.pk == held.pk):
            _end(
                left,
                RunState.FAILED,
                left.error or "Interrompu, puis remplacé par un autre passage.",
            )
    if held and same and held.parent:
        held.state, held.error = RunState.RUNNING, ""
        held.save()
        return held, held.parent
    with transaction.atomic():
        parent = Import.objects.create(
            kind=ImportKind.AIDS, dataset=dataset(address), format="api", by=by,
            file_name=f"API d'Aides-territoires, version {address.version}",
            state=ImportState.READING, options=_memory(trial),
        )  # fmt: skip
        record = ConnectorRun.objects.create(
            dataset=parent.dataset, parent=parent, state=RunState.RUNNING, address=address.base,
            version=address.version, cursor="1",
        )  # fmt: skip
    return record, parent


def _memory(trial: bool) -> dict[str, Any]:
    """What a run remembers between two pages, in the options of its import: the numbers of aids
    that the site announced, the keys read that are not kept, how many aids had no key and their
    titles; and, for the next run, the keys of what is in the catalogue and was not listed.
    """
    return {"trial": trial, "counts": [], "apart": [], "nameless": 0, "titles": [], "absent": []}


# -- Pages


def _read(record: ConnectorRun, parent: Import, client: Client, progress: Progress) -> None:
    if not record.cursor:
        return
    reader = Reader(client.address, places := gazetteer(), Backers(places))
    before = record.retries
    number: int | None = int(record.cursor)
    while number is not None:
        try:
            page = client.page(number)
        finally:
            record.retries = before + client.retries
        with transaction.atomic():
            _keep(record, parent, page, [reader.read(raw) for raw in page.results])
        progress(
            "aides lues", record.read, max(record.expected, record.read + bool(page.following))
        )
        number = page.following


def _keep(record: ConnectorRun, parent: Import, page: Page, aids: Sequence[Aid]) -> None:
    """Stage a page, and remember where the next one is."""
    memory = parent.options
    unknowns = Unknowns(record.unknown)
    keys = [aid.key for aid in aids]
    staged = set(parent.lines.filter(key__in=keys).values_list("key", flat=True))
    held = set(Offer.objects.filter(dataset=DATASET, external_id__in=keys).values_list(
        "external_id", flat=True
    ))  # fmt: skip
    seen = staged | set(memory["apart"])
    lines = []
    for place, (aid, raw) in enumerate(zip(aids, page.results, strict=True), record.read + 1):
        if not aid.key:
            memory["nameless"] += 1
            memory["titles"].append(aid.title)
        elif aid.key in seen:
            continue
        seen.add(aid.key)
        if aid.key and aid.kept and (not aid.doubts or aid.key in held):
            lines.append((place, _raw(raw), _cleaned(aid)))
            if aid.newcomer:
                aid.unknown.append(("financeurs", aid.newcomer))
        elif aid.key:
            memory["apart"].append(aid.key)
        unknowns.add(aid)
    pipeline.stage(parent, lines)
    if page.count not in memory["counts"]:
        memory["counts"].append(page.count)
    record.expected = page.count
    record.pages += 1
    record.read += len(aids)
    record.cursor = str(page.following or "")
    parent.save(update_fields=["options", "updated_at"])
    record.save()


def _raw(raw: dict[str, Any]) -> dict[str, Any]:
    return {name: raw[name] for name in _KEPT_RAW if raw.get(name)}


def _cleaned(aid: Aid) -> Cleaned:
    warnings = [{"field": "", "message": f"À savoir : {doubt}."} for doubt in aid.doubts]
    return Cleaned(aid.key, aid.title, dict(aid.values), [], warnings)


# -- The end


def _finish(record: ConnectorRun, parent: Import, *, accept_gone: bool, progress: Progress) -> None:
    """Compare what was read with the catalogue, and write it."""
    trial = parent.options["trial"]
    remarks = _doubts(record, parent, accept_gone=accept_gone)
    if remarks:
        _spare(parent, _absent(parent))
        remarks.append("Aucune aide n'a donc été fermée.")
    elif parent.options["nameless"]:
        remarks.append(_close_twice_absent(record, parent))
    if trial:
        remarks.insert(0, TRIED)
    if not parent.lines.exists():
        pipeline.cancel(parent)
        _end(record, RunState.DONE, " ".join([*remarks, "Il n'y a rien à garder."]))
        return
    for attempt in range(1, _ATTEMPTS + 1):
        _compared(record, parent, progress)
        try:
            if not trial:
                pipeline.write(parent, accept_gone=True, progress=progress)
            break
        except pipeline.NotWritten as refused:
            # Someone has edited an entry between the comparison and the writing.
            if attempt == _ATTEMPTS:
                raise Failed(str(refused), resumable=True) from refused
    if trial:
        pipeline.cancel(parent)
    # What has not changed would fill the database night after night.
    parent.lines.filter(action=Action.SAME).delete()
    _end(record, RunState.DONE, " ".join(remarks))
    _forget_old()


def _doubts(record: ConnectorRun, parent: Import, *, accept_gone: bool) -> list[str]:
    """Why the list may not have been read whole; nothing is closed then."""
    memory = parent.options
    found = []
    distinct = parent.lines.exclude(number=0).count() + len(memory["apart"])
    if len(memory["counts"]) > 1:
        said = " puis ".join(map(str, memory["counts"]))
        found.append(f"Le nombre d'aides a changé pendant la lecture ({said}).")
    nameless = memory["nameless"]
    tolerated = nameless <= MOST_NAMELESS and nameless * 100 <= record.expected
    if distinct + (nameless if tolerated else 0) < record.expected:
        read = pluriel(distinct, "aide différente a été lue,aides différentes ont été lues")
        found.append(f"{read} pour {pluriel(record.expected, 'annoncée,annoncées')}.")
    if not tolerated:
        found.append(f"{_without_key(nameless)}.")
    before = Offer.objects.filter(dataset=DATASET, withdrawn_at=None).count()
    if distinct * 2 < before and not accept_gone:
        found.append(
            f"Le site ne donne que {distinct} aides, moins de la moitié des {before} que nous "
            "avons. Si c'est bien vrai, un passage avec l'option --accepter-fermetures les fermera."
        )
    if localdate() != localtime(record.created_at).date():
        found.append("Le passage s'est étendu sur deux jours.")
    return found


def _without_key(count: int) -> str:
    return pluriel(count, "aide n'a pas d'identifiant,aides n'ont pas d'identifiant")


def _close_twice_absent(record: ConnectorRun, parent: Import) -> str:
    """Of a list read whole but for a few aids without identifier: spare what one of them may be.

    Closed is what the run before, whole too, did not list either, and of which no aid without
    identifier has the title. Return what is to be said.
    """
    memory = parent.options
    absent = _absent(parent)
    before = (
        ConnectorRun.objects.filter(
            dataset=DATASET, state=RunState.DONE, parent__options__trial=False
        )
        .exclude(pk=record.pk)
        .values_list("parent__options__absent", flat=True)
        .first()
    )
    titles = {fold(title) for title in memory["titles"]}
    twice = set(before or ())
    spared = {
        key: title for key, title in absent.items() if key not in twice or fold(title) in titles
    }
    memory["absent"] = sorted(absent)
    _spare(parent, spared)
    return (
        f"{_without_key(memory['nameless'])} : n'est fermée qu'une aide absente de deux passages "
        "de suite."
    )


def _absent(parent: Import) -> dict[str, str]:
    """Entries of the catalogue that were not read: key → title."""
    live = Offer.objects.filter(dataset=DATASET, withdrawn_at=None).exclude(external_id="")
    absent = live.exclude(external_id__in=parent.lines.values("key"))
    return dict(absent.values_list("external_id", "title"))


def _spare(parent: Import, rows: Mapping[str, str]) -> None:
    """Keep as they are the entries that were not read: nothing is closed after a list that may not
    be whole. A line that says nothing of an entry changes nothing of it.
    """
    last = parent.lines.order_by("-number").values_list("number", flat=True).first() or 0
    pipeline.stage(
        parent,
        [(last + n, {}, Cleaned(key, title, {})) for n, (key, title) in enumerate(rows.items(), 1)],
    )


def _compared(record: ConnectorRun, parent: Import, progress: Progress) -> None:
    """Compare; a line that is refused is put aside and reported: it does not stop the others."""
    pipeline.compare(parent, progress)
    if parent.state == ImportState.READY:
        return
    unknowns = Unknowns(record.unknown)
    for line in parent.lines.exclude(problems=[]):
        why = " ; ".join(one["message"] for one in line.problems)
        unknowns.add(Aid(key=line.key, title=line.title, unknown=[("illisibles", why)]))
    refused = parent.lines.exclude(problems=[])
    held = Offer.objects.filter(dataset=DATASET).values("external_id")
    refused.filter(key__in=held).update(cleaned={}, problems=[])
    parent.lines.exclude(problems=[]).delete()
    record.save()
    if parent.lines.exists():
        pipeline.compare(parent, progress)
    if parent.state != ImportState.READY:
        raise Failed("Rien de ce qui a été lu ne peut entrer au catalogue : voyez ce qui n'est pas "
                     "compris.")  # fmt: skip


def _end(record: ConnectorRun, state: RunState, said: str) -> None:
    record.state, record.error = state, said
    record.ended_at = now()
    record.save()
    if state == RunState.FAILED and record.parent and record.parent.state != ImportState.WRITTEN:
        pipeline.cancel(record.parent)
    level = logging.INFO if state == RunState.DONE else logging.WARNING
    logger.log(level, "aides-territoires: run %s %s, %s read", record.pk, state, record.read)


def _forget_old() -> None:
    """Erase runs older than the reports of imports are kept."""
    limit = now() - timedelta(days=settings.MAILLAGE["IMPORT_DAYS"])
    for old in ConnectorRun.objects.filter(dataset=DATASET, created_at__lt=limit):
        parent = old.parent
        old.delete()
        if parent:
            parent.delete()
