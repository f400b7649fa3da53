"""One row a request, for a file."""

from collections.abc import Iterable
from typing import Any, Final

from maillage.desk.consolidation import facts as f
from maillage.desk.consolidation.facts import Facts
from maillage.desk.consolidation.places import arrondissement_of, days_of, epci_of, stratum
from maillage.desk.enums import Channel, LeadKind, NeedLevel, Outcome, State
from maillage.desk.models import Desk
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory

LINES_HEADER: Final = (
    "Numéro", "Guichet", "Reçue le", "Code", "Demandeur", "Population", "Strate",
    "Intercommunalité", "Arrondissement", "Arrivée", "Thèmes", "Étape", "Niveau du besoin",
    "État à la date du bilan", "Ce qu'elle est devenue", "Décidée le", "Issue",
    "Première réponse le", "Jours ouvrés avant la première réponse", "Qualité de l'interlocuteur",
    "Organisme interlocuteur",
)  # fmt: skip


def lines(facts: Iterable[Facts], desks: Iterable[Desk]) -> list[tuple[Any, ...]]:
    """One row a request, for a file: no name, no address, no telephone, no text of the mairie."""
    known = directory()
    held = {desk.pk: desk for desk in desks}
    return [
        (
            one.number, held[one.desk].name, one.received_on.isoformat(), one.code, one.name,
            one.population, stratum(one),
            known.epcis[epci_of(one)].name if epci_of(one) in known.epcis else "",
            known.arrondissements.get(arrondissement_of(one), ""), Channel(one.channel).label,
            ", ".join(THEMES.get(code, code) for code in one.themes), PHASES.get(one.phase, ""),
            dict(NeedLevel.choices).get(one.level, ""), State(one.state).label, f.FATES[one.fate],
            one.solved_on.isoformat() if one.solved_on else "",
            dict(Outcome.choices).get(one.outcome, ""),
            one.first_answer.isoformat() if one.first_answer else "",
            days_of(one, held[one.desk].department) if one.first_answer else None,
            dict(LeadKind.choices).get(one.lead_kind, ""), one.lead,
        )
        for one in facts
    ]  # fmt: skip
