"""What the cash-flow page asks: when it begins, when each cost is paid, how each funder pays."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms

from maillage.common.forms import SiteForm
from maillage.engine.funding.cashflow import Quarter, Terms
from maillage.engine.funding.types import CostLine
from maillage.engine.funding.words import percent
from maillage.funding.cash import (
    LAG_LABELS,
    MOST_DELAY,
    MOST_QUARTERS,
    Choices,
    not_before,
    payers,
    usual_spread,
    usual_terms,
)
from maillage.funding.document import PlanDocument
from maillage.funding.forms.cells import Unread, share

_YEARS_AROUND: Final = (2, 8)


class Share(forms.CharField):
    """A percentage."""

    def clean(self, value: Any) -> Any:
        """The share of 1."""
        said = super().clean(value)
        try:
            return Decimal(share(said)) if said else Decimal(0)
        except Unread as error:
            raise forms.ValidationError(str(error)) from error


class CashForm(SiteForm):
    """The choices of a page, from `choices`. Lines and funders are named by their place."""

    debut = forms.ChoiceField(label="Le projet commence au")
    fctva = forms.TypedChoiceField(
        label="Le FCTVA est versé", coerce=int, choices=[(k, v) for k, v in LAG_LABELS.items()],
        help_text="Selon le régime de votre collectivité : demandez à la préfecture. Sans réponse, "
        "gardez l'année suivante.",
    )  # fmt: skip

    def __init__(self, data: Any, *, document: PlanDocument, choices: Choices, today: date) -> None:
        self.document = document
        self.choices = choices
        self.coming = not_before(document, today)
        initial: dict[str, Any] = {"debut": _code(choices.start), "fctva": choices.lag}
        super().__init__(data, initial=initial)
        self.quarters = _quarters(choices, document)
        self.fields["debut"].choices = self.quarters
        for number, line in enumerate(document.costs):
            first, count = choices.spread.get(line.id) or self._usual(line, choices.start)
            self._choice(
                f"c{number}-de", f"{line.label} : à partir du", self.quarters, _code(first)
            )
            over = [
                (n, f"{n} trimestre{'s' if n > 1 else ''}") for n in range(1, MOST_QUARTERS + 1)
            ]
            self._choice(f"c{number}-sur", f"{line.label} : sur", over, count, int)
        delays = [(n, _delay(n)) for n in range(MOST_DELAY + 1)]
        for number, one in enumerate(payers(document)):
            terms = choices.terms.get(one.id) or usual_terms(one, document)
            self._share(f"r{number}-avance", f"{one.label} : avance", terms.advance)
            self._share(f"r{number}-acomptes", f"{one.label} : acomptes jusqu'à", terms.instalments)
            self._choice(f"r{number}-delai", f"{one.label} : délai", delays, terms.delay, int)
            self._choice(f"r{number}-solde", f"{one.label} : solde", delays, terms.final_delay, int)

    def _usual(self, line: CostLine, start: Quarter) -> tuple[Quarter, int]:
        return usual_spread(line, start, self.coming)

    def _choice(self, name: str, label: str, choices: Any, value: Any, coerce: Any = str) -> None:
        field = forms.TypedChoiceField(label=label, choices=choices, coerce=coerce, initial=value)
        field.widget.attrs["class"] = "fr-select"
        self.fields[name] = field

    def _share(self, name: str, label: str, value: Decimal) -> None:
        text = percent(value).replace("\u00a0", " ")
        field = Share(label=label, max_length=12, initial=text, required=False)
        field.widget.attrs["class"] = "fr-input"
        self.fields[name] = field

    @property
    def cost_rows(self) -> list[tuple[Any, Any, Any]]:
        """(cost, first quarter, over how many) for the template."""
        return [
            (line, self[f"c{n}-de"], self[f"c{n}-sur"])
            for n, line in enumerate(self.document.costs)
        ]

    @property
    def fund_rows(self) -> list[tuple[Any, Any, Any, Any, Any]]:
        """(resource, advance, instalments, delay, delay of the rest) for the template."""
        return [
            (one, *(self[f"r{n}-{name}"] for name in ("avance", "acomptes", "delai", "solde")))
            for n, one in enumerate(payers(self.document))
        ]  # type: ignore[misc]

    def said(self) -> Choices:
        """The choices; what is as usual is left out, to follow the plan when it changes."""
        data = self.cleaned_data
        start = _quarter(data["debut"])
        spread, terms = {}, {}
        for n, line in enumerate(self.document.costs):
            given = (_quarter(data[f"c{n}-de"]), data[f"c{n}-sur"])
            # A line that was left where it stood follows the start when the start moves.
            stood = self._usual(line, self.choices.start)
            if given not in (self._usual(line, start), stood) or (
                line.id in self.choices.spread and given != self._usual(line, start)
            ):
                spread[line.id] = given
        for n, one in enumerate(payers(self.document)):
            found = Terms(
                data[f"r{n}-avance"], data[f"r{n}-acomptes"], data[f"r{n}-delai"],
                data[f"r{n}-solde"],
            )  # fmt: skip
            if found != usual_terms(one, self.document):
                terms[one.id] = found
        return Choices(start, data["fctva"], spread, terms)


def _quarters(choices: Choices, document: PlanDocument) -> list[tuple[str, str]]:
    known = [choices.start.year, document.date.year]
    known += [quarter.year for quarter, _ in choices.spread.values()]
    known += [line.year for line in document.costs if line.year is not None]
    first, last = min(known) - _YEARS_AROUND[0], max(known) + _YEARS_AROUND[1]
    return [
        (_code(quarter), str(quarter))
        for year in range(first, min(last, 2100) + 1)
        for quarter in (Quarter(year, n) for n in range(1, 5))
    ]


def _code(quarter: Quarter) -> str:
    return f"{quarter.year}-{quarter.number}"


def _quarter(text: str) -> Quarter:
    year, _, number = text.partition("-")
    return Quarter(int(year), int(number))


def _delay(quarters: int) -> str:
    if not quarters:
        return "tout de suite"
    return f"{quarters} trimestre{'s' if quarters > 1 else ''} après"
