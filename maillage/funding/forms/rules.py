"""Filters of the rules page; a vintage of a rule written by the staff."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.http import QueryDict

from maillage.common.forms import Day, SiteForm
from maillage.engine.funding.types import Rule
from maillage.funding.enums import RuleState
from maillage.funding.forms.cells import clean
from maillage.funding.models import RuleVintage
from maillage.funding.numbers import is_pairs, is_share, label_of, unit_of, written
from maillage.funding.themes import LABELS, THEMES

_TEXTS: Final = ("title", "sentence", "scope", "reference", "source")
#: Rules whose share may be the whole: they cap public aids; the others divide by what is left.
_CAPS: Final = frozenset({"state-cap", "public-cap"})
_PAIR: Final = re.compile(r"[\w-]+\|[\w-]+")
_MOST: Final = Decimal(10) ** 9


@dataclass(frozen=True, slots=True)
class RuleFilters:
    """What is asked of the list: a day, words, a subject (its code, "" for all of them); ``wrong``
    when the day could not be read.
    """

    day: date
    text: str = ""
    theme: str = ""
    typed: str = ""
    wrong: bool = False

    @classmethod
    def read(cls, data: QueryDict, today: date) -> "RuleFilters":
        """Whatever the address says, a list is made of it."""
        typed = clean(data.get("le", ""), 20).strip()
        text = " ".join(clean(data.get("q", "")).split())
        theme = data.get("sujet", "")
        theme = theme if theme in LABELS else ""
        if not typed:
            return cls(today, text, theme)
        try:
            return cls(Day().clean(typed), text, theme, typed)
        except forms.ValidationError:
            return cls(today, text, theme, typed, wrong=True)

    @property
    def themes(self) -> list[tuple[str, str]]:
        """The subjects to choose among: code, title."""
        return [(code, title) for code, title, _ in THEMES]


class VintageForm(SiteForm):
    """A new vintage of a rule. Its numbers keep the names and the types of the rule that it
    renews: what the engine reads is always there.
    """

    title = forms.CharField(label="Titre", max_length=200)
    sentence = forms.CharField(label="Ce qu'elle dit, en une phrase", widget=forms.Textarea,
                               max_length=2000)  # fmt: skip
    scope = forms.CharField(label="À qui et à quoi elle s'applique", widget=forms.Textarea,
                            max_length=2000)  # fmt: skip
    valid_from = Day(label="En vigueur à partir du")
    valid_to = Day(label="Jusqu'au (laissez vide si aucune fin n'est connue)", required=False)
    reference = forms.CharField(label="Texte de loi", widget=forms.Textarea, max_length=300)
    source = forms.CharField(label="Où cela a été lu", widget=forms.Textarea, max_length=300)
    state = forms.ChoiceField(label="État", choices=RuleState.choices)
    active = forms.BooleanField(
        label="Appliquée (décochez pour un texte qui n'est pas encore du droit)", required=False
    )

    def __init__(self, rule: Rule, *args: Any, **kwargs: Any) -> None:
        self.rule = rule
        usual = {name: getattr(rule, name) for name in _TEXTS}
        usual |= {
            "state": RuleState.VERIFIED if rule.confirmed else RuleState.TO_CONFIRM,
            "active": rule.active,
        }
        usual |= {f"number-{name}": written(name, v) for name, v in rule.parameters.items()}
        super().__init__(*args, initial={**usual, **kwargs.pop("initial", {})}, **kwargs)
        for name, value in rule.parameters.items():
            listed = isinstance(value, tuple)
            unit = "" if listed or is_share(name) else unit_of(name)
            label = f"{label_of(name)} ({unit})" if unit else label_of(name)
            hint = "Une liste, séparée par des virgules." if listed else (
                "En pour cent : 20 %, ou une part de 1 : 0,2." if is_share(name) else ""
            )  # fmt: skip
            self.fields[f"number-{name}"] = forms.CharField(
                label=label, help_text=hint, required=not listed, max_length=2000,
                widget=forms.TextInput(attrs={"class": "fr-input"}),
            )  # fmt: skip
        # When and how much come first: it is what a new vintage most often changes.
        numbers = [f"number-{name}" for name in rule.parameters]
        self.order_fields(["valid_from", "valid_to", *numbers])

    def clean(self) -> dict[str, Any]:
        """Numbers as the engine reads them; dates in order."""
        said: dict[str, Any] = super().clean() or {}
        numbers: dict[str, Any] = {}
        for name, value in self.rule.parameters.items():
            field = f"number-{name}"
            if field in self.errors:
                continue
            text = str(said.get(field, ""))
            try:
                if isinstance(value, tuple):
                    numbers[name] = _codes(name, text)
                else:
                    numbers[name] = f"{_number(self.rule.id, name, text):f}"
            except ValueError as error:
                self.add_error(field, str(error))
        said["parameters"] = numbers
        first, last = said.get("valid_from"), said.get("valid_to")
        if first and last and last < first:
            self.add_error("valid_to", "La fin est avant le début.")
        return said

    def vintage(self) -> RuleVintage:
        """The row to save, once the form is valid."""
        said = self.cleaned_data
        return RuleVintage(
            rule=self.rule.id,
            parameters=said["parameters"],
            **{name: said[name] for name in
               (*_TEXTS, "valid_from", "valid_to", "state", "active")},
        )  # fmt: skip


def _codes(name: str, text: str) -> list[str]:
    """A list of codes; of pairs, each written « detr|fnadt ». Raises ``ValueError``, in words."""
    found = [one.strip() for one in text.split(",") if one.strip()]
    wrong = [one for one in found if is_pairs(name) and not _PAIR.fullmatch(one)]
    if wrong:
        raise ValueError(f"« {wrong[0]} » n'est pas un couple : écrivez par exemple detr|fnadt.")
    return found


def _number(rule: str, name: str, text: str) -> Decimal:
    """A number; of a share, « 20 % », « 20 » and « 0,2 » are the same. Raises ``ValueError``."""
    typed = "".join(text.replace(",", ".").replace("\u202f", "").split())
    percent, typed = typed.endswith("%"), typed.removesuffix("%")
    if not re.fullmatch(r"\d{1,10}(\.\d{1,8})?", typed, re.ASCII):
        raise ValueError("Écrivez un nombre, par exemple 20 % ou 2000.")
    found = Decimal(typed)
    if is_share(name):
        found = found / 100 if percent or found > 1 else found
        whole = rule in _CAPS or name not in ("share", "own")
        least = name != "share"
        if not (0 < found < 1 or (whole and found == 1) or (least and found == 0)):
            raise ValueError("Écrivez une part entre 0 et 100 %, par exemple 20 %.")
    elif percent:
        raise ValueError("Ce nombre n'est pas une part : écrivez-le sans %.")
    elif found > _MOST:
        raise ValueError("Ce nombre est trop grand.")
    return found.normalize() if found else Decimal(0)
