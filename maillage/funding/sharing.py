"""What the pages of the study « 1 ‰ » say of a sharing: its summary, groups with bars, bodies."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

import numpy as np

from maillage.engine.funding.permille import (
    COMMUNE,
    KINDS,
    Ints,
    Key,
    Line,
    Sharing,
    Terms,
    by_group,
    measures_of,
    top_tenth,
)
from maillage.engine.funding.words import euros as in_words
from maillage.engine.funding.words import number
from maillage.engine.text import words
from maillage.funding.enums import BodyKind
from maillage.funding.forms.permille import KEY_LABELS
from maillage.funding.permille import STRATUM_LABELS, Holdings

GROUP_HEADER: Final = (
    "Groupe", "Collectivités", "Verse (€)", "Reçoit (€)", "Solde (€)", "Reçoivent plus",
    "Versent plus",
)  # fmt: skip
BODY_HEADER: Final = (
    "Nature", "Code", "Nom", "Population", "Investissement (€)", "Verse (€)", "Reçoit (€)",
    "Solde (€)", "Solde par habitant (€)",
)  # fmt: skip
#: Ways to order the bodies.
SORTS: Final[dict[str, str]] = {
    "gagnent": "Celles qui gagnent le plus",
    "perdent": "Celles qui versent le plus en net",
    "nom": "Nom",
}
_NO_DEPARTMENT: Final = "Régions (dans aucun département)"
_KIND: Final = {"commune": "Commune", "epci": "Intercommunalité", "departement": "Département",
                "region": "Région"}  # fmt: skip


def euros(cents: int) -> Decimal:
    """Cents as euros."""
    return Decimal(int(cents)) / 100


def whole(amount: Decimal) -> Decimal:
    """To the nearest euro: what a table of millions shows."""
    return amount.quantize(Decimal(1), ROUND_HALF_UP)


def signed(amount: Decimal) -> str:
    """An amount with its sign: « +12,50 € », « −3 € », « 0 € »."""
    return f"{'+' if amount > 0 else ''}{in_words(amount)}"


@dataclass(frozen=True, slots=True)
class Group:
    """A line of a table: its name, its sums, and its bars (per cent of the longest). A table shows
    it to the nearest euro (``shown``), a file to the cent.
    """

    label: str
    line: Line
    paying: float
    receiving: float

    @property
    def pays(self) -> Decimal:
        """Euros paid."""
        return euros(self.line.pays)

    @property
    def receives(self) -> Decimal:
        """Euros received."""
        return euros(self.line.receives)

    @property
    def balance(self) -> Decimal:
        """Euros received less those paid."""
        return euros(self.line.balance)

    @property
    def shown(self) -> tuple[Decimal, Decimal, str]:
        """Paid, received, and the balance with its sign."""
        return whole(self.pays), whole(self.receives), signed(whole(self.balance))


@dataclass(frozen=True, slots=True)
class Summary:
    """The fund in a few numbers."""

    fund: Decimal
    shared: Decimal
    payers: int
    receivers: int
    winning: int
    losing: int
    losing_others: int
    median: Decimal
    top_receive: int
    top_pay: int
    pots: tuple[tuple[str, Decimal, int], ...]
    idle: tuple[str, ...]


def summary(held: Holdings, sharing: Sharing) -> Summary:
    """What one reads first."""
    balance = sharing.balance
    communes = held.bodies.kind == COMMUNE
    received = sharing.receives[sharing.receives > 0]
    fund = sharing.fund
    return Summary(
        fund=euros(fund),
        shared=euros(int(sharing.receives.sum())),
        payers=int((sharing.pays > 0).sum()),
        receivers=len(received),
        winning=int((communes & (balance > 0)).sum()),
        losing=int((communes & (balance < 0)).sum()),
        losing_others=int((~communes & (balance < 0)).sum()),
        median=euros(int(np.median(received))) if len(received) else Decimal(0),
        top_receive=round(100 * top_tenth(sharing.receives)),
        top_pay=round(100 * top_tenth(sharing.pays)),
        pots=tuple(
            (KEY_LABELS[key][0], euros(pot), round(100 * pot / fund) if fund else 0)
            for key, pot in sharing.pots.items()
        ),
        idle=tuple(KEY_LABELS[key][0] for key in sharing.idle),
    )


def rules(terms: Terms) -> str:
    """The rules of the fund in one line, so that a printed page says what it computed."""
    paying = ", ".join(BodyKind(KINDS[kind]).label.lower() for kind in sorted(terms.payers))
    said = [f"{number(Decimal(terms.rate) / 1000)} ‰ de l'investissement", f"versent : {paying}"]
    if terms.least:
        said.append(f"rien en dessous de {in_words(euros(terms.least))}")
    if terms.most is not None:
        said.append(f"{in_words(euros(terms.most))} au plus")
    if terms.receivers is None:
        said.append("toutes les communes reçoivent")
    else:
        said.append(f"reçoivent : communes d'au plus {number(terms.receivers)} habitants")
    if (terms.weights or {}).get(Key.SMALL):
        said.append(f"petite commune : {number(terms.small)} habitants au plus")
    return " ; ".join(said)


def strata(held: Holdings, sharing: Sharing) -> list[Group]:
    """Communes by stratum of population, then the other bodies by kind."""
    return _groups(sharing, held.stratum, STRATUM_LABELS)


def regions(held: Holdings, sharing: Sharing) -> list[Group]:
    """All the bodies, by région."""
    groups = _groups(sharing, held.region, [name for _, name in held.regions])
    return [group for group in groups if group.line.pays or group.line.receives]


def departments(held: Holdings, sharing: Sharing) -> list[Group]:
    """All the bodies, by département; an EPCI is in that of most of its people."""
    labels = [f"{name} ({code})" for code, name in held.departments]
    places = np.where(held.department < 0, len(labels), held.department)
    groups = _groups(sharing, places, [*labels, _NO_DEPARTMENT])
    return [group for group in groups if group.line.pays or group.line.receives]


def total(held: Holdings, sharing: Sharing) -> Group:
    """All the bodies: what is paid and what is received are the same."""
    everyone = np.zeros(len(held.bodies), np.int64)
    return Group("Ensemble", by_group(sharing, everyone, 1)[0], 0, 0)


def _groups(sharing: Sharing, group: Ints, labels: Sequence[str]) -> list[Group]:
    lines = by_group(sharing, group, len(labels))
    most = max((max(line.pays, line.receives) for line in lines), default=0) or 1
    return [
        Group(label, line, round(100 * line.pays / most, 2), round(100 * line.receives / most, 2))
        for label, line in zip(labels, lines, strict=True)
        if line.bodies
    ]


def group_rows(groups: Sequence[Group]) -> Iterator[tuple[Any, ...]]:
    """Groups as the lines of a file, in the order of `GROUP_HEADER`."""
    for group in groups:
        line = group.line
        yield (
            group.label, line.bodies, float(group.pays), float(group.receives),
            float(group.balance), line.gaining, line.losing,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """A body: who it is, what it pays and receives in euros, by head too, and by which keys."""

    kind: str
    code: str
    name: str
    population: int
    spending: Decimal
    pays: Decimal
    receives: Decimal
    keys: tuple[str, ...] = ()

    @property
    def balance(self) -> Decimal:
        """Received less paid."""
        return self.receives - self.pays

    @property
    def by_head(self) -> Decimal | None:
        """The balance by inhabitant, to the cent; None when there is no inhabitant."""
        return round(self.balance / self.population, 2) if self.population else None

    @property
    def size(self) -> Decimal:
        """The balance without its sign."""
        return abs(self.balance)

    @property
    def shown(self) -> str:
        """The balance with its sign."""
        return signed(self.balance)

    @property
    def shown_by_head(self) -> str:
        """The balance by inhabitant with its sign; "" when there is no inhabitant."""
        return "" if self.by_head is None else signed(self.by_head)


def body(held: Holdings, sharing: Sharing, place: int, terms: Terms | None = None) -> Body:
    """The body at `place`; with `terms`, the keys by which it receives."""
    bodies = held.bodies
    keys: tuple[str, ...] = ()
    if terms is not None:
        measures = measures_of(bodies, terms)
        keys = tuple(KEY_LABELS[key][0] for key in sharing.pots if measures[Key(key)][place])
    return Body(
        kind=_KIND[KINDS[int(bodies.kind[place])]],
        code=str(bodies.codes[place]),
        name=held.names[place],
        population=int(bodies.population[place]),
        spending=euros(int(bodies.spending[place])),
        pays=euros(int(sharing.pays[place])),
        receives=euros(int(sharing.receives[place])),
        keys=keys,
    )


def ordered(
    held: Holdings, sharing: Sharing, *, text: str, kind: str, department: str, sort: str
) -> list[int]:
    """Places of the bodies that are asked for, in order."""
    kept = np.ones(len(held.bodies), bool)
    if kind in BodyKind.values:
        kept &= held.bodies.kind == KINDS.index(kind)
    listed = [code for code, _ in held.departments]
    if department in listed:
        kept &= held.department == listed.index(department)
    places = np.flatnonzero(kept)
    if wanted := " ".join(words(text)):
        codes = held.bodies.codes
        places = np.array(
            [n for n in places if wanted in held.folded[n] or codes[n] == wanted.upper()], np.int64
        )
    if sort == "nom":
        return sorted((int(n) for n in places), key=lambda place: held.folded[place])
    balance = sharing.balance[places]
    by = balance if sort == "perdent" else -balance
    return [int(place) for place in places[np.lexsort((held.bodies.codes[places], by))]]


def body_rows(held: Holdings, sharing: Sharing, places: Sequence[int]) -> Iterator[tuple[Any, ...]]:
    """Bodies as the lines of a file, in the order of `BODY_HEADER`: tens of thousands of them, from
    whole cents.
    """
    bodies = held.bodies
    columns = (bodies.kind, bodies.codes, bodies.population, bodies.spending, sharing.pays,
               sharing.receives)  # fmt: skip
    there = np.array(places, np.int64)
    listed = zip(places, *(column[there].tolist() for column in columns), strict=True)
    for place, kind, code, people, spending, pays, receives in listed:
        balance = receives - pays
        yield (
            _KIND[KINDS[kind]], code, held.names[place], people, spending / 100, pays / 100,
            receives / 100, balance / 100, cents_by_head(balance, people) / 100 if people else None,
        )  # fmt: skip


def cents_by_head(cents: int, people: int) -> int:
    """Cents for each of `people`, to the nearest; halfway, to the even one, as `Body.by_head`.

    >>> [cents_by_head(cents, 2) for cents in (-3, 1, 3, 5)]
    [-2, 0, 2, 2]
    """
    whole, rest = divmod(cents, people)
    return whole + (2 * rest > people or (2 * rest == people and whole % 2 == 1))
