"""Nothing is begun before the funder has received the request (F9)."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Final

from maillage.engine.funding.outcome import fails, holds, out, shortened, unknown
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    OWN,
    PRIVATE,
    STATE_CGCT,
    STATE_OTHER,
    WRITTEN,
    Check,
    CostLine,
    Figure,
    Fund,
    Nature,
    Plan,
    Resource,
    Status,
    Verdict,
)
from maillage.engine.funding.words import euros, named

#: Funders that refuse what was begun before they received the request.
STRICT: Final = STATE_CGCT | STATE_OTHER | {Fund.LEADER}
#: Signing these is a start; studies and land are not (R2334-24).
STARTS: Final = frozenset({Nature.WORKS, Nature.OTHER})
#: What counted before October 2018, as the rule writes it.
_COMPLETE: Final = "dossier complet"
_EUROPE: Final = frozenset({Fund.LEADER, Fund.EUROPE})


class _Start(Enum):
    """How the start of a line stands before a funder."""

    GOOD = "good"
    DOUBT = "doubt"
    EARLY = "early"


def no_start(plan: Plan, law: Law) -> Iterable[Check]:
    """A signed quote, order or contract before the receipt loses the grant."""
    rule = law["no-start"]
    asked = [r for r in plan.counted if r.fund not in OWN | PRIVATE and r.amount]
    strict = any(r.fund in STRICT for r in asked)
    begun = [x for x in plan.costs if x.nature in STARTS and x.signed_on is not None]
    told = [check for x in begun for check in _signed(x, asked, plan, law)]
    if told:
        # What fails first: it is what must be read when there are many.
        told.sort(key=lambda check: check.verdict is not Verdict.FAILS)
        yield from shortened(told, "dépenses signées trop tôt, ou peut-être")
        return
    if not strict:
        more = " Les autres financeurs ont leur règlement : demandez avant de signer."
        yield out("no-start", rule, f"Ni aide de l'État ni LEADER au plan.{more if asked else ''}")
        return
    waiting = any(r.fund in STRICT and r.received_on is None for r in asked)
    more = " Ne signez ni devis, ni commande, ni marché avant l'accusé de réception."
    yield holds("no-start", rule, f"Rien n'a été commencé trop tôt.{more if waiting else ''}")


def _signed(line: CostLine, asked: Sequence[Resource], plan: Plan, law: Law) -> Iterable[Check]:
    """What is to be said of a line that is signed, if anything is."""
    rule, price = law["no-start"], euros(plan.amount(line))
    stands = [(r, _start(line, r, plan, law)) for r in asked]
    early = [r for r, start in stands if start is _Start.EARLY]
    doubt = [r for r, start in stands if start is _Start.DOUBT]
    figures = (Figure(line.label, plan.amount(line)),)
    said = f"« {line.label} » a été signé le {line.signed_on:%d/%m/%Y}"
    if early:
        yield fails(
            "no-start", rule, f"{said}, avant que la demande soit reçue par {_names(early)}.",
            figures,
            f"Demandez une dispense {_to_whom(early)}, ou retirez cette ligne ({price}) de la "
            "dépense subventionnable.", plan.amount(line),
        )  # fmt: skip
    elif doubt:
        ask = (
            "Vérifiez qu'à ce jour le dossier était déclaré complet."
            if _COMPLETE in law.codes("no-start", "moment")
            else "Donnez la date de l'accusé de réception, ou demandez au financeur s'il admet un "
            "commencement."
        )
        said = f"{said} : ce site ne sait pas si {_names(doubt)} l'admet."
        yield unknown("no-start", rule, said, figures, ask)


def _start(line: CostLine, one: Resource, plan: Plan, law: Law) -> _Start:
    """What is known of the day on which `one` received its request, against the signature."""
    signed = line.signed_on
    if signed is None or (one.lines and line.id not in one.lines):
        return _Start.GOOD
    if one.received_on is not None and signed >= one.received_on:
        # Before October 2018, the request also had to be complete: on which day is not kept.
        complete = _COMPLETE in law.codes("no-start", "moment")
        return _Start.DOUBT if complete and one.fund in STRICT else _Start.GOOD
    if one.fund not in STRICT:
        return _Start.DOUBT
    if one.fund in STATE_OTHER and any(r.fund in _EUROPE and r.amount for r in plan.counted):
        return _Start.DOUBT  # the decree has an exception when Europe pays too
    if one.received_on is not None or one.status not in WRITTEN | {Status.FILED}:
        return _Start.EARLY
    # Filed or held, on a day that is not given: it was not received before it was filed.
    filed_after = one.filed_on is not None and signed < one.filed_on
    return _Start.EARLY if filed_after else _Start.DOUBT


def _names(some: Iterable[Resource]) -> str:
    return named([one.label for one in some])


def _to_whom(early: Iterable[Resource]) -> str:
    state = any(one.fund is not Fund.LEADER for one in early)
    return "au préfet" if state else "à la région (LEADER)"
