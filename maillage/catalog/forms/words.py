"""Forms of the words: a type of project, a line of the thesaurus, words of an offer, a trial."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy

from maillage.catalog.models import ProjectType, ThesaurusEntry
from maillage.catalog.words.trial import MOST_NEEDS
from maillage.common.fields import LinesField
from maillage.common.forms import SiteForm
from maillage.engine.text import STOP_WORDS, words
from maillage.engine.types import Territory
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory
from maillage.territories.search import search_communes

_THEMES: Final = list(THEMES.items())


class Expressions(LinesField):
    """Expressions, one a line: each once, none longer than `longest` characters."""

    def __init__(self, *, longest: int, most: int, rows: int = 5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.longest, self.most = longest, most
        self.widget.attrs["rows"] = rows

    def to_python(self, value: Any) -> list[str]:  # type: ignore[override]
        """The lines, the first of each that is said twice."""
        text = value if isinstance(value, list | tuple) else str(value or "").replace("\x00", " ")
        return list(dict.fromkeys(super().to_python(text)))

    def validate(self, value: Any) -> None:
        """Neither too many lines, nor too long ones."""
        super().validate(value)
        if len(value) > self.most:
            raise ValidationError(f"Il y a {len(value)} lignes : gardez-en {self.most} au plus.")
        for line in value:
            if len(line) > self.longest:
                raise ValidationError(
                    f"La ligne « {line[:60]}… » dépasse {self.longest} caractères : une ligne est "
                    "une façon de dire, pas une lettre."
                )


class TypeForm(SiteForm):
    """A kind of project. The order of themes counts: the first one weighs most."""

    label = forms.CharField(
        label="Intitulé", max_length=200,
        help_text="Un verbe et son objet, comme la mairie le dirait : « Réparer un pont ».",
        error_messages={"required": "Donnez un intitulé."},
    )  # fmt: skip
    phrases = Expressions(
        label="Ce que les gens disent", longest=300, most=200, rows=12,
        help_text="Une façon de dire par ligne, telle qu'on l'entend, fautes comprises. C'est ce "
        "qui compte le plus.",
        error_messages={"required": "Donnez au moins une façon de le dire."},
    )  # fmt: skip
    vocabulary = Expressions(
        label="Mots de l'administration", longest=200, most=200, rows=6, required=False,
        help_text="Une expression par ligne : ce qu'on lit dans les fiches qui y répondent.",
    )  # fmt: skip
    first_step = forms.CharField(
        label="Par quoi commencer", required=False, max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Une phrase, montrée à qui a ce projet.",
    )  # fmt: skip
    main_theme = forms.ChoiceField(
        label="Thème principal", choices=[("", "Choisissez…"), *_THEMES],
        error_messages={"required": "Choisissez le thème principal."},
    )  # fmt: skip
    themes = forms.MultipleChoiceField(
        label="Autres thèmes", choices=_THEMES, required=False,
        widget=forms.CheckboxSelectMultiple,
    )  # fmt: skip
    phases = forms.MultipleChoiceField(
        label="Étapes", choices=list(PHASES.items()), widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Cochez au moins une étape."},
    )  # fmt: skip

    def __init__(self, *args: Any, row: ProjectType, **kwargs: Any) -> None:
        self.row = row
        kwargs.setdefault("initial", {})
        kwargs["initial"] = {**initial_of_type(row), **kwargs["initial"]}
        super().__init__(*args, **kwargs)

    def values(self) -> dict[str, Any]:
        """What is written in the row; lists that hold the same codes keep their order."""
        said = dict(self.cleaned_data)
        main = said.pop("main_theme")
        others = _kept_order(self.row.themes, [one for one in said["themes"] if one != main])
        said["themes"] = [main, *others]
        said["phases"] = _kept_order(self.row.phases, said["phases"])
        return said


def initial_of_type(row: ProjectType) -> dict[str, Any]:
    """What the form of a type shows first."""
    return {
        "label": row.label,
        "phrases": row.phrases,
        "vocabulary": row.vocabulary,
        "first_step": row.first_step,
        "main_theme": row.themes[0] if row.themes else "",
        "themes": row.themes[1:],
        "phases": row.phases,
    }


def _kept_order(former: Sequence[str], chosen: Sequence[str]) -> list[str]:
    kept = [one for one in former if one in chosen]
    return kept + [one for one in chosen if one not in kept]


class EntryForm(SiteForm):
    """An expression and what it is read as. That of a shipped line does not change."""

    expression = forms.CharField(
        label="Ce que les gens disent", max_length=120,
        help_text="Un mot ou quelques-uns, comme ils sont dits : « bistrot », « plus de médecin ». "
        "Les accents manquants et les pluriels sont compris.",
        error_messages={"required": "Écrivez l'expression."},
    )  # fmt: skip
    terms = Expressions(
        label="Ce que l'administration en dit", longest=120, most=12, rows=4,
        help_text="Un mot ou une expression par ligne, cinq au plus de préférence : ce qu'on lit "
        "dans les fiches du catalogue.",
        error_messages={"required": "Écrivez au moins un mot de l'administration."},
    )  # fmt: skip
    themes = forms.MultipleChoiceField(
        label="Thèmes", choices=_THEMES, required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Deux au plus ; aucun quand l'expression ne dit rien du thème.",
    )  # fmt: skip

    def __init__(self, *args: Any, row: ThesaurusEntry, is_shipped: bool, **kwargs: Any) -> None:
        self.row = row
        kwargs["initial"] = {
            "expression": row.expression, "terms": row.terms, "themes": row.themes,
            **kwargs.get("initial", {}),
        }  # fmt: skip
        super().__init__(*args, **kwargs)
        if is_shipped:
            self.fields["expression"].disabled = True
            self.fields[
                "expression"
            ].help_text = "Livrée avec Maillage : pour une autre expression, ajoutez une ligne."
            self.fields["terms"].required = False
            self.fields["terms"].help_text += " Vide : l'expression n'est plus lue."

    def clean_expression(self) -> str:
        """One line that can be read, and that no other line holds."""
        text = " ".join(self.cleaned_data["expression"].split())
        said = words(text)
        if not any(len(w) > 1 and w not in STOP_WORDS and not w.isdigit() for w in said):
            raise ValidationError(
                "Cette expression n'a que des petits mots ou des chiffres : elle ne serait jamais "
                "lue. Ajoutez-y le mot qui compte."
            )
        others = ThesaurusEntry.objects.exclude(pk=self.row.pk).values_list("expression", flat=True)
        for other in others:
            if words(other) == said:
                raise ValidationError(
                    f"« {other} » est déjà dans le thésaurus : changez-la plutôt."
                )
        return text

    def clean_themes(self) -> list[str]:
        """Two at most, in the order in which they were."""
        chosen: list[str] = self.cleaned_data["themes"]
        if len(chosen) > 2:
            raise ValidationError("Gardez deux thèmes au plus.")
        return _kept_order(self.row.themes, chosen)

    def values(self) -> dict[str, Any]:
        """What is written in the row."""
        return dict(self.cleaned_data)


class OfferWordsForm(SiteForm):
    """The words by which people find an offer."""

    words = Expressions(
        label="Mots des usagers", longest=200, most=80, rows=10, required=False,
        help_text="Une façon de dire par ligne : « pont fermé », « le tablier s'effrite ». Ils ne "
        "sont pas montrés ; ils servent à trouver cette offre.",
    )  # fmt: skip


class TrialForm(SiteForm):
    """What to try before saving: needs, and where."""

    needs = Expressions(
        label="Besoins à essayer", longest=2_000, most=MOST_NEEDS, rows=5,
        help_text=f"Un besoin par ligne, {MOST_NEEDS} au plus, comme une mairie les écrirait.",
        error_messages={"required": "Écrivez au moins un besoin à essayer."},
    )  # fmt: skip
    place = forms.CharField(
        label="Commune", required=False, max_length=100,
        help_text="Vide : seules les réponses valables partout sont comparées.",
        widget=forms.TextInput(
            attrs={
                "data-suggest": reverse_lazy("territories:suggest"),
                "data-suggest-code": "id_essai-code",
                "placeholder": "Nom ou code postal",
                "autocomplete": "off",
            }
        ),
    )  # fmt: skip

    code = forms.CharField(required=False, max_length=9, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, prefix="essai", **kwargs)

    def clean(self) -> dict[str, Any]:
        """The code of the territory, "" for none: what is written wins over the code beside it."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        text = said.get("place", "").strip()
        code = directory().resolve(said.get("code", "")) if said.get("code") else None
        if not text or (code and directory().label(code) == text):
            said["code"] = code if text else ""
            return said
        found = search_communes(text, limit=6)
        if len(found) == 1 or (found and found[0].certain):
            said["code"] = found[0].code
        elif not found:
            self.add_error("place", f"Aucune commune ne répond à « {text} » : vérifiez son nom.")
        else:
            names = ", ".join(f"« {one.label} »" for one in found)
            self.add_error("place", f"Plusieurs communes répondent : écrivez {names}.")
        return said

    def territory(self) -> Territory | None:
        """The territory as the engine sees it, ``None`` for none."""
        code = self.cleaned_data["code"]
        return directory().engine_territory(code) if code else None
