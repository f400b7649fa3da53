"""Between the database and the engine, with `law`: no other file of the area asks both.

A document under the law of its day → checks; costs and aids → best plans; a need and a place → the
aids of the catalogue that could pay, with their figures in force. Nothing here writes.
"""

import threading
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from maillage.catalog.models import Offer, Rate
from maillage.catalog.snapshot import shelf
from maillage.engine.funding.answer import Answer
from maillage.engine.funding.checks import check_plan
from maillage.engine.funding.optimise import best_plans
from maillage.engine.funding.types import BearerKind, Check, Fund, Plan
from maillage.engine.orientation import orient
from maillage.engine.types import Need
from maillage.engine.vocabulary import Kind
from maillage.funding.document import TERRITORY, PlanDocument, Source, candidates_of
from maillage.funding.law import law_on
from maillage.projects.models import Project
from maillage.territories.directory import directory

FUNDS: Final = Path(__file__).resolve().parents[1] / "data" / "funds.toml"
MOST_AIDS: Final = 40
BUSY: Final = "Trop de recherches à la fois : rien n'est perdu, réessayez dans un instant."
#: Seconds during which a search waits for the one before it, and the others for their place: at
#: most two threads of a process are held for long by an address, three by all.
_PATIENCE: Final = 4.0
_SHORT: Final = 0.5
_one_at_a_time = threading.BoundedSemaphore(1)
_places = threading.BoundedSemaphore(2)
_asking: set[str] = set()
_asking_changed = threading.Condition()
_next_of_an_address = threading.BoundedSemaphore(1)


def checks(document: PlanDocument) -> tuple[Check, ...]:
    """Every check of a plan, under the law of its day (no query)."""
    return check_plan(_plan(document), law_on(document.date))


def census_of(document: PlanDocument) -> int | None:
    """The population of the bearer at the census, when its territory is known."""
    known, code = directory(), document.notes.get(TERRITORY, "")
    places = {BearerKind.COMMUNE: known.communes, BearerKind.EPCI: known.epcis}
    record = places.get(document.bearer.kind, {}).get(code)
    return record.population if record else None


def _plan(document: PlanDocument) -> Plan:
    """The plan as the engine sees it, with what is known of the bearer's territory."""
    return replace(document.plan(), census=census_of(document))


class Busy(Exception):
    """Other searches are under way in this process: nothing was searched."""


def best(
    document: PlanDocument, sources: Iterable[Source] | None = None, address: str = ""
) -> Answer:
    """The best plans for the costs of a document, among `sources` (its own resources without).

    One search at a time by process, so that pages go on being served beside it, and one by
    `address`, so that nobody takes the place of the others: the next ones wait a few seconds.
    Raises `Busy` when those before them take too long.
    """
    chosen = candidates_of(document.resources if sources is None else sources)
    law = law_on(document.date)
    with _alone(address), _turn(_places, _SHORT), _turn(_one_at_a_time, _PATIENCE):
        return best_plans(_plan(document), chosen, law, document.own_most)


@contextmanager
def _alone(address: str) -> Iterator[None]:
    """The only search of this address, when one is known: a town hall, or all that is behind a
    proxy, has one, so the next one waits for its turn, and those after it a moment for theirs: the
    threads that serve pages are not all held.
    """
    if address:
        with _turn(_next_of_an_address, _SHORT), _asking_changed:
            if not _asking_changed.wait_for(lambda: address not in _asking, _PATIENCE):
                raise Busy(BUSY)
            _asking.add(address)
    try:
        yield
    finally:
        with _asking_changed:
            _asking.discard(address)
            _asking_changed.notify_all()


@contextmanager
def _turn(place: threading.Semaphore, seconds: float) -> Iterator[None]:
    if not place.acquire(timeout=seconds):
        raise Busy(BUSY)
    try:
        yield
    finally:
        place.release()


def aids_for(need: Need, code: str | None, today: date) -> list[Source]:
    """The fundings of the catalogue that answer a need, in the order of the answer page, with
    their figures in force. Two queries. Raises ``KeyError`` for a code that is no territory's.
    """
    territory = directory().engine_territory(code) if code else None
    found = orient(need, shelf().snapshot, territory, today)
    return aids_of([proposal.offer.id for proposal in found.funding][:MOST_AIDS], today)


def types_known(slugs: Sequence[str]) -> tuple[str, ...]:
    """Of these kinds of projects, those of the catalogue (no query)."""
    known = shelf().snapshot.type_number
    return tuple(dict.fromkeys(slug for slug in slugs if slug in known))


def aids_of_project(project: Project, today: date) -> list[Source]:
    """The aids of the catalogue for a project: those that pay its works, whatever the stage at
    which it stands today. Two queries.
    """
    return aids_for(Need(text=project.need or project.name), project.place, today)


def aids_of(slugs: Sequence[str], today: date) -> list[Source]:
    """Offers of the catalogue as resources to consider, in the order of `slugs`. Two queries.

    An offer that is no resource of a plan (a refund, help without money) is left out.
    """
    rows = Offer.objects.published().with_provider().prefetch_related("rates")
    known = {row.slug: row for row in rows.filter(slug__in=slugs).exclude(kind=Kind.ENGINEERING)}
    found = (_source(known[slug], today) for slug in dict.fromkeys(slugs) if slug in known)
    return [source for source in found if source is not None]


def fund_of(slug: str, family: str) -> Fund | None:
    """The fund of an offer by its identifier, else by the family of its provider; ``None`` for
    what is no resource of a plan.
    """
    prefixes, families = _funds()
    for prefix, fund in prefixes:
        if slug.startswith(prefix):
            return Fund(fund) if fund else None
    return Fund(families.get(family, Fund.OTHER_PUBLIC.value))


@cache
def _funds() -> tuple[tuple[tuple[str, str], ...], dict[str, str]]:
    held = tomllib.loads(FUNDS.read_text(encoding="utf-8"))
    return tuple((one["prefix"], one["fund"]) for one in held["funds"]), held["families"]


def _source(row: Offer, today: date) -> Source | None:
    fund = fund_of(row.slug, row.provider.family)
    if fund is None:
        return None
    held: dict[str, Decimal] = {}
    for rate in row.rates.all():
        if rate.in_force(today):
            _keep(held, rate)
    return Source(
        id=row.slug,
        label=row.title[:200],
        fund=fund,
        scheme=row.slug,
        offer=row.slug,
        closes=row.closes,
        **held,
    )


def _keep(held: dict[str, Decimal], rate: Rate) -> None:
    """The most favourable of several figures of the same kind: what may be hoped for at best."""
    if rate.kind in ("rate", "rate_max"):
        share = rate.value / 100
        if share <= 1:
            held["rate"] = max(held.get("rate", Decimal(0)), share)
    elif rate.unit != "€":
        return  # a ceiling in percent is a rule of law, which the checks know
    elif rate.kind == "cap":
        held["cap"] = max(held.get("cap", Decimal(0)), rate.value)
    elif rate.kind == "floor":
        held["floor"] = min(held.get("floor", rate.value), rate.value)
    elif rate.kind == "flat":
        held["flat"] = max(held.get("flat", Decimal(0)), rate.value)
