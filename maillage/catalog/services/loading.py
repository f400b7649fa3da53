"""Loading of the shipped catalogue, idempotent and all or nothing.

A load only touches the rows of its own origin: what people have edited here stays. An entry that
has left the files is withdrawn, not deleted: requests may refer to it. What a person has withdrawn
or put back stays so.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.db import models, transaction
from django.utils.timezone import now

from maillage.catalog import files as catalogue_files
from maillage.catalog.construction import construct
from maillage.catalog.enums import SHIPPED, Origin, Verb
from maillage.catalog.models import Offer, ProjectType, Provider, Rate, Revision, ThesaurusEntry
from maillage.catalog.services import history
from maillage.common.models import DataVersion
from maillage.common.progress import Progress, silent
from maillage.common.services import load_sources

_SOURCED: Final = ("state", "source_id", "source_detail", "vintage")
_PROVIDER: Final = (
    "name", "full_name", "family", "level", "perimeter", "summary", "website", "contact",
    "generalist", *_SOURCED,
)  # fmt: skip
_OFFER: Final = (
    "provider_id", "title", "summary", "description", "kind", "level", "perimeter", "themes",
    "phases", "audiences", "population_min", "population_max", "population_kind", "labels_any",
    "cost", "cost_note", "words", "apply", "contact", "link", "opens", "closes", "waiting_weeks",
    "capacity", "checked_on", "generalist", *_SOURCED,
)  # fmt: skip
_TYPE: Final = ("label", "themes", "phases", "vocabulary", "first_step", "phrases", "state",
                "schemes_to_check")  # fmt: skip
_ENTRY: Final = ("terms", "themes")
_ALWAYS: Final = ("origin", "updated_at")
_SHIPPED_BY: Final = "Catalogue livré avec Maillage"
Entry = dict[str, Any]


@transaction.atomic
def load_catalogue(progress: Progress = silent) -> dict[str, int]:
    """Load the shipped files and what is built from the COG; return the count by table.

    Raises ``catalogue_files.CatalogueFileError`` (nothing is written then).
    """
    files = catalogue_files.read()
    load_sources()
    built = construct()
    steps: list[tuple[str, int]] = []
    steps.append(("types", _load_types(files.project_types)))
    steps.append(("thesaurus", _load_thesaurus(files.thesaurus)))
    progress("types de projet et thésaurus", 1, 3)
    providers = [(e, Origin.FILE) for e in files.providers]
    providers += [(e, Origin.CONSTRUCTION) for e in built.providers]
    steps.append(("providers", _load_providers(providers)))
    progress("offreurs", 2, 3)
    offers = [(e, Origin.FILE) for e in files.offers]
    offers += [(e, Origin.CONSTRUCTION) for e in built.offers]
    steps.append(("offers", _load_offers(offers)))
    progress("offres", 3, 3)
    DataVersion.objects.bump("catalogue")
    return dict(steps)


def _upsert(
    model: type[models.Model], rows: Sequence[Any], unique: str, fields: Sequence[str]
) -> int:
    """Insert new rows, and update those that differ. A row edited here is left alone, and so is a
    field that people have corrected (``curated``); what does not change keeps its date.
    """
    mine = {getattr(row, unique): row for row in rows}
    present = {
        getattr(row, unique): row
        for row in model._default_manager.filter(**{f"{unique}__in": mine})
    }
    written, revisions = [], []
    for key, row in mine.items():
        old = present.get(key)
        if old is None:
            written.append(row)
            continue
        if old.origin == Origin.EDITED:
            continue
        for name in getattr(old, "curated", ()):
            if name in fields:
                setattr(row, name, getattr(old, name))
        if "checked_on" in fields and _later(old.checked_on, row.checked_on):
            row.checked_on = old.checked_on
        changes = history.differences(old, row, fields)
        if changes or old.origin != row.origin:
            written.append(row)
            if isinstance(old, Provider | Offer) and changes:
                revisions.append(history.revision(old, Verb.IMPORTED, changes, body=_SHIPPED_BY))
    model._default_manager.bulk_create(
        written,
        update_conflicts=True,
        unique_fields=[unique],
        update_fields=[*fields, *_ALWAYS],
        batch_size=1000,
    )
    Revision.objects.bulk_create(revisions, batch_size=1000)
    return len(rows)


def _later(day: date | None, other: date | None) -> bool:
    return day is not None and (other is None or day > other)


def _withdraw(model: type[Provider] | type[Offer], present: set[str]) -> None:
    gone = model.objects.filter(origin__in=SHIPPED).exclude(slug__in=present)
    gone = gone.exclude(curated__contains=["withdrawn_at"])
    gone.filter(withdrawn_at=None).update(withdrawn_at=now(), updated_at=now())


def _sourced(entry: Entry) -> Entry:
    return {
        "slug": entry["id"],
        "state": entry["state"],
        "source_id": entry["source"],
        "source_detail": entry.get("source_detail", ""),
        "vintage": entry.get("vintage", ""),
        "updated_at": now(),
    }


def _load_providers(entries: Sequence[tuple[Entry, Origin]]) -> int:
    rows = [
        Provider(
            origin=origin,
            name=entry["name"],
            full_name=entry.get("full_name", ""),
            family=entry["family"],
            level=entry["level"],
            perimeter=entry["perimeter"],
            summary=entry.get("summary", ""),
            website=entry.get("website", ""),
            contact=entry.get("contact", ""),
            generalist=entry.get("generalist", False),
            **_sourced(entry),
        )
        for entry, origin in entries
    ]
    count = _upsert(Provider, rows, "slug", (*_PROVIDER, "withdrawn_at"))
    _withdraw(Provider, {row.slug for row in rows})
    return count


def _load_offers(entries: Sequence[tuple[Entry, Origin]]) -> int:
    providers = {p.slug: p for p in Provider.objects.only("id", "slug", "level", "perimeter")}
    rows = []
    for entry, origin in entries:
        provider = providers[entry["provider"]]
        rows.append(
            Offer(
                origin=origin,
                provider=provider,
                title=entry["title"],
                summary=entry["summary"],
                description=entry.get("description", ""),
                kind=entry["kind"],
                level=entry.get("level", provider.level),
                perimeter=entry.get("perimeter", provider.perimeter),
                themes=entry["themes"],
                phases=entry["phases"],
                audiences=entry["audiences"],
                population_min=entry.get("population_min"),
                population_max=entry.get("population_max"),
                population_kind=entry.get("population_kind", "municipal"),
                labels_any=entry.get("labels_any", []),
                cost=entry["cost"],
                cost_note=entry.get("cost_note", ""),
                words=entry.get("words", []),
                apply=entry.get("apply", ""),
                contact=entry.get("contact", ""),
                link=entry.get("link", ""),
                opens=entry.get("opens"),
                closes=entry.get("closes"),
                waiting_weeks=entry.get("waiting_weeks"),
                capacity=entry.get("capacity", ""),
                checked_on=entry.get("checked_on"),
                generalist=entry.get("generalist", False),
                **_sourced(entry),
            )
        )
    count = _upsert(Offer, rows, "slug", (*_OFFER, "withdrawn_at"))
    _withdraw(Offer, {row.slug for row in rows})
    _load_rates([entry for entry, _ in entries])
    return count


def _load_rates(entries: Sequence[Entry]) -> None:
    """Replace the figures of the offers that are not edited here."""
    with_rates = [entry for entry in entries if entry.get("rates")]
    mine = Offer.objects.filter(origin__in=SHIPPED).exclude(curated__contains=["rates"])
    offers = {offer.slug: offer.id for offer in mine.only("id", "slug")}
    Rate.objects.filter(offer__in=mine).delete()
    Rate.objects.bulk_create(
        Rate(
            offer_id=offers[entry["id"]],
            kind=rate["kind"],
            value=rate["value"],
            unit=rate["unit"],
            base=rate.get("base", ""),
            valid_from=rate.get("valid_from"),
            valid_to=rate.get("valid_to"),
            source_id=rate["source"],
            state=rate.get("state", "to_confirm"),
        )
        for entry in with_rates
        if entry["id"] in offers
        for rate in entry["rates"]
    )


def _load_types(entries: Sequence[Entry]) -> int:
    rows = [
        ProjectType(
            slug=entry["id"],
            origin=Origin.FILE,
            label=entry["label"],
            themes=entry["themes"],
            phases=entry["phases"],
            vocabulary=entry["vocabulary"],
            first_step=entry.get("first_step", ""),
            phrases=entry["phrases"],
            state=entry.get("state", "to_confirm"),
            schemes_to_check=entry.get("schemes_to_check", []),
            updated_at=now(),
        )
        for entry in entries
    ]
    count = _upsert(ProjectType, rows, "slug", _TYPE)
    gone = ProjectType.objects.filter(origin=Origin.FILE)
    gone.exclude(slug__in=[row.slug for row in rows]).delete()
    return count


def _load_thesaurus(entries: Sequence[Entry]) -> int:
    rows = [
        ThesaurusEntry(
            expression=entry["expression"],
            origin=Origin.FILE,
            terms=entry["terms"],
            themes=entry.get("themes", []),
            updated_at=now(),
        )
        for entry in entries
    ]
    count = _upsert(ThesaurusEntry, rows, "expression", _ENTRY)
    gone = ThesaurusEntry.objects.filter(origin=Origin.FILE)
    gone.exclude(expression__in=[row.expression for row in rows]).delete()
    return count
