"""Bodies that exist everywhere by law, built from the official geographic code, from facts only.

Préfecture and its desk, sous-préfectures, the State's territorial service, conseil départemental,
conseil régional, EPCI. What each can do for a given need is not known from the code: these are
sure contacts (``generalist``), never counted as an adequate answer by themselves.
"""

import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.enums import EpciType, Zone
from maillage.territories.models import Arrondissement, Commune, Department, Epci, Region

LOCAL: Final = Path(__file__).resolve().parents[1] / "data" / "local.toml"
Entry = dict[str, Any]

_AUDIENCES: Final = ["commune", "epci", "syndicate"]
_DESK_AUDIENCES: Final = [*_AUDIENCES, "association"]
_STATE_SERVICES: Final = {
    "DDT": "Direction départementale des territoires",
    "DDTM": "Direction départementale des territoires et de la mer",
    "DRIEAT": "Unité départementale de la DRIEAT",
    "DEAL": "Direction de l'environnement, de l'aménagement et du logement",
    "DGTM": "Direction générale des territoires et de la mer",
    "DEALM": "Direction de l'environnement, de l'aménagement, du logement et de la mer",
}
_STATE_THEMES: Final = ["amenagement", "habitat", "eau", "biodiversite", "agriculture", "mobilite",
                        "energie", "bourg"]  # fmt: skip
_COUNCIL_THEMES: Final = ["mobilite", "sante", "services", "jeunesse", "culture", "bourg"]
_REGION_THEMES: Final = ["economie", "mobilite", "bourg", "jeunesse", "energie", "numerique",
                         "agriculture", "culture"]  # fmt: skip
_EPCI_THEMES: Final = ["amenagement", "economie", "eau", "habitat", "mobilite", "services",
                       "culture", "energie"]  # fmt: skip


@dataclass(slots=True)
class Built:
    """Entries in the shape of the catalogue's files, with ``generalist`` set."""

    providers: list[Entry] = field(default_factory=list)
    offers: list[Entry] = field(default_factory=list)


def construct(local: Path = LOCAL) -> Built:
    """Build every local body from the territories now loaded. Four queries."""
    words = tomllib.loads(local.read_text(encoding="utf-8"))
    built = Built()
    departments = list(Department.objects.exclude(zone=Zone.COM).select_related("region", "seat"))
    arrondissements = defaultdict(list)
    for row in Arrondissement.objects.select_related("seat"):
        arrondissements[row.department_id].append(row)
    councils: dict[str, list[str]] = defaultdict(list)
    for department in departments:
        said = words["departments"][department.code]
        _prefecture(built, department, said["of"])
        _sous_prefectures(built, department, arrondissements[department.code])
        _state_service(built, department, said)
        councils[said.get("council", f"Conseil départemental {said['of']}")].append(department.code)
    regions = {r.code: r for r in Region.objects.exclude(zone=Zone.COM)}
    for code, said in words["regions"].items():
        if code in regions and said.get("council") not in councils:
            _region(built, code, said)
    for name, codes in councils.items():
        _council(built, name, codes)
    for code, said in words["collectivities"].items():
        _collectivity(built, code, said["state"])
    for epci, in_departments in _epcis():
        _epci(built, epci, in_departments)
    return built


def _add(built: Built, provider: Entry, offers: list[Entry], *, source: str = "cog-2026") -> None:
    common: Entry = {"state": "to_confirm", "source": source, "vintage": "2026", "generalist": True}
    built.providers.append({**common, **provider})
    built.offers += [
        {
            "provider": provider["id"],
            "kind": "engineering",
            "cost": "free",
            "phases": list(PHASES),
            "audiences": _AUDIENCES,
            **common,
            **offer,
        }
        for offer in offers
    ]


