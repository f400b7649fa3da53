"""A draft as it will be read, and what official data already know of who asks."""

from dataclasses import dataclass
from typing import Final

from maillage.common.templatetags.maillage import euros, nombre
from maillage.desk.models import Request
from maillage.engine.vocabulary import LABELS
from maillage.territories.directory import directory

_SAID: Final = ("pvd", "acv", "va", "ort", "frr", "frr_plus", "montagne", "france_services")


@dataclass(frozen=True, slots=True)
class Part:
    """What one step said: its address's name, its title, its lines (label, text)."""

    step: str
    title: str
    lines: list[tuple[str, str]]


def summary(demand: Request) -> list[Part]:
    """The draft, step by step; what is empty is said so."""
    pieces = [piece.name for piece in demand.attachments.all()]
    return [
        Part("besoin", "Votre besoin", [
            ("Ce que vous voulez faire", demand.need),
            ("Qui demande", demand.asker),
        ]),
        Part("projet", "Où en est le projet", [
            ("Étape", demand.get_stage_display()),
            ("Déjà tenté", demand.tried),
            ("Calendrier", demand.calendar),
            ("Budget", euros(demand.budget)),
        ]),
        Part("contact", "Qui joindre", [
            ("Nom", demand.contact_name),
            ("Fonction", demand.contact_role),
            ("Téléphone", demand.contact_phone),
            ("Courriel", demand.contact_email),
            ("Agents de la mairie", demand.staff),
        ]),
        Part("pieces", "Pièces", [("Pièces jointes", "\n".join(pieces))]),
    ]  # fmt: skip


def known_facts(code: str) -> list[tuple[str, str]]:
    """What is never asked, since official data say it: (label, value) of the territory `code`."""
    known = directory()
    if code in known.communes:
        commune = known.communes[code]
        department = known.departments[commune.department]
        rows = [
            ("Commune", commune.name),
            ("Département", f"{department.name} ({department.code})"),
            ("Intercommunalité", known.epcis[commune.epci].name if commune.epci else ""),
            ("SIREN", commune.siren),
        ]
    elif code in known.epcis:
        names = [known.departments[d].name for d in known.departments_of(code)]
        rows = [
            ("Intercommunalité", known.epcis[code].name),
            ("Départements" if len(names) > 1 else "Département", ", ".join(names)),
            ("SIREN", code),
        ]
    else:
        return []
    territory = known.engine_territory(code)
    people = f"{nombre(territory.population)} habitants" if territory.population else ""
    labels = [LABELS[one] for one in _SAID if one in territory.labels]
    rows += [("Population", people), ("Programmes et zonages", ", ".join(labels))]
    return [(label, value) for label, value in rows if value]
