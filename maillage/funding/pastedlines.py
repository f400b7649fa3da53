"""Rows of a table → lines of a plan, one by one, with what is said of each (`pasting`)."""

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from maillage.common.readings import NotAnAmount, Unread, plan_day_of, year_of
from maillage.engine.funding.types import (
    CENT,
    HELD,
    OWN,
    ZERO,
    CostLine,
    Fund,
    Status,
)
from maillage.engine.funding.words import euros, short
from maillage.engine.text import fold
from maillage.funding.columns import AMOUNTS, Block, bare, titles_of
from maillage.funding.document import MOST_LINES, Source
from maillage.funding.pastedcells import (
    Cell,
    amount_of,
    fund_of,
    is_amount,
    is_design,
    is_grand_total,
    is_total,
    is_vat,
    kind_of,
    money_of,
    percent_of,
    share_of,
    status_of,
    tax_of,
    total_side_of,
)
from maillage.funding.pasteddetails import TIES, of_cost, of_resource, texts_of, tied
from maillage.funding.pastedtable import Around, Pasted, settle_designs
from maillage.funding.vat import OTHER, Contradiction, complete

#: What is a total when it makes the sum of the lines read, else a line.
_PERHAPS: Final = re.compile(r"^(montant|cout|somme) totale?\b")
#: The total that ends a table, and what is no line of a plan: cash, and what is left to find.
_LAST: Final = re.compile(r"^total (general|des (depenses|ressources|recettes))\b")
_CASH: Final = re.compile(r"^(fctva|remboursement (de )?(la )?tva|tva a avancer|ecart)\b")
_SIDES: Final = (
    (r"^(les )?(depenses|charges|couts)( previsionnelles| du projet| eligibles)*\W*$", "c"),
    (r"^(les )?(ressources|recettes|financements?|financeurs?|subventions|aides)"
     r"( previsionnel(le)?s?| du projet| attendue?s)*\W*$", "r"),
)  # fmt: skip
#: What columns without titles hold.
_PERCENT: Final = re.compile(r"^\d+([.,]\d+)? ?%$")
_NUMERIC: Final = re.compile(r"^[^\dA-Za-z]{0,3}\d[\d ., '’]*\D{0,8}$")
_ANY: Final = re.compile("")
_SIDE_WORDS: Final = {"depense": "c", "depenses": "c", "ressource": "r", "ressources": "r"}
_MONEY: Final = ("net", "gross", "amount", "tax", "asked", "granted", "paid", "cap", "floor",
                 "flat")  # fmt: skip
_PRICES: Final[tuple[str, ...]] = ("net", "gross")
_DAYS: Final = ("filed_on", "received_on", "decided_on", "closes", "commission_on")
#: A percentage is most often written with no decimal.
_ROUNDING: Final = Decimal("0.0051")


def _guessed(rows: Sequence[Sequence[Cell]]) -> tuple[Block, list[str]]:
    """The columns by what they hold: the first with amounts, with words, with percentages; and
    what is said of the others.
    """
    places: dict[str, int] = {}
    said = []
    for place in range(max(len(cells) for cells in rows)):
        held = [cells[place] for cells in rows if place < len(cells) and cells[place]]
        if not held:
            continue
        kinds = [("percent", _PERCENT), ("amount", _NUMERIC), ("label", _ANY)]
        name = next(
            n for n, shape in kinds if sum(map(bool, map(shape.search, held))) * 2 > len(held)
        )
        if name in places:
            said.append(
                f"Colonne {place + 1}, « {short(held[0], 30)} » : pas lue, elle n'a pas de titre."
            )
        places.setdefault(name, place)
    if "amount" not in places:
        return Block({}), []
    return Block(places), said


def _line(number: int, said: str) -> str:
    """A line as reports name it."""
    return f"Ligne {number}, « {short(said, 60)} »"


