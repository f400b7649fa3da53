"""Checks and best plans as a page says them: words beside signs, numbers, law, differences."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from maillage.engine.funding.answer import Answer, BestPlan
from maillage.engine.funding.candidates import SetAside
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import FUND_LABELS, Check, Fund, Plan, Rule, Verdict
from maillage.engine.funding.words import euros, number, percent
from maillage.funding.document import PlanDocument, Source
from maillage.funding.enums import VERDICTS
from maillage.funding.taking import taken


@dataclass(frozen=True, slots=True)
class ShownCheck:
    """A check as a line of the page. ``figures`` are (label, value in words)."""

    check: Check
    rule: Rule
    sign: str
    word: str
    style: str
    figures: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Report:
    """The checks of a plan, sorted for the eye, under the sentence that sums them up.

    ``holds`` is true when there is a plan and nothing in it fails; ``style`` is ``fails``,
    ``unknown`` (nothing fails, something cannot be told) or ``holds``.
    """

    headline: str
    more: str
    holds: bool
    style: str
    lines: tuple[ShownCheck, ...]
    out: tuple[ShownCheck, ...]

    @property
    def failing(self) -> list[ShownCheck]:
        """What must be corrected."""
        return [line for line in self.lines if line.check.verdict is Verdict.FAILS]

    @property
    def asking(self) -> list[ShownCheck]:
        """What cannot be told yet."""
        return [line for line in self.lines if line.check.verdict is Verdict.UNKNOWN]

    @property
    def kept(self) -> list[ShownCheck]:
        """What is respected."""
        return [line for line in self.lines if line.check.verdict is Verdict.HOLDS]


def report(checks: Sequence[Check], law: Law) -> Report:
    """What the page says of a plan."""
    lines = [_shown(one, law) for one in checks if one.rule in law]
    told = [one for one in lines if one.check.verdict is not Verdict.OUT]
    told.sort(key=lambda one: list(VERDICTS).index(one.check.verdict))
    failing = [c for c in checks if c.verdict is Verdict.FAILS]
    asking = [c for c in checks if c.verdict is Verdict.UNKNOWN]
    empty = next((c for c in asking if c.id == "balance"), None)
    if empty is not None:
        headline, more, style = empty.sentence, "", "unknown"
    elif failing:
        first = next((c for c in failing if c.id == "balance"), failing[0])
        rest = len(failing) - 1
        headline = first.sentence if first.id == "balance" else f"À corriger : {first.sentence}"
        more = _count(rest, "autre point à corriger", "autres points à corriger") if rest else ""
        style = "fails"
    elif asking:
        headline, more, style = unopposed(len(asking)), "", "unknown"
    else:
        headline, more, style = unopposed(0), "", "holds"
    return Report(
        headline, more, not failing and empty is None, style, tuple(told),
        tuple(one for one in lines if one.check.verdict is Verdict.OUT),
    )  # fmt: skip


def unopposed(asking: int) -> str:
    """The verdict when nothing fails and `asking` points cannot be told yet."""
    if not asking:
        return "Ce plan tient."
    points = "reste un point" if asking == 1 else f"reste {asking} points"
    return f"Rien ne s'oppose à ce plan ; il {points} à préciser."


def _count(many: int, one: str, several: str) -> str:
    return f"{many} {several if many > 1 else one}."


def _shown(check: Check, law: Law) -> ShownCheck:
    sign, word = VERDICTS[check.verdict]
    figures = tuple((one.label, _value(one.value, one.unit)) for one in check.figures)
    return ShownCheck(check, law[check.rule], sign, word, check.verdict.value, figures)


def _value(value: Decimal, unit: str) -> str:
    if unit == "€":
        return euros(value)
    return percent(value / 100) if unit == "%" else f"{number(value)} {unit}".strip()


# -- Numbers of a rule


_PARAMETERS: Final = {
    "share": "Part", "own": "Part du porteur", "rate": "Taux", "advance": "Avance",
    "instalments": "Acomptes jusqu'à", "usual_low": "Taux courant, de", "usual_high": "à",
    "small": "Petite commune, jusqu'à", "small_overseas": "Petite commune outre-mer, jusqu'à",
    "large": "Commune, jusqu'à", "large_overseas": "Commune outre-mer, jusqu'à",
    "wealth": "Potentiel financier, fois la moyenne", "block": "Ensemble de plus de",
    "centre": "Centre de plus de", "block_overseas": "Ensemble outre-mer de plus de",
    "centre_overseas": "Centre outre-mer de plus de", "density": "Densité, à partir de",
    "syndicate": "Syndicat, jusqu'à", "population": "Commune de moins de",
    "de_minimis": "Plafond de minimis", "general_interest": "Plafond d'intérêt général",
    "forbidden": "Couples interdits", "allowed": "Couples permis", "departments": "Départements",
    "words": "Reconnu à ces mots", "moment": "Ce qui compte", "least": "Taux minimal",
    "start_years": "Années pour commencer", "start_years_most": "avec une prolongation",
    "end_years": "Années pour finir", "end_years_most": "avec une prolongation",
    "advance_guaranteed": "Avance avec garantie", "instalments_long": "Acomptes, projet long",
    "agriculture": "Plafond en agriculture", "two_quotes": "Deux devis au-dessus de",
    "three_quotes": "Trois devis au-dessus de", "detr_amount": "DETR", "dsil_amount": "DSIL",
    "dsid_amount": "DSID", "detr_green": "DETR", "dsil_green": "DSIL", "dsid_green": "DSID",
    "fnadt_green": "FNADT", "less_developed": "Région moins développée",
    "transition": "Région en transition", "more_developed": "Région plus développée",
    "interreg": "Interreg", "horizon": "Horizon Europe", "erasmus": "Erasmus+",
    "post": "Part du poste", "flat": "Forfait", "backpack": "À reverser au jeune",
    "company": "Entreprise", "company_high": "Entreprise, au-delà du seuil",
    "company_threshold": "Seuil", "person": "Particulier",
    "days_small": "Jours francs, petite commune", "days_large": "Jours francs, ailleurs",
}  # fmt: skip
_SHARES: Final = frozenset(
    {"share", "own", "rate", "advance", "instalments", "usual_low", "usual_high", "least",
     "advance_guaranteed", "instalments_long", "detr_green", "dsil_green", "dsid_green",
     "fnadt_green", "less_developed", "transition", "more_developed", "interreg", "horizon",
     "erasmus", "post", "company", "company_high", "person"}
)  # fmt: skip
_EUROS: Final = frozenset(
    {"de_minimis", "general_interest", "agriculture", "two_quotes", "three_quotes", "detr_amount",
     "dsil_amount", "dsid_amount", "flat", "backpack", "company_threshold"}
)  # fmt: skip
_PEOPLE: Final = frozenset(
    {"small", "small_overseas", "large", "large_overseas", "block", "centre", "block_overseas",
     "centre_overseas", "syndicate", "population"}
)  # fmt: skip


def numbers_of(rule: Rule) -> list[tuple[str, str]]:
    """The numbers of a rule: (label, value in words)."""
    return [(_PARAMETERS.get(k, k), _parameter(k, v)) for k, v in rule.parameters.items()]


def label_of(parameter: str) -> str:
    """The name of a parameter in plain words."""
    return _PARAMETERS.get(parameter, parameter)


def is_share(parameter: str) -> bool:
    """Whether a number is a share of one, written in percent."""
    return parameter in _SHARES


def written(name: str, value: Decimal | tuple[str, ...]) -> str:
    """A number as it is typed: « 16,404 % », « 2000 », « 971, 972 »."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return _share(value) if name in _SHARES else f"{value:f}".replace(".", ",")


