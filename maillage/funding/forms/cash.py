"""What the cash-flow page asks: when it begins, when each cost is paid, how each funder pays.

A long plan is edited by pages of lines. What was changed on the other pages, and is not kept yet,
goes along as a text (``choix``): see `maillage.funding.cash.as_text`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.core.paginator import Page, Paginator
from django.forms.utils import flatatt
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from maillage.common.forms import SiteForm
from maillage.common.readings import Unread, share_of
from maillage.engine.funding.cashflow import Quarter, Terms
from maillage.engine.funding.types import CostLine
from maillage.engine.funding.words import percent
from maillage.funding.cash import (
    LAG_LABELS,
    MOST_DELAY,
    MOST_QUARTERS,
    Choices,
    changed_text,
    not_before,
    payers,
    read_quarter,
    usual_spread,
    usual_terms,
    written_quarter,
    years_of,
)
from maillage.funding.document import PlanDocument, Source

PER_PAGE: Final = 20
_OVER: Final = [(n, f"{n} trimestre{'s' if n > 1 else ''}") for n in range(1, MOST_QUARTERS + 1)]
_DELAYS: Final = [
    (n, f"{n} trimestre{'s' if n > 1 else ''} après" if n else "tout de suite")
    for n in range(MOST_DELAY + 1)
]
_TERMS: Final = ("avance", "acomptes", "delai", "solde")


class Share(forms.CharField):
    """A percentage."""

    def clean(self, value: Any) -> Any:
        """The share of 1."""
        said = super().clean(value)
        try:
            return share_of(said) if said else Decimal(0)
        except Unread as error:
            raise forms.ValidationError(str(error)) from error


class Select(forms.Widget):
    """A list of choices that stands many times in a page: its options are written once."""

    def __init__(self, options: SafeString) -> None:
        super().__init__(attrs={"class": "fr-select"})
        self.options = options

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The list, with what is chosen."""
        said = f'value="{conditional_escape(value)}"'
        options = mark_safe(self.options.replace(said, f"{said} selected", 1))  # noqa: S308 - ours
        return format_html(
            "<select{}>{}</select>", flatatt({**self.attrs, **(attrs or {}), "name": name}), options
        )


class OneOf(forms.Field):
    """One of the values of a list that many fields share: what is sent → what it means."""

    def __init__(self, values: Mapping[str, Any], options: SafeString, **kwargs: Any) -> None:
        super().__init__(widget=Select(options), **kwargs)
        self.values = values

    def clean(self, value: Any) -> Any:
        """What was chosen means."""
        if value not in self.values:
            raise forms.ValidationError("Choisissez dans la liste.")
        return self.values[value]


def _many(choices: Sequence[tuple[Any, str]]) -> tuple[Mapping[str, Any], SafeString]:
    """The values of a list, and its options as they are written."""
    options = format_html_join("", '<option value="{}">{}</option>', choices)
    return {str(value): value for value, _ in choices}, options


@dataclass(frozen=True, slots=True)
class Shown:
    """The lines of a page: those of the costs and those of the funders, each with its pages."""

    costs: Page[CostLine]
    funders: Page[Source]

    @classmethod
    def of(cls, document: PlanDocument, costs: str | None, funders: str | None) -> "Shown":
        """The pages of these numbers (the first or the last one for what is no number of a page);
        no line at all without a number.
        """
        return cls(_page(document.costs, costs), _page(payers(document), funders))

    @property
    def long(self) -> bool:
        """Whether one of them has several pages."""
        return self.costs.has_other_pages() or self.funders.has_other_pages()


def _page(lines: Sequence[Any], number: str | None) -> Page[Any]:
    asked = "1" if number is None or number.startswith("-") or number == "0" else number
    return Paginator(() if number is None else lines, PER_PAGE).get_page(asked)


def _numbered(page: Page[Any]) -> list[tuple[int, Any]]:
    """Each line with its place in the plan, from 0."""
    return list(enumerate(page.object_list, page.start_index() - 1)) if page.object_list else []


#: The others have what they deduct, the quarter after (`engine.funding.cashflow`).
_NO_FCTVA: Final = "Réservé aux collectivités et à leurs groupements : ce choix est sans effet ici."