def _prefecture(built: Built, department: Department, of: str) -> None:
    seat = f" ({department.seat.name})" if department.seat else ""
    _add(
        built,
        {
            "id": f"prefecture-{department.code.lower()}",
            "name": f"Préfecture {of}",
            "family": "state",
            "level": "department",
            "perimeter": [f"dep:{department.code}"],
            "summary": "Le préfet est le délégué territorial de l'ANCT : il tient le guichet local "
            "de l'ingénierie et les dotations de l'État.",
            "contact": f"À l'accueil de la préfecture{seat} ou par son standard.",
            "source": "anct-2020",
        },
        [
            {
                "id": f"guichet-{department.code.lower()}",
                "title": f"Guichet local de l'ingénierie {of}",
                "summary": "La porte d'entrée unique du département : le guichet lit votre demande "
                "et désigne un interlocuteur.",
                "description": "Chaque préfet tient un guichet local de l'ingénierie (circulaire "
                "du 28 décembre 2023). Il oriente d'abord vers les appuis du département ; "
                "l'appui national n'est demandé que si rien n'y répond.",
                "themes": list(THEMES),
                "audiences": _DESK_AUDIENCES,
                "apply": f"Demandez le guichet de l'ingénierie à la préfecture{seat}, par "
                "téléphone ou par courrier.",
                "words": ["je ne sais pas à qui m'adresser", "par où commencer",
                          "qui peut nous aider", "guichet", "ingénierie", "préfet"],
                "source": "senat-126-2024",
            }
        ],
        source="cog-2026",
    )  # fmt: skip


def _collectivity(built: Built, code: str, name: str) -> None:
    """The representative of the State in an overseas collectivity: a contact for any need."""
    _add(
        built,
        {
            "id": f"etat-{code}",
            "name": name,
            "family": "state",
            "level": "department",
            "perimeter": [f"dep:{code}"],
            "summary": "Le représentant de l'État dans la collectivité.",
            "contact": "Par son standard ou son accueil.",
            "source": "connaissance-generale",
        },
        [
            {
                "id": f"guichet-{code}",
                "title": f"{name} : être orienté",
                "summary": "Le service de l'État qui peut lire votre demande et vous orienter.",
                "description": "Le droit des aides diffère dans les collectivités d'outre-mer : "
                "beaucoup d'offres valables dans les départements ne le sont pas ici.",
                "themes": list(THEMES),
                "audiences": _DESK_AUDIENCES,
                "apply": "Demandez le service chargé des collectivités, par téléphone ou par "
                "courrier.",
                "words": ["je ne sais pas à qui m'adresser", "qui peut nous aider"],
                "source": "connaissance-generale",
            }
        ],
    )


def _sous_prefectures(
    built: Built, department: Department, arrondissements: list[Arrondissement]
) -> None:
    for row in arrondissements:
        if row.seat_id is None or row.seat_id == department.seat_id:
            continue
        slug = f"sous-prefecture-{row.code.lower()}"
        _add(
            built,
            {
                "id": slug,
                "name": f"Sous-préfecture {_of_town(row.seat.name)}",
                "family": "state",
                "level": "department",
                "perimeter": [f"arr:{row.code}"],
                "summary": "Le sous-préfet d'arrondissement est l'interlocuteur de l'État le plus "
                "proche de la mairie.",
                "contact": f"À la sous-préfecture, à {row.seat.name}, ou par son standard.",
            },
            [
                {
                    "id": f"{slug}-conseil",
                    "title": f"Sous-préfecture {_of_town(row.seat.name)} : conseil aux maires",
                    "summary": "Parler de votre projet au sous-préfet et à son équipe : calendrier "
                    "des dotations, services à réunir autour de la table.",
                    "themes": list(THEMES),
                    "apply": "Demandez un rendez-vous au secrétariat du sous-préfet.",
                    "words": ["sous-préfet", "rendez-vous", "dotations de l'État"],
                }
            ],
        )


def _of_town(name: str) -> str:
    """Write a town after « de »: « d'Albi », « du Havre », « des Andelys », « de La Réole »."""
    if name.startswith("Le "):
        return f"du {name[3:]}"
    if name.startswith("Les "):
        return f"des {name[4:]}"
    return f"d'{name}" if name[0] in "AEIOUYÉÈÊÎÔ" else f"de {name}"


