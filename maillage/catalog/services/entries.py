"""Writes of one entry by a person: create, edit, confirm, publish, withdraw. Rights are checked by
who calls (`catalog.perms`); every write leaves its line of history and tells the processes.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final, TypeVar
from uuid import uuid4

from dateutil.relativedelta import relativedelta
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.timezone import localdate, now

from maillage.accounts.models import User
from maillage.catalog.enums import LIFE, Origin, Publication, Verb
from maillage.catalog.models import Condition, Offer, Provider, Rate, Revision
from maillage.catalog.services import history
from maillage.common.models import DataVersion, Source
from maillage.engine.vocabulary import State

#: Source of what people write here.
HERE: Final = "saisie-maillage"
_LONGEST_SLUG: Final = 90
_LIGATURES: Final = str.maketrans({"œ": "oe", "Œ": "Oe", "æ": "ae", "Æ": "Ae"})
_Entry = TypeVar("_Entry", Provider, Offer)


class Stale(Exception):
    """The entry has changed since the form was opened: nothing was written."""


def next_check_after(day: date) -> date:
    """When an entry confirmed on `day` is to be looked at again (``CONFIRM_MONTHS``)."""
    return day + relativedelta(months=settings.MAILLAGE["CONFIRM_MONTHS"])


@transaction.atomic
def create_provider(
    *, values: Mapping[str, Any], by: User | None, body: str = "", held_by: Any = None
) -> Provider:
    """Make the page of a provider, confirmed today by who writes it.

    The same page asked for again (a button pressed twice) is the one that stands already.
    """
    # First: its lock makes two creations follow one another.
    DataVersion.objects.bump("catalogue")
    for twin in Provider.objects.filter(name=values["name"], withdrawn_at=None).order_by("pk"):
        if twin.held_by == held_by and _says(twin, values):
            return twin
    row = _saved(
        Provider(**values, held_by=held_by, **_here(values)), _slug_of(values["name"], "organisme")
    )
    history.revision(row, Verb.CREATED, by=by, body=body).save()
    return row


@transaction.atomic
def create_offer(
    *,
    provider: Provider,
    values: Mapping[str, Any],
    by: User | None,
    body: str = "",
    rates: list[Mapping[str, Any]] | None = None,
    conditions: list[Mapping[str, Any]] | None = None,
) -> Offer:
    """Make an offer, a draft until it is published. `rates` and `conditions` are its child rows,
    as fields and values.

    The same offer asked for again (a button pressed twice, a form sent once more) is the one that
    stands already: there is never a second one that says exactly the same.
    """
    # Two creations for one page follow one another.
    Provider.objects.select_for_update().get(pk=provider.pk)
    twin = _twin(provider, values, rates, conditions)
    if twin is not None:
        return twin
    row = _saved(
        Offer(**values, provider=provider, publication=Publication.DRAFT, **_draft(values)),
        f"{provider.slug[:40]}-{_slug_of(values['title'], 'offre')}",
    )
    _children(row, rates, conditions)
    history.revision(row, Verb.CREATED, by=by, body=body).save()
    DataVersion.objects.bump("catalogue")
    return row


@transaction.atomic
def edit(
    *,
    entry: Provider | Offer,
    values: Mapping[str, Any],
    by: User | None,
    body: str = "",
    reason: str = "",
    seen: str = "",
    rates: list[Mapping[str, Any]] | None = None,
    conditions: list[Mapping[str, Any]] | None = None,
) -> Revision | None:
    """Change fields of an entry and confirm it today; return its line of history.

    The fields that change are kept from later loads and imports (``curated``). ``None`` when
    nothing differs (it is confirmed all the same). `rates` and `conditions`, when given, replace
    the former ones. `seen` is the `stamp` of the entry when its form was opened: raises `Stale` if
    it has changed since.
    """
    model = type(entry)
    held = model.objects.select_for_update().get(pk=entry.pk)
    if seen and seen != stamp(held):
        raise Stale
    changes = [
        {"field": name, "old": history.plain(getattr(held, name)), "new": history.plain(value)}
        for name, value in values.items()
        if getattr(held, name) != value
    ]
    for name, value in values.items():
        setattr(held, name, value)
    if isinstance(held, Offer):
        changes += _children(held, rates, conditions)
    if held.origin != Origin.EDITED:
        held.curated = sorted({*held.curated, *(change["field"] for change in changes)})
    if not _is_draft(held):
        changes += _confirm(held)
    held.save()
    _told(entry, held)
    line = None
    if changes:
        line = history.revision(held, Verb.EDITED, changes, by=by, body=body, reason=reason)
        line.save()
    else:
        history.revision(held, Verb.CONFIRMED, by=by, body=body).save()
    DataVersion.objects.bump("catalogue")
    return line


@transaction.atomic
def confirm(*, entry: Provider | Offer, by: User | None, body: str = "") -> None:
    """Say that an entry is still right, today: it is « confirmée », and the next loads do not doubt
    it again. One that was set aside comes back.
    """
    held = type(entry).objects.select_for_update().get(pk=entry.pk)
    changes = _confirm(held)
    held.save()
    _told(entry, held)
    history.revision(held, Verb.CONFIRMED, changes, by=by, body=body).save()
    DataVersion.objects.bump("catalogue")


@transaction.atomic
def change_publication(
    *, offer: Offer, verb: str, by: User | None, body: str = "", reason: str = ""
) -> None:
    """Publish, suspend, archive or restore an offer. Raises ``TransitionRefused``."""
    held = Offer.objects.select_for_update().get(pk=offer.pk)
    held.publication = LIFE.after(verb, held.publication)
    changes = _confirm(held) if verb == "publish" else []
    held.save()
    _told(offer, held)
    history.revision(held, verb, changes, by=by, body=body, reason=reason).save()
    DataVersion.objects.bump("catalogue")


def stamp(entry: Provider | Offer) -> str:
    """What tells whether an entry has changed since a form was opened."""
    return entry.updated_at.isoformat()


def _is_draft(entry: Provider | Offer) -> bool:
    """A draft is work under way: nobody says that it is right before it is published."""
    return isinstance(entry, Offer) and entry.publication == Publication.DRAFT


def _confirm(entry: Provider | Offer) -> list[history.Change]:
    """Confirm it today; what it changes of its state. What is invented stays so."""
    entry.checked_on = localdate()
    entry.next_check = next_check_after(entry.checked_on)
    entry.reminded_on = entry.set_aside_at = None
    if entry.state != State.TO_CONFIRM:
        return []
    change = {"field": "state", "old": entry.state, "new": State.CONFIRMED.value}
    entry.state = State.CONFIRMED.value
    if entry.origin != Origin.EDITED:
        entry.curated = sorted({*entry.curated, "state"})
    return [change]


def _told(entry: Any, held: Any) -> None:
    """Bring what the caller holds in step with what was written."""
    for field in held._meta.concrete_fields:
        setattr(entry, field.attname, getattr(held, field.attname))


def here() -> Source:
    """The source of what people write here (call it in a transaction that writes)."""
    source, _ = Source.objects.get_or_create(
        slug=HERE,
        defaults={"title": "Saisie dans Maillage", "publisher": "Les offreurs et les guichets",
                  "year": localdate().year},
    )  # fmt: skip
    return source


def _draft(values: Mapping[str, Any]) -> dict[str, Any]:
    """What a draft says of itself: nobody has confirmed it yet."""
    said = {"origin": Origin.EDITED, "state": State.TO_CONFIRM.value, "source": here()}
    return {name: value for name, value in said.items() if name not in values}


def _here(values: Mapping[str, Any]) -> dict[str, Any]:
    today = localdate()
    said = {
        "origin": Origin.EDITED,
        "state": "confirmed",
        "source": here(),
        "checked_on": today,
        "next_check": next_check_after(today),
    }
    return {name: value for name, value in said.items() if name not in values}


def _slug_of(name: str, otherwise: str) -> str:
    """« cœur de bourg » → « coeur-de-bourg »; `otherwise` for a name without letters or figures."""
    return slugify(name.translate(_LIGATURES)) or otherwise


def _saved(row: _Entry, slug: str) -> _Entry:
    """Save a new entry at this address, or one like it when it is taken, even at this instant."""
    row.slug = slug[:_LONGEST_SLUG].strip("-")
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        row.slug = f"{row.slug}-{uuid4().hex[:6]}"
        row.save(force_insert=True)
    return row


def _says(row: Provider | Offer, values: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def _twin(
    provider: Provider,
    values: Mapping[str, Any],
    rates: list[Mapping[str, Any]] | None,
    conditions: list[Mapping[str, Any]] | None,
) -> Offer | None:
    """An offer of this page, still in use, that says exactly this; ``None`` without any."""
    alive = Offer.objects.filter(
        provider=provider, title=values["title"], withdrawn_at=None
    ).exclude(publication=Publication.ARCHIVED)
    asked = [_in_words(Rate(**one)) for one in rates or ()]
    asked += [_in_words(Condition(**one)) for one in conditions or ()]
    for row in alive.order_by("pk").prefetch_related("rates", "conditions"):
        held = [_in_words(one) for one in (*row.rates.all(), *row.conditions.all())]
        if _says(row, values) and sorted(asked) == sorted(held):
            return row
    return None


def _children(
    offer: Offer,
    rates: list[Mapping[str, Any]] | None,
    conditions: list[Mapping[str, Any]] | None,
) -> list[history.Change]:
    """Replace the child rows of an offer that are given; what changed, in words."""
    changes = []
    given = (("rates", Rate, rates), ("conditions", Condition, conditions))
    for name, model, rows in given:
        if rows is None:
            continue
        before = [_in_words(row) for row in getattr(offer, name).all()]
        getattr(offer, name).all().delete()
        made = model.objects.bulk_create([model(offer=offer, **row) for row in rows])
        after = [_in_words(row) for row in made]
        if before != after:
            changes.append({"field": name, "old": before, "new": after})
    return changes


def _in_words(row: Rate | Condition) -> str:
    """A child row with all that may change in it: dates of a figure, words of a condition."""
    if isinstance(row, Condition):
        return f"{row} ({row.note})" if row.note else str(row)
    begins = f", à partir du {row.valid_from:%d/%m/%Y}" if row.valid_from else ""
    ends = f", jusqu'au {row.valid_to:%d/%m/%Y}" if row.valid_to else ""
    return f"{row}{begins}{ends}"


@transaction.atomic
def withdraw(*, entry: Provider | Offer, by: User | None, body: str = "", reason: str = "") -> None:
    """Take an entry out of the catalogue; its page says so (410). Nothing is deleted."""
    _mark(entry, now(), Verb.WITHDRAWN, by, body, reason)


@transaction.atomic
def put_back(*, entry: Provider | Offer, by: User | None, body: str = "", reason: str = "") -> None:
    """Put back an entry that was withdrawn."""
    _mark(entry, None, Verb.PUT_BACK, by, body, reason)


def _mark(
    entry: Provider | Offer, moment: Any, verb: str, by: User | None, body: str, reason: str
) -> None:
    held = type(entry).objects.select_for_update().get(pk=entry.pk)
    held.withdrawn_at = moment
    # Decided by a person: the next load of the shipped files leaves it so.
    held.curated = sorted({*held.curated, "withdrawn_at"})
    held.save()
    _told(entry, held)
    history.revision(held, verb, by=by, body=body, reason=reason).save()
    DataVersion.objects.bump("catalogue")