class CashForm(SiteForm):
    """The choices of a page of lines, from `choices`; lines are named by their place."""

    debut = forms.ChoiceField(label="Le projet commence au")
    fctva = forms.TypedChoiceField(
        label="Le FCTVA est versé", coerce=int, choices=[(k, v) for k, v in LAG_LABELS.items()],
        help_text="Selon le régime de votre collectivité : demandez à la préfecture. Sans réponse, "
        "gardez l'année suivante.",
    )  # fmt: skip

    def __init__(
        self, data: Mapping[str, Any] | None, *, document: PlanDocument, choices: Choices,
        today: date, shown: Shown,
    ) -> None:  # fmt: skip
        self.document, self.choices, self.shown = document, choices, shown
        self.coming = not_before(document, today)
        initial: dict[str, Any] = {
            "debut": written_quarter(choices.start), "fctva": choices.lag,
        }  # fmt: skip
        super().__init__(data, initial=initial)
        if not document.bearer.local_authority:
            self.fields["fctva"].help_text = _NO_FCTVA
        first, last = years_of(choices, document)
        quarters = [
            (written_quarter(quarter), str(quarter))
            for year in range(first, last + 1)
            for quarter in (Quarter(year, n) for n in range(1, 5))
        ]
        self.fields["debut"].choices = quarters
        self.costs, self.funders = _numbered(shown.costs), _numbered(shown.funders)
        whens, overs, delays = _many(quarters), _many(_OVER), _many(_DELAYS)
        for number, line in self.costs:
            start, count = choices.spread.get(line.id) or self._usual(line, choices.start)
            self._choice(
                f"c{number}-de", f"{line.label} : à partir du", whens, written_quarter(start)
            )
            self._choice(f"c{number}-sur", f"{line.label} : sur", overs, count)
        for number, one in self.funders:
            terms = self._terms(one)
            self._share(f"r{number}-avance", f"{one.label} : avance", terms.advance)
            self._share(f"r{number}-acomptes", f"{one.label} : acomptes jusqu'à", terms.instalments)
            self._choice(f"r{number}-delai", f"{one.label} : délai", delays, terms.delay)
            self._choice(f"r{number}-solde", f"{one.label} : solde", delays, terms.final_delay)

    def _usual(self, line: CostLine, start: Quarter) -> tuple[Quarter, int]:
        return usual_spread(line, start, self.coming)

    def _terms(self, one: Source) -> Terms:
        return self.choices.terms.get(one.id) or usual_terms(one, self.document)

    def _choice(
        self, name: str, label: str, many: tuple[Mapping[str, Any], SafeString], value: Any
    ) -> None:
        self.fields[name] = OneOf(*many, label=label, initial=value)

    def _share(self, name: str, label: str, value: Decimal) -> None:
        field = Share(label=label, max_length=12, initial=_typed(value), required=False)
        field.widget.attrs["class"] = "fr-input"
        self.fields[name] = field

    @property
    def cost_rows(self) -> list[tuple[CostLine, Any, Any]]:
        """(cost, first quarter, over how many) for the template."""
        return [(line, self[f"c{n}-de"], self[f"c{n}-sur"]) for n, line in self.costs]

    @property
    def fund_rows(self) -> list[tuple[Source, Any, Any, Any, Any]]:
        """(resource, advance, instalments, delay, delay of the rest) for the template."""
        return [(one, *(self[f"r{n}-{name}"] for name in _TERMS)) for n, one in self.funders]  # type: ignore[misc]

    def text(self, kept: Choices) -> str:
        """What differs from what is kept on the lines that are not shown here: to go along."""
        here = {line.id for _, line in self.costs} | {one.id for _, one in self.funders}
        return changed_text(self.choices, kept, self.document, but=here)

    def said(self) -> Choices:
        """The choices; what is as usual is left out, to follow the plan when it changes."""
        data = self.cleaned_data
        start = read_quarter(data["debut"])
        spread, terms = dict(self.choices.spread), dict(self.choices.terms)
        for n, line in self.costs:
            given = (read_quarter(data[f"c{n}-de"]), data[f"c{n}-sur"])
            usual = self._usual(line, start)
            # A line that was left where it stood follows the start when the start moves.
            follows = given == self._usual(line, self.choices.start) and line.id not in spread
            if given == usual or follows:
                spread.pop(line.id, None)
            else:
                spread[line.id] = given
        for n, one in self.funders:
            stood = self._terms(one)
            found = Terms(
                _same(data[f"r{n}-avance"], stood.advance),
                _same(data[f"r{n}-acomptes"], stood.instalments),
                data[f"r{n}-delai"], data[f"r{n}-solde"],
            )  # fmt: skip
            if found == usual_terms(one, self.document):
                terms.pop(one.id, None)
            else:
                terms[one.id] = found
        return Choices(start, data["fctva"], spread, terms)


def _typed(value: Decimal) -> str:
    return percent(value).replace("\u00a0", " ")


def _same(given: Decimal, stood: Decimal) -> Decimal:
    """What stood there when it was left as it was shown: two decimals are shown."""
    return stood if _typed(given) == _typed(stood) else given
