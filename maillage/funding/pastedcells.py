"""Cells of a table that was pasted or read in a file: what French people write in them."""

import re
from decimal import Decimal
from typing import Any, Final

from maillage.common.readings import NotAnAmount, Unread, cents_of, number_of
from maillage.common.readings import share_of as read_share
from maillage.engine.funding.types import (
    CENT,
    FUND_LABELS,
    ZERO,
    Fund,
    Nature,
    Spending,
    Status,
)
from maillage.engine.text import fold
from maillage.funding.columns import bare
from maillage.funding.enums import SPENDINGS, STATUSES
from maillage.funding.vat import Usual, net_of

_FUNDS: Final[tuple[tuple[str, Fund], ...]] = (
    (r"\bdetr\b", Fund.DETR), (r"\bdsil\b", Fund.DSIL), (r"\bdsid\b", Fund.DSID),
    (r"\bdpv\b|politique de la ville", Fund.DPV), (r"\bleader\b", Fund.LEADER),
    (r"\bfeder\b|\bfse\b|\bfeader\b|europe", Fund.EUROPE),
    (r"fonds de concours|communaute de communes|communaute d.?agglo|intercommunal|\bepci\b|"
     r"\bagglo", Fund.GROUP),
    (r"emprunt|\bpret\b", Fund.LOAN),
    (r"fonds propres?|auto.?financement|\bcommune\b|\bmairie\b|part communale|maitre d.?ouvrage|"
     r"reste a charge", Fund.OWN),
    (r"\bfnadt\b|fonds vert|\bfsil\b|\btepcv\b|\betat\b|\bdrac\b", Fund.STATE),
    (r"\bademe\b|agence de l.?eau|\banah\b|\bans\b|\bbanque des territoires\b|\bcaf\b|\bcnc\b|"
     r"operateur", Fund.OPERATOR),
    (r"\bregion\b|conseil regional", Fund.REGION),
    (r"\bdepartement\b|conseil departemental", Fund.DEPARTMENT),
    (r"participatif|cagnotte", Fund.CROWD), (r"mecenat|\bdons?\b|fondation", Fund.GIFT),
)  # fmt: skip
_FUND_NAMES: Final = {fold(label): fund for fund, label in FUND_LABELS.items()}
_SPENDING_NAMES: Final = {fold(label): Spending(value) for value, label in SPENDINGS}
_STATUS_NAMES: Final = {fold(label): Status(value) for value, label in STATUSES} | {
    word: status
    for status, words in (
        (Status.GRANTED, ("accordee", "acquis", "acquise", "obtenu", "obtenue", "notifie")),
        (Status.FILED, ("deposee", "demande", "demandee", "sollicite", "sollicitee")),
        (Status.REFUSED, ("refusee",)), (Status.PAID, ("versee",)),
        (Status.CONSIDERED, ("envisagee", "prevu", "prevue")),
        (Status.TO_FILE, ("a solliciter", "a demander")),
    )
    for word in words
}  # fmt: skip
_NOTHING: Final = re.compile(r"[-–—−/.]+|n[ée]ant|n\.?c\.?", re.I)
_STUDY: Final = re.compile(
    r"etude|diagnostic|maitrise d.?oeuvre|\bmoe\b|\bamo\b|ingenierie|architecte|faisabilite"
)
#: The design of works: paid with them, where a mere study is before them.
_DESIGN: Final = re.compile(r"maitrise d.?oeuvre|\bmoe\b|architecte")
_LAND: Final = re.compile(
    r"terrain|foncier|acquisition|achat (du|de|d.un) (batiment|local|terrain)"
)
#: What a total may be the total of, to be that of a whole side.
_WHOLE: Final = (
    r"(?:\W+(?:ht|ttc|hors taxes?|toutes taxes(?: comprises)?|general|global|previsionnel|"
    r"(?:en )?euros|(?:du |de l'|des |de )?"
    r"(?:depenses|ressources|recettes|financements?|projet|operation|budget|"
    r"plan(?: de financement)?|charges|couts|produits|emplois)(?: previsionnelles)?)\b)*\W*$"
)
_GRAND: Final = re.compile(rf"^\W*(?:tota(?:l|ux)|(?:montant|cout|somme) totale?)\b{_WHOLE}")
_TOTAL: Final = re.compile(
    r"^\W*(?:(?:sous|s)[ /.-]*)?tota(?:l|ux)\b|^reste$|^ensemble$|"
    r"^\W*(?:montant|cout) total (?:des depenses )?(?:eligible|subventionnable)s?\W*$"
)
_VAT: Final = re.compile(
    r"^\W*(?:dont )?(?:montant )?(?:total )?(?:(?:de )?la )?tva"
    r"(?:\W+(?:a|au taux)(?: de)?)?[\W\d]*$"
)
_TOTAL_SIDES: Final = (
    (r"\b(depenses|charges|emplois|couts?)\b", "c"),
    (r"\b(ressources|recettes|(?<!plan de )financements?|produits)\b", "r"),
)  # fmt: skip
#: Characters of a cell that are read: a line of a plan keeps fewer.
_LONGEST: Final = 8_000
_QUOTED: Final = re.compile(r"^'(?=[=+\-@])")
_RUNNING: Final = re.compile(r"fonctionnement|salaire|animation|entretien")