def _state_service(built: Built, department: Department, said: Entry) -> None:
    code, short = department.code, said["service"]
    name = f"{short} {said['of']}"
    _add(
        built,
        {
            "id": f"ddt-{code.lower()}",
            "name": name,
            "full_name": f"{_STATE_SERVICES[short]} {said['of']}",
            "family": "state",
            "level": "department",
            "perimeter": [f"dep:{code}"],
            "summary": "Le service de l'État qui connaît l'urbanisme, l'habitat, l'eau, les "
            "risques et l'agriculture du département.",
            "contact": "Par la mission ou l'unité territoriale de la direction, ou par la "
            "préfecture.",
            "source": "connaissance-generale",
        },
        [
            {
                "id": f"ddt-{code.lower()}-conseil",
                "title": f"{name} : conseil aux collectivités",
                "summary": "Un avis de l'État sur ce que permettent les règles, et un premier "
                "conseil sur la façon de monter le projet.",
                "themes": _STATE_THEMES,
                "phases": ["strategie", "faisabilite", "montage"],
                "apply": "Écrivez ou téléphonez à la direction, service chargé de votre secteur.",
                "words": [
                    "urbanisme",
                    "permis de construire",
                    "règles de l'État",
                    "avis de l'État",
                ],
                "source": "connaissance-generale",
            }
        ],
    )


def _council(built: Built, name: str, departments: list[str]) -> None:
    slug = f"conseil-departemental-{'-'.join(departments).lower()}"
    _add(
        built,
        {
            "id": slug,
            "name": name,
            "family": "department",
            "level": "department",
            "perimeter": [f"dep:{code}" for code in departments],
            "summary": "Solidarité territoriale : le Département conseille les communes et peut "
            "financer leurs projets.",
            "contact": "Par le service d'appui aux communes du Département.",
        },
        [
            {
                "id": f"{slug}-appui",
                "title": f"{name} : appui aux communes",
                "summary": "Demander ce que le Département propose aux communes : conseil, agence "
                "technique, contrats et aides.",
                "kind": "both",
                "cost": "unknown",
                "themes": _COUNCIL_THEMES,
                "apply": "Adressez-vous au service d'appui aux communes, ou à vos conseillers "
                "départementaux.",
                "words": ["département", "conseil général", "conseillers départementaux"],
                "source": "connaissance-generale",
            }
        ],
    )


def _region(built: Built, code: str, said: Entry) -> None:
    name = said.get("council") or f"Conseil régional {said['of']}"
    _add(
        built,
        {
            "id": f"region-{code}",
            "name": name,
            "family": "region",
            "level": "region",
            "perimeter": [f"reg:{code}"],
            "summary": "La Région porte les contrats de territoire, l'économie, les transports et "
            "une partie des fonds européens.",
            "contact": "Par la direction de l'aménagement du territoire, ou l'antenne de la "
            "Région.",
        },
        [
            {
                "id": f"region-{code}-appui",
                "title": f"{name} : appui aux territoires",
                "summary": "Demander ce que la Région propose aux communes : contrats, aides et "
                "accompagnement.",
                "kind": "both",
                "cost": "unknown",
                "themes": _REGION_THEMES,
                "apply": "Adressez-vous à l'antenne de la Région la plus proche.",
                "words": ["région", "conseil régional", "conseillers régionaux"],
                "source": "connaissance-generale",
            }
        ],
    )


def _epcis() -> Iterator[tuple[Epci, list[str]]]:
    places: dict[str, set[str]] = defaultdict(set)
    rows = Commune.objects.exclude(epci=None).values_list("epci_id", "department_id").distinct()
    for siren, department in rows:
        places[siren].add(department)
    for epci in Epci.objects.order_by("siren"):
        yield epci, sorted(places[epci.siren])


def _epci(built: Built, epci: Epci, departments: list[str]) -> None:
    _add(
        built,
        {
            "id": f"epci-{epci.siren}",
            "name": epci.name,
            "full_name": f"{EpciType(epci.type).label} ({', '.join(departments)})",
            "family": "municipal",
            "level": "municipal",
            "perimeter": [epci.key],
            "summary": "Votre intercommunalité : ses compétences remplacent ou complètent celles "
            "de la commune.",
            "contact": "Par l'accueil de l'intercommunalité ou votre délégué communautaire.",
        },
        [
            {
                "id": f"epci-{epci.siren}-appui",
                "title": f"{epci.name} : compétences et services communs",
                "summary": "Vérifier d'abord si l'intercommunalité a la compétence, un technicien "
                "à partager ou un fonds de concours.",
                "kind": "both",
                "cost": "unknown",
                "themes": _EPCI_THEMES,
                "audiences": ["commune", "association"],
                "apply": "Appelez l'accueil de l'intercommunalité, ou parlez-en à votre délégué "
                "communautaire.",
                "words": ["intercommunalité", "communauté de communes", "interco", "comcom"],
                "source": "connaissance-generale",
            }
        ],
    )