def _parameter(name: str, value: Decimal | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        pairs = name in ("forbidden", "allowed")
        return ", ".join(_pair(one) if pairs else one for one in value) or "aucun"
    if name in _SHARES:
        return _share(value)
    if name in _EUROS:
        return euros(value)
    if name == "density":
        return f"{number(value)} habitants au km²"
    return f"{number(value)} habitants" if name in _PEOPLE else number(value)


def _pair(code: str) -> str:
    """A pair of aids as one says it: « fonds-vert|detr » → « Fonds vert et DETR »."""
    said = (
        part.replace("-", " ").capitalize() if "-" in part else part.upper()
        for part in code.split("|")
    )
    return " et ".join(said)


def _share(value: Decimal) -> str:
    """A rate with all its decimals: « 16,404 % »."""
    text = f"{value * 100:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text.replace('.', ',')}\u00a0%"


# -- Best plans


@dataclass(frozen=True, slots=True)
class Column:
    """A best plan beside the others: what it is best at, what differs from the first, and the
    document that takes it into the editor.
    """

    best: BestPlan
    titles: tuple[str, ...]
    differences: tuple[str, ...]
    document: PlanDocument
    own_share: str

    @property
    def json(self) -> str:
        """The document as it is sent back."""
        return json.dumps(self.document.as_json())


@dataclass(frozen=True, slots=True)
class Comparison:
    """The plans found, side by side: those that are the same stand once, with all their titles."""

    columns: tuple[Column, ...]
    questions: tuple[SetAside, ...]
    set_aside: tuple[SetAside, ...]
    conflict: str
    rules: tuple[Rule, ...]
    nearest: Column | None


def comparison(answer: Answer, document: PlanDocument, law: Law) -> Comparison:
    """What the page says of the best plans for a document."""
    columns: list[Column] = []
    for best in answer.plans:
        same = next((n for n, c in enumerate(columns) if _same(c.best.plan, best.plan)), None)
        if same is None:
            columns.append(_column(best, document, columns[0].best if columns else None))
        else:
            held = columns[same]
            columns[same] = replace(held, titles=(*held.titles, best.label))
    conflict = answer.conflict
    nearest = conflict.nearest if conflict else None
    return Comparison(
        tuple(columns),
        tuple(one for one in answer.set_aside if one.question),
        tuple(one for one in answer.set_aside if not one.question),
        conflict.sentence if conflict else "",
        tuple(law[r] for r in dict.fromkeys(conflict.rules) if r in law) if conflict else (),
        _column(nearest, document, None) if nearest else None,
    )


def _column(best: BestPlan, document: PlanDocument, first: BestPlan | None) -> Column:
    cost = best.plan.cost
    return Column(
        best,
        (best.label,),
        tuple(differences(first, best)) if first else (),
        taken(document, best),
        percent(best.own / cost) if cost else "",
    )


def _same(first: Plan, second: Plan) -> bool:
    return _amounts(first) == _amounts(second)


def _amounts(plan: Plan) -> dict[str, Decimal]:
    return {one.id: one.amount for one in plan.resources}


def differences(first: BestPlan, second: BestPlan) -> list[str]:
    """What the second plan changes to the first, in words."""
    said = []
    gap = second.own - first.own
    if gap:
        said.append(f"{euros(abs(gap))} de fonds propres {'en plus' if gap > 0 else 'en moins'}.")
    more = second.dossiers - first.dossiers
    if more:
        word = "dossier" if abs(more) == 1 else "dossiers"
        said.append(f"{abs(more)} {word} {'de plus' if more > 0 else 'de moins'}.")
    before = {r.id: r for r in first.plan.resources if r.fund is not Fund.OWN}
    after = {r.id: r for r in second.plan.resources if r.fund is not Fund.OWN}
    for name in before.keys() - after.keys():
        said.append(f"Sans « {before[name].label} » ({euros(before[name].amount)}).")
    for name, one in after.items():
        if name not in before:
            said.append(f"Avec « {one.label} » ({euros(one.amount)}).")
        elif one.amount != before[name].amount:
            said.append(
                f"« {one.label} » : {euros(one.amount)} au lieu de {euros(before[name].amount)}."
            )
    return said or ["Le même plan."]


def aid_said(source: Source) -> str:
    """What is known of an aid of the catalogue: « jusqu'à 40 %, au plus 50 000 € »."""
    parts = [FUND_LABELS[source.fund]]
    if source.rate is not None:
        parts.append(f"jusqu'à {percent(source.rate)}")
    if source.flat is not None:
        parts.append(f"forfait de {euros(source.flat)}")
    if source.cap is not None:
        parts.append(f"au plus {euros(source.cap)}")
    if source.rate is None and source.flat is None:
        parts.append("taux à demander")
    if source.closes is not None:
        parts.append(f"à déposer avant le {source.closes:%d/%m/%Y}")
    return " · ".join(parts)
