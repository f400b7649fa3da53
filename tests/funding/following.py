"""Follow the change that a check proposes, as a reader would: from its words only."""

import re
from dataclasses import replace
from decimal import Decimal

from maillage.engine.funding.types import OWN, ZERO, Check, Fund, Plan, Resource

_AMOUNT = r"([\d ]+(?:,\d\d)?) €"


def follow(plan: Plan, check: Check) -> Plan:
    """The plan once the change of `check` is made. Raises ``AssertionError`` on words it does not
    know: a change must be one that can be followed.
    """
    said = check.change.replace("\u202f", " ").replace("\u00a0", " ")
    if found := re.match(rf"Ajoutez {_AMOUNT}", said):
        tied = plan.invested if "pour l'investissement" in said else frozenset()
        own = _own(_euros(found[1]), tied)
        return _plus(plan, own if "de fonds propres" in said else replace(own, fund=Fund.REGION))
    if found := re.match(rf"Trouvez {_AMOUNT} de plus", said):
        return _plus(plan, _own(_euros(found[1])))
    if found := re.match(rf"Demandez {_AMOUNT} de moins à LEADER, et autant (de fonds)?", said):
        less = _from_any(plan, {Fund.LEADER}, _euros(found[1]))
        own = bool(found[2])
        tied = next(r.lines for r in plan.resources if r.fund is Fund.LEADER)
        more = _own(_euros(found[1]), tied)
        return _plus(less, more if own else replace(more, fund=Fund.REGION))
    if found := re.match(rf"Réduisez-le de {_AMOUNT}", said):
        return _from_any(plan, {Fund.GROUP}, _euros(found[1]))
    if found := re.match(rf"Remplacez {_AMOUNT} d'aides par", said):
        less = _from_any(plan, set(Fund) - OWN, _euros(found[1]))
        return _plus(less, _own(_euros(found[1])))
    if found := re.match(r"Renoncez à (.*?) \(", said):
        names = re.findall(r"« (.*?) »", found[1])
        kept = tuple(r for r in plan.resources if r.label not in names)
        return replace(plan, resources=kept)
    if found := re.match(r"(Retirez|Remplacez) (.*? de « .*? »)(?=\.| par|, ou)", said):
        made = plan
        for text, label in re.findall(rf"{_AMOUNT} de « (.*?) »", found[2]):
            one = next(r for r in plan.resources if r.label == label)
            assert one.amount >= _euros(text)
            made = _set(made, one.id, one.amount - _euros(text))
            if found[1] == "Remplacez":
                made = _plus(made, _own(_euros(text), one.lines))
        return made
    raise AssertionError(said)


def _euros(text: str) -> Decimal:
    return Decimal(text.replace(" ", "").replace(",", "."))


def _own(amount: Decimal, lines: frozenset[str] = frozenset()) -> Resource:
    return Resource("", "Fonds propres de plus", Fund.OWN, amount, lines=lines)


def _plus(plan: Plan, one: Resource) -> Plan:
    name = f"plus-{len(plan.resources)}"
    return replace(plan, resources=(*plan.resources, replace(one, id=name)))


def _set(plan: Plan, name: str, amount: Decimal) -> Plan:
    return replace(plan, resources=tuple(
        replace(r, amount=amount) if r.id == name else r for r in plan.resources
    ))  # fmt: skip


def _from_any(plan: Plan, funds: set[Fund], amount: Decimal) -> Plan:
    made, left = plan, amount
    for one in plan.counted:
        if one.fund in funds:
            part = min(one.amount, left)
            made, left = _set(made, one.id, one.amount - part), left - part
    assert left == ZERO, "more is to be taken than there is"
    return made
