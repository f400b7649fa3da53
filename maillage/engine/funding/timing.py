"""What has its day: nothing is begun before the funder has received the request (F9); an aid is
asked before its last day.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from enum import IntEnum
from typing import Final, NamedTuple

from maillage.engine.funding.outcome import fails, holds, in_few, out, unknown
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    ASKED,
    HELD,
    OWN,
    PRIVATE,
    STATE_CGCT,
    STATE_OTHER,
    TO_FILE,
    WRITTEN,
    ZERO,
    Check,
    CostLine,
    Figure,
    Fund,
    Nature,
    Plan,
    Resource,
    Rule,
    Status,
)
from maillage.engine.funding.words import euros, named

#: Funders that refuse what was begun before they received the request.
STRICT: Final = STATE_CGCT | STATE_OTHER | {Fund.LEADER}
#: Signing these is a start; studies and land are not (R2334-24).
STARTS: Final = frozenset({Nature.WORKS, Nature.OTHER})
#: What counted before October 2018, as the rule writes it.
_COMPLETE: Final = "dossier complet"
#: Aids that a sentence names with their day.
_NAMED: Final = 6
_EUROPE: Final = frozenset({Fund.LEADER, Fund.EUROPE})


class _Start(IntEnum):
    """How the start of a line stands before a funder, from the best to the worst."""

    GOOD = 0
    DOUBT = 1
    APART = 2  # too early, but it is not a line that this funder pays
    EARLY = 3


class _Calendar(NamedTuple):
    """How a funder takes what is signed: so before its ``day``, and so from it on. Funders that
    take things alike, for the same ``lines`` (none: all of them), have the same one. ``strict``
    ones look at the operation: a line that another pays may be of the same.
    """

    lines: frozenset[str]
    before: _Start
    day: date = date.max
    after: _Start = _Start.GOOD
    strict: bool = True

    def of(self, line: CostLine, signed: date) -> _Start:
        """How it takes a line that was signed on this day."""
        here = self.after if signed >= self.day else self.before
        if not self.lines or line.id in self.lines:
            return here
        return _Start.APART if self.strict and here else _Start.GOOD


def no_start(plan: Plan, law: Law) -> Iterable[Check]:
    """A signed quote, order or contract before the receipt loses the grant."""
    rule = law["no-start"]
    asked = [r for r in plan.counted if r.fund not in OWN | PRIVATE and r.amount]
    complete = _COMPLETE in law.codes("no-start", "moment")
    europe = any(r.fund in _EUROPE and r.amount for r in plan.counted)
    known = frozenset(line.id for line in plan.costs)
    calendars = [(one, _calendar(one, known, complete=complete, europe=europe)) for one in asked]
    found = _badly_begun(plan, {calendar for _, calendar in calendars})

    def said(begun: _Begun) -> Check:
        return _say(begun, calendars, plan, rule, complete=complete)

    yield from in_few(found, said, "dépenses signées trop tôt, ou peut-être")
    if found:
        return
    strict = [r for r in asked if r.fund in STRICT]
    if not strict:
        more = " Les autres financeurs ont leur règlement : demandez avant de signer."
        yield out("no-start", rule, f"Ni aide de l'État ni LEADER au plan.{more if asked else ''}")
        return
    waiting = any(r.received_on is None for r in strict)
    more = " Ne signez ni devis, ni commande, ni marché avant l'accusé de réception."
    yield holds("no-start", rule, f"Rien n'a été commencé trop tôt.{more if waiting else ''}")


def _calendar(
    one: Resource, known: frozenset[str], *, complete: bool, europe: bool
) -> _Calendar:  # fmt: skip
    """What is known of the day on which `one` received its request; `known` are the lines of the
    plan. `complete`: before October 2018 the request also had to be complete, on a day that is not
    kept. `europe`: Europe pays too.
    """
    lines, doubt = one.lines & known, _Start.DOUBT
    strict = one.fund in STRICT
    after = doubt if complete and strict else _Start.GOOD
    # The others have a rule of their own; the decree has an exception when Europe pays too.
    if not strict or (one.fund in STATE_OTHER and europe):
        return _Calendar(lines, doubt, one.received_on or date.max, after, strict)
    if one.received_on is not None:
        return _Calendar(lines, _Start.EARLY, one.received_on, after)
    if one.status not in WRITTEN | {Status.FILED}:
        return _Calendar(lines, _Start.EARLY)
    # Filed or held, on a day that is not given: it was not received before it was filed.
    return _Calendar(lines, _Start.EARLY, one.filed_on or date.min, doubt)


class _Begun(NamedTuple):
    """A line that was signed, on which day, and how the strictest of the funders takes it."""

    line: CostLine
    day: date
    worst: _Start


def _badly_begun(plan: Plan, calendars: Iterable[_Calendar]) -> list[_Begun]:
    """The lines that a funder takes badly, or may; those that surely fail first."""
    every = list(calendars)
    begun = [
        _Begun(x, x.signed_on, max((one.of(x, x.signed_on) for one in every), default=_Start.GOOD))
        for x in plan.costs
        if x.nature in STARTS and x.signed_on is not None
    ]
    return sorted((one for one in begun if one.worst), key=lambda one: -one.worst)


def _say(
    begun: _Begun, calendars: Sequence[tuple[Resource, _Calendar]], plan: Plan, rule: Rule, *,
    complete: bool,
) -> Check:  # fmt: skip
    """What is to be said of a line that a funder takes badly, or may."""
    line, day, worst = begun
    amount = plan.amount(line)
    who = [one for one, calendar in calendars if calendar.of(line, day) is worst]
    figures = (Figure(line.label, amount),)
    said = f"« {line.label} » a été signé le {day:%d/%m/%Y}"
    if worst is _Start.EARLY:
        return fails(
            "no-start", rule, f"{said}, avant que la demande soit reçue par {_names(who)}.",
            figures,
            f"Demandez une dispense {_to_whom(who)}. Si c'est une autre opération, retirez cette "
            f"ligne ({euros(amount)}) de la dépense subventionnable.", amount,
        )  # fmt: skip
    if worst is _Start.APART:
        return unknown(
            "no-start", rule,
            f"{said}, alors que {_names(who)} paie d'autres dépenses. Rien n'est donné si "
            "l'opération a commencé avant la date de réception de la demande : on ne peut pas dire "
            "si c'est la même opération.", figures,
            "Les lots d'un même projet sont le plus souvent une seule opération : demandez à la "
            f"préfecture, et une dispense {_to_whom(who)} s'il le faut.",
        )  # fmt: skip
    ask = (
        "Vérifiez qu'à ce jour le dossier était déclaré complet."
        if complete
        else "Donnez la date de l'accusé de réception, ou demandez au financeur s'il admet un "
        "commencement."
    )
    said = f"{said} : ce site ne sait pas si {_names(who)} l'admet."
    return unknown("no-start", rule, said, figures, ask)


def _names(some: Iterable[Resource]) -> str:
    return named([one.label for one in some])


def _to_whom(early: Iterable[Resource]) -> str:
    state = any(one.fund is not Fund.LEADER for one in early)
    return "au préfet" if state else "à la région (LEADER)"


def last_days(plan: Plan, law: Law) -> Iterable[Check]:
    """What is not asked yet may still be: the last day, where it is noted, is not behind."""
    rule = law["last-day"]
    told = [r for r in plan.counted if r.closes and r.fund not in OWN and r.status not in HELD]
    gone = [r for r in told if r.status in TO_FILE and _late(r, plan.date)]
    late = [r for r in told if r.status in ASKED and _late(r, r.filed_on or date.min)]
    if gone:
        amount = sum((r.amount for r in gone), ZERO)
        days = ", ".join(f"« {r.label} » ({r.closes:%d/%m/%Y})" for r in gone[:_NAMED])
        days += f" et {len(gone) - _NAMED} autres" if len(gone) > _NAMED else ""
        yield fails(
            "last-day", rule, f"Le dernier jour pour demander est passé : {days}.",
            (Figure("Plus demandable", amount),) if amount else (),
            "Notez le jour du dépôt si c'est fait ; sinon cherchez une autre aide, ou attendez le "
            "prochain appel.", amount or None,
        )  # fmt: skip
    if late:
        yield unknown(
            "last-day", rule, f"Le dossier a été déposé après le dernier jour : {_names(late)}.",
            (), "Demandez au financeur s'il l'accepte.",
        )  # fmt: skip
    if told and not gone and not late:
        yield holds("last-day", rule, "Les aides que l'on peut encore demander sont à temps.")


def _late(one: Resource, day: date) -> bool:
    return one.closes is not None and one.closes < day