class Cell(str):
    """A cell as text, "" for « - » and « néant »; ``value`` when the spreadsheet says that it is a
    number; ``raw`` is its text whatever it says.
    """

    value: Decimal | None = None
    raw: str = ""


def cell_of(one: Any) -> Cell:
    """A cell as it was pasted, or as a file gives it (text, number)."""
    if isinstance(one, bool) or one is None:
        return Cell("")
    if isinstance(one, int | float) and abs(one) < 10**15:
        # With a comma: « 1.234 » is more than a thousand for who types it.
        found = Cell(f"{one:.6f}".rstrip("0").rstrip(".").replace(".", ","))
        found.value, found.raw = Decimal(repr(one)), str(found)
        return found
    # Our own files mark so what a spreadsheet would take for a formula.
    text = _QUOTED.sub("", " ".join(str(one)[:_LONGEST].split()))
    cell = Cell("" if _NOTHING.fullmatch(text) else text)
    cell.raw = text
    return cell


def amount_of(cell: Cell) -> Decimal:
    """An amount; one that a spreadsheet has computed is rounded to the cent. Raises
    `NotAnAmount`.
    """
    if cell.value is not None and cell.value >= 0:
        return cents_of(f"{cell.value.quantize(CENT):f}".replace(".", ","))
    return cents_of(cell)


def is_amount(cell: Cell) -> bool:
    """Whether an amount can be read in a cell."""
    try:
        return amount_of(cell) is not None
    except NotAnAmount:
        return False


# -- Words


def fund_of(kind: str, words: str) -> Fund | None:
    """Where the money of a line comes from: by its own column, else by the words of the line."""
    named = _FUND_NAMES.get(fold(kind))
    return named or next((fund for said, fund in _FUNDS if re.search(said, fold(words))), None)


def is_grand_total(label: str) -> bool:
    """Whether a label says the total of all costs, or of all resources: « Total du projet »."""
    return bool(_GRAND.search(bare(label)))


def is_total(label: str) -> bool:
    """Whether a label says a total or a sub-total; « Coût total de la chaufferie » is a cost."""
    return is_grand_total(label) or bool(_TOTAL.search(bare(label)))


def is_vat(label: str) -> bool:
    """Whether a label says the VAT of the lines above, and nothing else: « TVA (20 %) »."""
    return bool(_VAT.search(bare(label)))


def total_side_of(label: str) -> str:
    """The side that a total says: « Total des recettes » → r; "" when it says none."""
    return next((side for words, side in _TOTAL_SIDES if re.search(words, bare(label))), "")