class Reader:
    """Reads the lines of a table one by one, and notes what is said of each."""

    def __init__(self, around: Around) -> None:
        self.around = around
        self.made = Pasted()
        self._blocks: tuple[Block, ...] = ()
        self._side = around.side
        #: Sums of the lines read: costs by money, resources.
        self._sums = {"net": ZERO, "gross": ZERO, "r": ZERO}
        #: Grand totals: place in ``left_out``, sum, amount, what lines made so far, rounding.
        self._totals: list[tuple[int, str, Decimal, Decimal, Decimal]] = []
        #: Amounts of lines that are only VAT.
        self._vat: list[Decimal] = []
        #: Tables whose last line was read.
        self._ended: set[Block] = set()
        self._assumed: list[str] = []
        #: Lines named by their numbers: line, resource, column, what is said.
        self._ties: list[tuple[int, int, str, str]] = []
        #: Whether a line says its side, as those of our own table.
        self._ours = False
        self._bare_amounts = 0
        #: Lines that are the design of works, by their words.
        self._designs: set[str] = set()

    def read(self, rows: list[tuple[int, list[Cell]]]) -> None:
        """Read every line."""
        if not any(titles_of(cells) for _, cells in rows):
            block, unread = _guessed([cells for _, cells in rows])
            self._blocks = (block,)
            self.made.left_out += unread
            self.made.read_as = "Pas de titres : colonnes devinées à leur contenu"
            if not self._blocks[0].places:
                self.made.problems.append("Aucune colonne de montants n'a été trouvée : il faut au "
                                          "moins ce que c'est, puis un montant.")  # fmt: skip
                return
        for number, cells in rows:
            if not self._heading(number, cells):
                for block in self._blocks:
                    self._line(number, cells, block)

    def done(self) -> Pasted:
        """What was read: all, or nothing."""
        made = self.made
        if self._bare_amounts:
            kind = "hors taxes" if self.around.in_net else "toutes taxes comprises"
            made.assumed.append(
                f"Les montants ne disent ni HT ni TTC : ils sont pris {kind}, comme le plan."
            )
        if self._assumed:
            many = "ligne ne dit" if len(self._assumed) == 1 else "lignes ne disent"
            made.assumed.append(
                f"{len(self._assumed)} {many} pas la TVA : {self.around.usual.said}. Corrigez-la "
                "ligne par ligne si besoin."
            )
        settle_designs(made, self._designs, self.around)
        self._compare_totals()
        self._compare_vat()
        self._drop_parts()
        self._tie()
        if not made.problems and not made.count:
            made.problems.append("Aucune ligne avec un montant n'a été trouvée.")
        if max(len(made.costs), len(made.resources)) > MOST_LINES:
            made.problems.append(f"{MOST_LINES} lignes au plus de chaque côté.")
        if made.problems:
            made.costs, made.resources = [], []
        return made

    def _compare_totals(self) -> None:
        """Say which grand totals are not the sum of their lines, read before them or in all."""
        for place, name, price, so_far, rounding in self._totals:
            gaps = [abs(price - summed) for summed in (so_far, self._sums[name])]
            if min(gaps) > rounding:
                summed = so_far or self._sums[name]
                said = self.made.left_out[place][:-1]
                self.made.left_out[place] = (
                    f"{said}{' ;' if 'au tableau' in said else ' :'} {euros(price)} au tableau, "
                    f"{euros(summed)} pour les lignes lues, soit {euros(abs(price - summed))} "
                    "d'écart."
                )

    def _compare_vat(self) -> None:
        """Say when the lines of VAT, one by one or together, are not that of the costs."""
        computed = self._sums["gross"] - self._sums["net"]
        written = sum(self._vat, ZERO)
        rounding = CENT * len(self.made.costs)
        if self._vat and all(abs(one - computed) > rounding for one in (*self._vat, written)):
            self.made.left_out.append(
                f"TVA : {euros(written)} au tableau, {euros(computed)} ligne par ligne, soit "
                f"{euros(abs(written - computed))} d'écart. Vérifiez le taux de chaque dépense."
            )

    def _drop_parts(self) -> None:
        """« Taux », in the usual form, is often the part of each resource in the whole plan: if it
        is so for all of them, it says nothing of what the aid may bring.
        """
        if self._ours:
            return
        rated = [one for one in self.made.resources if one.rate is not None and one.amount]
        for total in self._sums.values():
            if rated and total and all(
                abs((one.rate or ZERO) - one.amount / total) < _ROUNDING for one in rated
            ):  # fmt: skip
                self.made.resources = [replace(one, rate=None) for one in self.made.resources]
                self.made.left_out.append(
                    "Colonne des taux : c'est la part de chaque ressource dans le total, elle est "
                    "recalculée."
                )
                return

    def _tie(self) -> None:
        """Name the other lines by their identifiers."""
        known = {"dépense": self.made.costs, "ressource": self.made.resources}
        for number, place, name, said in self._ties:
            held = [one.id for one in known[TIES[name]]]
            one = self.made.resources[place]
            try:
                self.made.resources[place] = replace(one, **{name: tied(said, held, TIES[name])})
            except Unread as error:
                self.made.problems.append(f"Ligne {number} : {error}")

    def _heading(self, number: int, cells: list[Cell]) -> bool:
        """Whether the line is one of titles, or says on which side those that follow are."""
        titles = None if any(map(is_amount, cells)) else titles_of(cells)
        if titles is not None:
            self._blocks, self._ended = titles.blocks, set()
            if titles.lacking:
                self.made.problems.append(f"Ligne {number} : {titles.lacking}")
            if not self.made.read_as:
                said = ", ".join(f"« {title} »" for title in titles.read)
                self.made.read_as = f"Colonnes reconnues à leurs titres : {said}"
            self.made.left_out += [
                f"Colonne « {title} » : pas lue." for title in titles.unread if title
            ]
            return True
        words = [cell for cell in cells if cell]
        if len(words) == 1 and not is_amount(words[0]):
            side = next((s for said, s in _SIDES if re.search(said, fold(words[0]))), "")
            if side:
                self._side, self._ended = self.around.side or side, set()
                return True
        if not self._blocks and words and not self.made.problems:
            self.made.left_out.append(f"{_line(number, words[0])} : avant les titres.")
        return False

    def _line(self, number: int, cells: list[Cell], block: Block) -> None:
        found = {
            name: cells[place]
            for name, place in block.places.items() if place < len(cells) and cells[place]
        }  # fmt: skip
        if not found:
            return
        label = str(found.get("label") or found.get("funder") or "")
        ours = fold(found.get("side", "")) in _SIDE_WORDS
        self._ours = self._ours or ours
        if ours:  # each line is one: none is a total, whatever its name
            found |= texts_of(cells, block.places)
            label = str(found.get("label") or label)
        side = self._side_of(found, block, label)
        # Without a label, « Total » may stand in any other column: the first that is filled.
        name = label or next((cell for cell in cells[block.first : block.last] if cell), "")
        only_vat = side == "c" and not ours and is_vat(name)
        aside = only_vat or (not ours and is_total(name))
        # What was refused stands under the total: it counts in none.
        refused = status_of(found.get("status", "")) is Status.REFUSED
        if block in self._ended and not aside and not refused:
            said = next(iter(found.values()))
            self.made.left_out.append(f"{_line(number, said)} : après le total.")
            return
        if (
            not aside
            and not found.keys() & (AMOUNTS | {"tax"})
            and not (side == "r" and "rate" in found)
        ):
            if label:
                self.made.left_out.append(f"Ligne {number}, « {label} » : sans montant.")
            return
        money = self._money(number, found, aside)
        if not aside and not ours and self._is_sum(label, side, money):
            name, aside = label or "ligne sans nom", True
        if only_vat:
            self._only_vat(number, name, money)
        elif aside:
            said_side = "" if block.side or self.around.side else total_side_of(name)
            self._total(number, name, said_side or side, money)
            self._ended |= {block} if self.made.count and _LAST.search(bare(name)) else set()
        elif not ours and _CASH.search(fold(label)):
            self.made.left_out.append(
                f"{_line(number, label)} : ni une dépense, ni une ressource du plan."
            )
        elif len(money) == len(found.keys() & set(_MONEY)):
            add = self._resource if side == "r" else self._cost
            add(number, found, label, money)

    def _money(self, number: int, found: dict[str, Cell], aside: bool) -> dict[str, Decimal]:
        """The amounts of a line; a wrong one is a problem, but in what is set aside."""
        money: dict[str, Decimal] = {}
        for name in _MONEY:
            if name in found:
                try:
                    money[name] = amount_of(found[name])
                except NotAnAmount as error:
                    if not aside:
                        self.made.problems.append(f"Ligne {number} : {error}")
        return money

    def _side_of(self, found: dict[str, Cell], block: Block, label: str) -> str:
        said = _SIDE_WORDS.get(fold(found.get("side", "")))
        if said or self.around.side or block.side or self._side:
            return said or self.around.side or block.side or self._side
        fund = fund_of("", label)
        # Words that say a cost, though a funder is named in them.
        is_cost = re.search(r"travaux|achat|etude|equipement|acquisition|honoraires", fold(label))
        return "r" if "funder" in found or (fund and not is_cost) else "c"

    def _price(self, money: dict[str, Decimal], side: str) -> Decimal:
        names = ("asked", "amount", "net", "gross", "granted")
        if side == "c":
            names = ("net", "amount", "gross")
            names = names if self.around.in_net else names[::-1]
        return next((money[name] for name in names if name in money), ZERO)

    def _is_sum(self, label: str, side: str, money: dict[str, Decimal]) -> bool:
        """Whether a line, unnamed or « Coût total… », makes the sum of the lines read."""
        if label and not _PERHAPS.search(fold(label)):
            return False
        return any(
            told and told == self._sums[name] for name, told, _ in self._told("", side, money)
        )

    def _told(
        self, label: str, side: str, money: dict[str, Decimal]
    ) -> list[tuple[str, Decimal, Decimal]]:
        """What a total says: which sum, how much, and what rounding may change."""
        price = self._price(money, side)
        if side == "r":
            return [("r", price, ZERO)]
        said = money_of(label)
        if said and said not in money:  # « Total TTC » in a column of net amounts
            return [(said, price, CENT * len(self.made.costs))]
        own: str = "net" if self.around.in_net else "gross"
        prices = {name: money[name] for name in _PRICES if name in money} or {own: price}
        return [(name, told, ZERO) for name, told in prices.items()]

    def _total(self, number: int, label: str, side: str, money: dict[str, Decimal]) -> None:
        if is_grand_total(label):
            place = len(self.made.left_out)
            self._totals += [
                (place, name, price, self._sums[name], rounding)
                for name, price, rounding in self._told(label, side, money) if price
            ]  # fmt: skip
        self.made.left_out.append(f"{_line(number, label)} : un total, il est recalculé.")

    def _only_vat(self, number: int, label: str, money: dict[str, Decimal]) -> None:
        names = ("tax", "amount", "net", "gross")
        self._vat += [money[name] for name in names if name in money][:1]
        self.made.left_out.append(f"{_line(number, label)} : la TVA est calculée ligne par ligne.")

    def _read(self, number: int, found: dict[str, Cell], name: str, reader: Any) -> Any:
        """The value of a cell; ``None`` when it is blank, or wrong (a problem then)."""
        if name not in found:
            return None
        try:
            return reader(found[name])
        except Unread as error:
            self.made.problems.append(f"Ligne {number} : {error}")
            return None

    # -- Resources

    def _resource(
        self, number: int, found: dict[str, Cell], label: str, money: dict[str, Decimal]
    ) -> None:
        kind = found.get("kind", "")
        fund = fund_of(kind, f"{found.get('funder', '')} {label} {kind}")
        if fund is None:
            self.made.left_out.append(
                f"Ligne {number}, « {label} » : financeur non reconnu, mis en « autre financeur "
                "public » ; corrigez-le dans la liste si besoin."
            )
        kept = fund or Fund.OTHER_PUBLIC
        amount = self._price(money, "r")
        said = "percent" if "percent" in found else "rate"
        rate = None if kept in OWN else self._read(number, found, said, share_of)
        days = {name: self._read(number, found, name, plan_day_of) for name in _DAYS}
        status = self._status(number, found, money)
        if status in HELD and not self._ours:
            money.setdefault("granted", amount)
        self._sums["r"] += ZERO if status is Status.REFUSED else amount
        self.made.resources.append(Source(
            f"r{number}", label[:200] or "Ressource", kept, amount,
            status=status, rate=rate,
            note=str(found.get("note", ""))[:2000],
            **{name: money.get(name) for name in ("granted", "paid", "cap", "floor", "flat")},
            **days,
        ))  # fmt: skip
        details = of_resource(lambda name, reader: self._read(number, found, name, reader))
        self.made.resources[-1] = replace(self.made.resources[-1], **details)
        place = len(self.made.resources) - 1
        self._ties += [(number, place, name, found[name]) for name in TIES if name in found]

    def _status(self, number: int, found: dict[str, Cell], money: dict[str, Decimal]) -> Status:
        said = found.get("status", "")
        status = status_of(said)
        if status is not None:
            return status
        if said:
            self.made.left_out.append(
                f"Ligne {number}, état « {short(said, 40)} » : non reconnu, elle est « envisagée »."
            )
        return Status.GRANTED if "granted" in money else Status.CONSIDERED

    # -- Costs

    def _cost(
        self, number: int, found: dict[str, Cell], label: str, money: dict[str, Decimal]
    ) -> None:
        net, gross = money.get("net"), money.get("gross")
        if net is None and gross is None and "amount" in money:
            self._bare_amounts += 1
            net = money["amount"] if self.around.in_net else None
            gross = None if self.around.in_net else money["amount"]
        try:
            said = "percent" if "percent" in found else "rate_vat"
            rate = self._read(number, found, said, percent_of) or ""
            tax, guessed = tax_of(found.get("vat", Cell("")), net, gross, self.around.usual)
            tax, rate = money.get("tax", tax), rate or guessed
            if tax is None and not rate and (net is None or gross is None):
                rate = self.around.usual.rate
                if rate == OTHER:
                    raise Contradiction("dites aussi la TVA, ou l'autre montant.")
                self._assumed.append(label)
            net, gross = complete(net, gross, tax, rate)
        except (Contradiction, Unread) as error:
            self.made.problems.append(f"Ligne {number} : {error}")
            return
        if self.around.usual.too_high(net, gross):
            self.made.assumed.append(
                f"{_line(number, label)} : {euros(gross)} TTC pour {euros(net)} HT, "
                "plus qu'aucun taux de TVA. C'est lu tel quel : vérifiez."
            )
        kind = found.get("kind", "") or found.get("spending", "")
        spending, nature = kind_of(label, kind)
        details = of_cost(lambda name, reader: self._read(number, found, name, reader))
        if is_design(label, kind):
            self._designs.add(f"c{number}")
        self._sums["net"] += net
        self._sums["gross"] += gross
        self.made.costs.append(CostLine(
            f"c{number}", label[:200] or "Dépense", net, gross,
            spending, **{"nature": nature, **details},
            year=self._read(number, found, "year", year_of),
        ))  # fmt: skip
