"""What the editor finds odd in a plan, without refusing it: each with the cell to look at."""

from collections.abc import Iterable, Sequence
from typing import Final

from maillage.engine.funding.types import FUND_LABELS, HELD, OWN, TO_FILE, Fund, Status
from maillage.engine.funding.words import number
from maillage.funding.forms import bearer, lines
from maillage.funding.forms.cells import Row
from maillage.funding.pastedcells import fund_of
from maillage.funding.vat import Usual

Remark = tuple[str, str]
#: Population DGF counts second homes: beyond so many times the census, it is most often a slip.
_MOST_TIMES: Final = 3


def remarks(costs: Sequence[Row], resources: Sequence[Row], who: Row, here: Usual) -> list[Remark]:
    """(id of a cell, what is odd), in the order of the page."""
    found = [(who["kind"].name, who.extra["followed"])] if "followed" in who.extra else []
    found += _population(who)
    for row in costs:
        if not lines.is_blank(row) and here.is_odd(row.values["vat"]):
            found.append((
                row["vat"].name,
                f"{row.extra['called']}le taux de {row.values['vat'].replace('.', ',')} % ne "
                f"s'applique pas là où est le porteur ({here.said}).",
            ))  # fmt: skip
    for row in resources:
        if not lines.is_blank(row):
            found += [(row[cell].name, f"{row.extra['called']}{said}") for cell, said in _of(row)]
    return found


def _population(who: Row) -> Iterable[Remark]:
    census, said = bearer.census(who), who.values["population_dgf"]
    if not census or not said or "population_dgf" in who.errors:
        return
    typed = int("".join(filter(str.isdecimal, said)) or 0)
    if typed < census or typed > _MOST_TIMES * census:
        yield (
            who["population_dgf"].name,
            f"Population DGF : vous écrivez {number(typed)}, le recensement dit {number(census)} "
            "habitants. Elle est au moins égale à celle du recensement : vérifiez sur votre fiche.",
        )


def _of(row: Row) -> Iterable[Remark]:
    values = row.values
    fund, named = values["fund"], fund_of("", values["label"])
    if row.extra.get("guessed"):
        yield "fund", f"l'origine est comprise d'après le nom : {FUND_LABELS[Fund(fund)]}."
    elif named and named not in OWN and fund and named != fund and not values["offer"]:
        label = dict(FUND_LABELS).get(named, "")
        chosen = next((text for one, text in FUND_LABELS.items() if one == fund), "")
        yield "fund", f"le nom fait penser à « {label} », l'origine choisie est « {chosen} »."
    later = [name for name in ("received_on", "decided_on", "granted", "paid") if values[name]]
    if values["status"] in TO_FILE and later:
        yield "status", "elle n'est pas déposée, et pourtant une suite y est notée : vérifiez."
    if values["status"] in HELD and not values["granted"]:
        yield (
            "granted",
            "elle est accordée sans montant accordé : c'est le montant écrit qui compte.",
        )
    if values["status"] == Status.PAID and not values["paid_on"]:
        yield "paid_on", "elle est versée, sans la date du versement."
