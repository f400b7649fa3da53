"""The one thing to do now for a plan: what can be done today, not a date of next month."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from maillage.engine.funding.types import OWN, TO_FILE, ZERO, Status
from maillage.funding.document import PlanDocument, Source
from maillage.funding.dossiers import Dates, Moment

#: Our advice: a dossier that closes later leaves time for those that have no date.
_SOON: Final = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: a sentence, and the page where it is done (its label and route; "" when
    there is none). ``act``: it is for the bearer to act, else to wait or to look.
    """

    sentence: str
    label: str
    name: str
    act: bool = True


def to_replace(document: PlanDocument) -> list[Source]:
    """The refused aids as long as the plan lacks money: others have not taken their place yet."""
    plan = document.plan()
    if sum((one.amount for one in plan.counted), ZERO) >= plan.cost:
        return []
    return [one for one in document.resources if one.status is Status.REFUSED]


def next_step(document: PlanDocument, coming: Dates, today: date, *, holds: bool) -> Step:
    """The one thing to do now, for a plan whose checks say that it `holds` or not."""
    if not document.costs:
        return Step("Commencez par les dépenses : ce que coûte chaque partie du projet.",
                    "Écrire les dépenses", "funding:edit")  # fmt: skip
    if not holds:
        return _mended(to_replace(document))
    known = {one.id: one for one in document.resources}
    pressing = [one for one in coming.pressing if _to_do(one, known[one.source], today)]
    if pressing and pressing[0].day <= today + _SOON:
        return _dated(pressing[0], known[pressing[0].source], today)
    asked = [one for one in document.resources if one.fund not in OWN]
    if not asked:
        return Step("Ce plan ne compte que sur votre argent : voyez quelles aides peuvent payer.",
                    "Voir les plans possibles", "funding:next", act=False)  # fmt: skip
    undated = _undated([one for one in asked if one.status in TO_FILE])
    if undated is not None:
        return undated
    if pressing:
        return _dated(pressing[0], known[pressing[0].source], today)
    return _awaited(asked)


def _mended(refused: Sequence[Source]) -> Step:
    """What to do of a plan that does not hold."""
    if refused:
        return Step(
            f"« {refused[-1].label} » est refusée : voyez les meilleurs plans qui restent "
            "possibles, à partir de ce qui est accordé.", "Voir ce qui reste possible",
            "funding:next",
        )  # fmt: skip
    return Step("Ce plan ne tient pas encore : corrigez-le, ou voyez ceux qui tiendraient.",
                "Voir les plans qui tiennent", "funding:next")  # fmt: skip


def _to_do(one: Moment, source: Source, today: date) -> bool:
    """Whether a date is something to do: a dossier to prepare, when what it would bring is known; a
    call, a decision to note, works to begin, once their day has come.
    """
    if one.kind in ("council", "closes") and source.amount:
        return True
    return one.day <= today and one.kind in ("closes", "call", "commission", "begin", "finish")


def _dated(one: Moment, source: Source, today: date) -> Step:
    """What a date asks for."""
    day, late = f"{one.day:%d/%m/%Y}", one.day < today
    said = f"{one.title}, {'avant ' if one.kind == 'council' else ''}le {day}."
    if one.kind == "closes" and late:
        said = (
            f"Le dernier jour pour déposer « {one.label} » est passé ({day}) : notez le dépôt, ou "
            "voyez la session suivante."
        )
    elif one.kind == "council" and late and source.closes:
        said = (
            f"Délibération à prendre sans attendre : {one.label}, dont le dossier se ferme le "
            f"{source.closes:%d/%m/%Y}."
        )
    elif one.kind == "call":
        said = f"Relancez « {one.label} » : déposé depuis un mois, sans accusé de réception."
    elif one.kind == "commission":
        said = f"La commission pour « {one.label} » est du {day} : notez sa décision."
    return Step(said, "Voir les dates", "funding:calendar", act=False)


def _undated(left: Sequence[Source]) -> Step | None:
    """The dossiers still to file when no date presses: those without a last day, then those whose
    amount is to be asked first.
    """
    to_file = next((one for one in left if one.amount and one.closes is None), None)
    if to_file is not None:
        return Step(
            f"Déposez le dossier de « {to_file.label} » : demandez jusqu'à quand, et notez ce jour "
            "dans ses détails.", "Modifier le plan", "funding:edit", act=False,
        )  # fmt: skip
    unknown = next((one for one in left if not one.amount), None)
    if unknown is None:
        return None
    until = f" Le dossier se ferme le {unknown.closes:%d/%m/%Y}." if unknown.closes else ""
    return Step(
        f"Demandez combien « {unknown.label} » peut payer : son montant n'est pas connu. Écrivez-"
        f"le au plan avant de préparer le dossier.{until}", "Modifier le plan", "funding:edit",
        act=False,
    )  # fmt: skip


def _awaited(asked: Sequence[Source]) -> Step:
    """What to do when every dossier is filed."""
    waiting = next((one for one in asked if one.status is Status.FILED), None)
    if waiting is not None:
        return Step(f"Attendez l'accusé de réception de « {waiting.label} » avant de signer.",
                    "Voir les dates", "funding:calendar", act=False)  # fmt: skip
    received = next((one for one in asked if one.status is Status.RECEIVED), None)
    if received is not None:
        return Step(
            f"Attendez la décision pour « {received.label} » : quand elle arrive, notez-la ici.",
            "Voir les dates", "funding:calendar", act=False,
        )  # fmt: skip
    granted = next((one for one in asked if one.status is Status.GRANTED), None)
    if granted is not None:
        return Step(
            f"« {granted.label} » est accordée : demandez l'avance, puis les acomptes à mesure que "
            "vous payez.", "Voir l'argent à avancer", "funding:cash", act=False,
        )  # fmt: skip
    return Step("Tout ce qui devait l'être est fait.", "", "", act=False)
