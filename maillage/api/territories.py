"""Territories as the API gives them, from what is held in memory."""

from django.urls import reverse

from maillage.api import schemas as out
from maillage.engine.vocabulary import LABELS
from maillage.territories.directory import Directory, directory
from maillage.territories.search import Suggestion


def place_out(found: Suggestion) -> out.PlaceOut:
    """A territory proposed for what was typed."""
    known = directory()
    is_epci = found.kind == "epci"
    record = known.epcis[found.code] if is_epci else known.communes[found.code]
    return out.PlaceOut(
        kind=found.kind,
        code=found.code,
        name=record.name,
        label=found.label,
        detail=found.detail,
        population=record.population,
        postal_codes=[] if is_epci else list(known.communes[found.code].postal_codes),
    )


def commune_out(code: str, asked: str) -> out.CommuneOut:
    """The commune of code in force `code`; `asked` is the code that was asked for."""
    known = directory()
    commune = known.communes[code]
    territory = known.engine_territory(code)
    department = known.departments[commune.department]
    arrondissement = known.arrondissements.get(commune.arrondissement)
    return out.CommuneOut(
        code=code,
        name=commune.name,
        asked=asked,
        siren=commune.siren,
        population=commune.population,
        postal_codes=list(commune.postal_codes),
        longitude=commune.longitude,
        latitude=commune.latitude,
        department=out.Labelled(code=department.code, label=department.name),
        region=out.Labelled(code=department.region, label=known.regions[department.region]),
        arrondissement=out.Labelled(code=commune.arrondissement, label=arrondissement)
        if arrondissement
        else None,
        epci=_epci(known, commune.epci) if commune.epci else None,
        density=territory.density,
        overseas=territory.overseas,
        labels=_labels(territory.labels, territory.labels_absent),
        url=reverse("territories:commune", args=[code]),
    )


def _epci(known: Directory, siren: str) -> out.EpciOut:
    epci = known.epcis[siren]
    return out.EpciOut(siren=siren, name=epci.name, type=epci.type, population=epci.population)


def _labels(carried: frozenset[str], absent: frozenset[str]) -> out.LabelsOut:
    sorted_out: dict[str, list[out.Labelled]] = {"known": [], "absent": [], "unknown": []}
    for code, label in LABELS.items():
        state = "known" if code in carried else "absent" if code in absent else "unknown"
        sorted_out[state].append(out.Labelled(code=code, label=label))
    return out.LabelsOut(**sorted_out)