def money_of(label: str) -> str:
    """The money that a total says: « Total TTC » → gross; "" when it says none, or both."""
    said = set(re.findall(r"\b(ht|ttc)\b", bare(label)))
    return {"ht": "net", "ttc": "gross"}[said.pop()] if len(said) == 1 else ""


def status_of(said: str) -> Status | None:
    """Where a resource stands: « Accordé », « Refusé, non compté », « Sollicité (accusé de
    réception) ».
    """
    word, _, more = said.partition(",")[0].partition("(")
    exact = _STATUS_NAMES.get(fold(more.rstrip(" )"))) if more else None
    return exact or _STATUS_NAMES.get(fold(word.strip()))


def kind_of(label: str, said: str) -> tuple[Spending, Nature]:
    """What a cost pays: as its own column says, else by its words. The design of works is an
    investment as they are (the FCTVA counts it): see `is_design`.
    """
    folded = fold(f"{label} {said}")
    study, land = _STUDY.search(folded), _LAND.search(folded)
    usual = Spending.OPERATION if _RUNNING.search(folded) else Spending.INVESTMENT
    mere_study = study and not _DESIGN.search(folded)
    spending = _SPENDING_NAMES.get(fold(said)) or (Spending.ENGINEERING if mere_study else usual)
    return spending, Nature.STUDY if study else Nature.LAND if land else Nature.WORKS


def is_design(label: str, said: str) -> bool:
    """Whether a cost is the design of works by its words (« maîtrise d'œuvre »), not by its column:
    without works in the plan, it is a study.
    """
    return fold(said) not in _SPENDING_NAMES and bool(_DESIGN.search(fold(f"{label} {said}")))


# -- Rates and VAT


def tax_of(
    cell: Cell, net: Decimal | None, gross: Decimal | None, here: Usual
) -> tuple[Decimal | None, str]:
    """What a cell titled « TVA » says: an amount, or a rate in percent. Raises `Unread`."""
    if not cell:
        return None, ""
    if "%" in cell:
        return None, percent_of(cell)
    if re.search(r"exon|sans|franchise|non (assujetti|applicable|soumis)", fold(cell)):
        return None, "0"
    if "€" in cell:
        return amount_of(cell), ""
    found = cell.value if cell.value is not None else _number(cell)
    rate = found * 100 if 0 < found < 1 else found
    both = net is not None and gross is not None
    as_rate, as_tax = here.is_known(rate), _fits(net, gross, found, here)
    alike = as_rate and abs(_tax_at(net, gross, rate) - found) <= CENT
    if as_rate and (alike or not as_tax):
        return None, f"{rate.normalize():f}"
    if (as_tax and not as_rate) or both:
        return found.quantize(CENT), ""
    raise Unread(f"TVA « {cell[:20]} » : est-ce un taux ou un montant ? Écrivez « {cell[:20]} % "
                 f"» ou « {cell[:20]} € ».")  # fmt: skip


def _fits(net: Decimal | None, gross: Decimal | None, tax: Decimal, here: Usual) -> bool:
    """Whether this may be the VAT of these amounts, in euros."""
    if net is not None and gross is not None:
        return abs(gross - net - tax) <= CENT
    base = net if net is not None else (gross or ZERO) - tax
    return base > 0 and here.shows_known(base, tax)


def _tax_at(net: Decimal | None, gross: Decimal | None, rate: Decimal) -> Decimal:
    """The VAT of an amount at a rate in percent, in euros."""
    if net is not None:
        return net * rate / 100
    total = gross or ZERO
    return total - net_of(total, f"{rate:f}")


def _number(cell: Cell) -> Decimal:
    try:
        return number_of(cell)
    except Unread:
        return cents_of(cell)


def share_of(cell: Cell) -> Decimal:
    """A rate: « 40 % », 40, or the 0.4 of a cell that shows it as a percentage."""
    if cell.value is not None and 0 < cell.value < 1:
        return cell.value
    return read_share(cell)


def percent_of(cell: Cell) -> str:
    """A rate of VAT in percent: « 5,5 % » → "5.5"."""
    return f"{(share_of(cell) * 100).normalize():f}"
