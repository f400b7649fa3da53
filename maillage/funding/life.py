"""The life of a resource: what each verb writes in it, and the sentence that is kept of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from maillage.engine.funding.types import Fund, Status
from maillage.engine.funding.words import euros
from maillage.funding.document import Payment, PlanDocument, Source
from maillage.funding.enums import LIFE

#: Verbs in the order in which they are read.
VERBS: Final = ("prepare", "file", "receive", "grant", "refuse", "pay", "reconsider")
#: What follows, for each status: the verb that the page puts first.
_NEXT: Final = {
    Status.CONSIDERED: "file",
    Status.TO_FILE: "file",
    Status.FILED: "receive",
    Status.RECEIVED: "grant",
    Status.GRANTED: "pay",
}


class NotPossible(Exception):
    """What was said cannot be; ``field`` is where, the message says why, in French."""

    def __init__(self, field: str, said: str) -> None:
        self.field = field
        super().__init__(said)


def verbs_of(source: Source) -> list[str]:
    """Verbs that can be used on a resource, the one that is expected first.

    The bearer's own money has no dossier: only a loan has one.
    """
    if source.fund is Fund.OWN:
        return []
    possible = LIFE.possible(source.status)
    first = _NEXT.get(source.status)
    return sorted((v for v in VERBS if v in possible), key=lambda v: v != first)


def money_of(source: Source) -> str:
    """What is known of the money of a resource: « accordé 40 000 €, déjà versé 12 000 €, reste
    28 000 € »; what is asked before a decision.
    """
    if not source.held:
        return euros(source.amount) if source.amount else ""
    granted, paid = source.promised, source.paid
    said = f"accordé {euros(granted)}"
    return f"{said}, déjà versé {euros(paid)}, reste {euros(granted - paid)}" if paid else said


def find(document: PlanDocument, name: str) -> Source | None:
    """The resource of this identifier."""
    return next((one for one in document.resources if one.id == name), None)


def moved(document: PlanDocument, source: Source, verb: str, said: dict[str, Any]) -> (
    tuple[PlanDocument, str]
):  # fmt: skip
    """The plan after `verb`, and the sentence to keep.

    `said`: ``on`` (day), ``amount`` (asked, granted or paid), ``closes``, ``commission_on``,
    ``note``, ``last`` (it was the last payment). Raises ``TransitionRefused`` or `NotPossible`.
    """
    status = Status(LIFE.after(verb, source.status))
    changed = _WRITES[verb](replace(source, status=status), said)
    if said.get("note"):
        changed = replace(changed, note=said["note"])
    rest = tuple(changed if one.id == source.id else one for one in document.resources)
    return replace(
        document, resources=rest
    ), f"{source.label[:120]} : {_sentence(verb, changed, said)}"


def _prepare(one: Source, said: dict[str, Any]) -> Source:
    return replace(
        one,
        closes=said.get("closes") or one.closes,
        commission_on=said.get("commission_on") or one.commission_on,
        amount=said.get("amount") or one.amount,
    )


def _file(one: Source, said: dict[str, Any]) -> Source:
    return replace(one, filed_on=said["on"], amount=said.get("amount") or one.amount)


def _receive(one: Source, said: dict[str, Any]) -> Source:
    _after(one.filed_on, said["on"], "L'accusé de réception vient avant le dépôt")
    return replace(one, received_on=said["on"])


def _grant(one: Source, said: dict[str, Any]) -> Source:
    _after(one.filed_on, said["on"], "La décision vient avant le dépôt")
    return replace(one, decided_on=said["on"], granted=said["amount"], letter=True)


def _refuse(one: Source, said: dict[str, Any]) -> Source:
    _after(one.filed_on, said["on"], "La décision vient avant le dépôt")
    return replace(one, decided_on=said["on"], granted=None, letter=False)


def _pay(one: Source, said: dict[str, Any]) -> Source:
    """A payment adds to the former ones; the aid is paid once whole, or said to be the last."""
    _after(one.decided_on, said["on"], "Le versement vient avant la décision")
    granted = one.promised
    paid = (one.paid or Decimal(0)) + said["amount"]
    if paid > granted:
        raise NotPossible(
            "amount",
            f"Cela ferait {euros(paid)} versés pour {euros(granted)} accordés : vérifiez le "
            "montant, ou corrigez ce qui est accordé.",
        )
    whole = paid == granted or said.get("last")
    status = Status.PAID if whole else Status.GRANTED
    before = one.payments
    if one.paid and one.paid_on and not before:
        before = (Payment(one.paid_on, one.paid),)
    payments = (*before, Payment(said["on"], said["amount"]))
    return replace(one, status=status, paid=paid, paid_on=said["on"], payments=payments)


def _reconsider(one: Source, said: dict[str, Any]) -> Source:
    if one.paid:
        raise NotPossible(
            "", "De l'argent est déjà versé : cette aide ne peut pas redevenir « envisagée »."
        )
    return replace(
        one, filed_on=None, received_on=None, decided_on=None, granted=None, letter=False
    )


def _after(first: date | None, then: date, said: str) -> None:
    if first is not None and then < first:
        raise NotPossible("on", f"{said} ({first:%d/%m/%Y}) : vérifiez les dates.")


_WRITES: Final = {
    "prepare": _prepare, "file": _file, "receive": _receive, "grant": _grant, "refuse": _refuse,
    "pay": _pay, "reconsider": _reconsider,
}  # fmt: skip


def _sentence(verb: str, one: Source, said: dict[str, Any]) -> str:
    on = f" le {said['on']:%d/%m/%Y}" if said.get("on") else ""
    if verb == "prepare":
        until = f", avant le {one.closes:%d/%m/%Y}" if one.closes else ""
        return f"dossier à déposer{until}"
    if verb == "file":
        return f"dossier déposé{on}, {euros(one.amount)} demandés"
    if verb == "receive":
        return f"accusé de réception{on}"
    if verb == "grant":
        return f"{euros(one.granted or Decimal(0))} accordés{on}"
    if verb == "refuse":
        return f"refusée{on}"
    if verb == "pay":
        left = one.promised - (one.paid or Decimal(0))
        rest = f" (reste {euros(left)})" if one.status is Status.GRANTED else ""
        return f"{euros(said['amount'])} versés{on}{rest}"
    return "de nouveau envisagée, ses dates sont retirées"
