"""Forms of the filing, one by step. What is right is kept even when something else is not."""

import re
from collections.abc import Collection
from typing import Any, Final

from django import forms
from django.urls import reverse

from maillage.accounts.enums import Role
from maillage.catalog.snapshot import snapshot
from maillage.common.forms import Euros, SiteForm
from maillage.common.templatetags.maillage import euros, nombre
from maillage.desk.enums import Channel
from maillage.desk.forms.question import LONGEST_NEED
from maillage.desk.models import Request
from maillage.desk.orientation import place_name
from maillage.desk.services.filing import DRAFT_FIELDS
from maillage.engine.vocabulary import PHASES, Audience
from maillage.territories.directory import directory
from maillage.territories.search import Suggestion, search_communes

LONGEST_DETAIL: Final = 4_000
_OFFERED: Final = 12
_SEARCHED: Final = 300
#: Who may ask, as the form says it.
KINDS: Final = (
    (Audience.COMMUNE.value, "La commune"),
    (Audience.EPCI.value, "L'intercommunalité"),
    (Audience.SYNDICATE.value, "Un syndicat, un PETR, un pôle"),
    (Audience.ASSOCIATION.value, "Une association, que la commune présente"),
)
#: How what an agent types came to them.
CHANNELS: Final = tuple((c.value, c.label) for c in Channel if c != Channel.ONLINE)


def _long(what: str, most: int, **said: Any) -> forms.CharField:
    """A text of several lines. The browser does not cut it (a pasted page would lose its end
    without a word): the server says that it is too long.
    """
    field = forms.CharField(
        required=False, max_length=most, widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "max_length": f"{what} est trop long : %(show_value)d caractères, {nombre(most)} au "
            "plus. Gardez l'essentiel, et joignez le reste en pièce à l'étape « Pièces »."
        },
        **said,
    )  # fmt: skip
    field.widget.attrs.pop("maxlength", None)
    return field


class WithPlace(SiteForm):
    """A commune or an EPCI, typed or chosen. ``choices`` are those that what was typed may be;
    those of `departments` (codes) are looked for first.
    """

    lieu = forms.CharField(
        label="Quelle commune ?", required=False, max_length=100,
        help_text="Son nom ou son code postal.",
        widget=forms.TextInput(attrs={"data-suggest-code": "commune", "autocomplete": "off"}),
    )  # fmt: skip
    commune = forms.CharField(
        required=False, max_length=9, widget=forms.HiddenInput(attrs={"id": "commune"})
    )

    def __init__(self, *args: Any, departments: Collection[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices: list[Suggestion] = []
        self._departments = departments
        self.fields["lieu"].widget.attrs["data-suggest"] = reverse("territories:suggest")

    def code(self) -> str:
        """The code of the territory, "" when none is said; several or none is an error of ``lieu``.

        What is written wins over the code filled in beside it: without JavaScript, only the first
        can be changed.
        """
        typed = self.cleaned_data.get("lieu", "").strip()
        known = directory().resolve(self.cleaned_data.get("commune", "")) or ""
        if known and (not typed or typed == place_name(known)):
            return known
        if not typed:
            return ""
        found = self._found(typed)
        chosen = self.data.get("choix_commune", "")
        if chosen in {one.code for one in found}:
            return chosen
        if len(found) == 1 or (found and found[0].certain):
            return found[0].code
        self.choices = list(found)
        self.add_error(
            "lieu",
            f"Plusieurs communes répondent à « {typed} » : choisissez ci-dessous, ou ajoutez le "
            "numéro du département."
            if found
            else f"Aucune commune ne répond à « {typed} ». Vérifiez le nom, ou tapez le code "
            "postal.",
        )
        return ""

    def _found(self, typed: str) -> list[Suggestion]:
        """Communes of that name: in `departments` when there are some, else anywhere."""
        known = directory().communes
        near = [
            one
            for one in (search_communes(typed, limit=_SEARCHED) if self._departments else ())
            if known[one.code].department in self._departments
        ]
        return near[:_OFFERED] or search_communes(typed, limit=_OFFERED)


class Step(SiteForm):
    """Base of the steps. ``shown`` names the fields of the draft that the page shows; ``needed``
    those that the filing asks for, which a draft may still leave empty.
    """

    shown: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ask(True)

    def full_clean(self) -> None:
        """Check what was typed; what is empty is kept so."""
        self._ask(False)
        super().full_clean()
        self._ask(True)

    def _ask(self, required: bool) -> None:
        for name in self.needed:
            if name in self.fields:
                self.fields[name].required = required

    def kept(self) -> dict[str, Any]:
        """What can be saved: the fields without error (call after ``is_valid``)."""
        return {n: v for n, v in self.cleaned_data.items() if n in DRAFT_FIELDS}


class NeedStep(Step, WithPlace):
    """What the mairie wants to do, and for whom."""

    shown = ("need", "types", "bearer", "bearer_kind", "body_name")
    needed = ("need", "lieu", "bearer_kind")

    need = _long(
        "Votre texte", LONGEST_NEED, label="Que voulez-vous faire ?",
        help_text="Avec vos mots, comme au téléphone. Deux phrases suffisent.",
    )  # fmt: skip
    bearer_kind = forms.ChoiceField(
        label="Qui porte le projet ?", choices=KINDS, required=False, widget=forms.RadioSelect
    )
    body_name = forms.CharField(
        label="Nom du syndicat ou de l'association", required=False, max_length=200,
        help_text="Seulement si ce n'est ni la commune ni l'intercommunalité.",
    )  # fmt: skip

    field_order = ("need", "lieu", "commune", "bearer_kind", "body_name")

    def __init__(self, *args: Any, demand: Request, ask_place: bool = False, **kwargs: Any) -> None:
        self.demand = demand
        initial = {
            "need": demand.need, "bearer_kind": demand.bearer_kind, "body_name": demand.body_name,
            "commune": demand.bearer, "lieu": place_name(demand.bearer),
        }  # fmt: skip
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["need"].widget.attrs["rows"] = 6
        self.asks_place = ask_place or not demand.bearer or "lieu" in self.data
        if not self.asks_place:
            del self.fields["lieu"], self.fields["commune"]

    def clean(self) -> dict[str, Any]:
        """Read the place and the kinds of project that were ticked."""
        data = super().clean() or {}
        code = self.code() if self.asks_place else self.demand.bearer
        kind = data.get("bearer_kind") or self.demand.bearer_kind
        data["bearer_kind"] = kind
        known = directory()
        if kind == Audience.EPCI and code in known.communes:
            code = self._epci_of(code)
        elif kind != Audience.EPCI and code in known.epcis:
            # One had ticked the intercommunality, then changed one's mind: back to the commune.
            former = self._commune_before()
            if former:
                code = former
            elif kind == Audience.COMMUNE:
                data["bearer_kind"] = Audience.EPCI.value
        if kind in {Audience.COMMUNE, Audience.EPCI}:
            data["body_name"] = ""
        if code and code != self.demand.bearer:
            data["bearer"] = code
        if "choix" in self.data:
            ticked = [t for t in dict.fromkeys(self.data.getlist("type")) if t in _types()][:12]
            # What was understood and left as it was is not a choice: it follows the text.
            if ticked != [t for t in self.data["choix"].split(",") if t]:
                data["types"] = ticked
        return data

    def _commune_before(self) -> str:
        """The commune of who writes: that of their mandates, in the EPCI that was chosen."""
        members = {commune.key: commune.code for commune in directory().members[self.demand.bearer]}
        author = self.demand.created_by
        bodies = author.bodies(Role.APPLICANT) if author else []
        return next((members[body.territory] for body in bodies if body.territory in members), "")

    def _epci_of(self, code: str) -> str:
        commune = directory().communes[code]
        if commune.epci:
            return commune.epci
        self.add_error("bearer_kind", f"{commune.name} n'est membre d'aucune intercommunalité.")
        return code


def _types() -> Any:
    return snapshot().type_number


class ProjectStep(Step):
    """Where the project stands; nothing is needed."""

    shown = ("stage", "tried", "calendar", "budget")

    stage = forms.ChoiceField(
        label="Où en êtes-vous ?", required=False,
        choices=[("", "Je ne sais pas encore"), *PHASES.items()],
    )  # fmt: skip
    tried = _long(
        "Ce texte", LONGEST_DETAIL, label="Qu'avez-vous déjà tenté, et auprès de qui ?",
        help_text="Un courrier, une visite, une étude, une réponse négative… : cela évite de vous "
        "renvoyer au même endroit.",
    )  # fmt: skip
    calendar = _long(
        "Ce texte", LONGEST_DETAIL, label="Avez-vous une date en tête ?",
        help_text="Une délibération, une fermeture annoncée, un dossier à déposer…",
    )  # fmt: skip
    budget = Euros(
        label="Budget, si vous le connaissez", required=False, max_length=40,
        help_text="Même à la louche : « 150 000 € », « 150 k€ », « 1,5 M€ ».",
    )  # fmt: skip

    def __init__(self, *args: Any, demand: Request, **kwargs: Any) -> None:
        initial = {name: getattr(demand, name) for name in self.shown}
        super().__init__(*args, initial={**initial, "budget": euros(demand.budget)}, **kwargs)


class ContactStep(Step):
    """Whom the desk calls."""

    shown = ("contact_name", "contact_role", "contact_phone", "contact_email", "staff")
    needed = ("contact_name", "contact_phone", "contact_email")

    contact_name = forms.CharField(
        label="Qui le guichet peut-il appeler ?", required=False, max_length=120,
        help_text="Prénom et nom.", widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )  # fmt: skip
    contact_role = forms.CharField(
        label="Fonction", required=False, max_length=120,
        help_text="Maire, adjoint, secrétaire de mairie…",
    )  # fmt: skip
    contact_phone = forms.CharField(
        label="Téléphone", required=False, max_length=30,
        help_text="Un téléphone ou un courriel suffit ; les deux, c'est mieux.",
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )  # fmt: skip
    contact_email = forms.EmailField(
        label="Courriel", required=False,
        help_text="L'accusé de réception y sera envoyé.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"invalid": "Cette adresse n'est pas complète : mairie@exemple.fr."},
    )  # fmt: skip
    staff = forms.CharField(
        label="Combien d'agents à la mairie ?", required=False, max_length=200,
        help_text="Par exemple : « une secrétaire à mi-temps, un agent technique ». Cela aide à "
        "dire de quel appui vous avez besoin.",
    )  # fmt: skip

    def __init__(self, *args: Any, demand: Request, **kwargs: Any) -> None:
        initial = {name: getattr(demand, name) for name in self.shown}
        super().__init__(*args, initial=initial, **kwargs)

    def clean_contact_phone(self) -> str:
        """A telephone has at least some figures."""
        said: str = self.cleaned_data["contact_phone"].strip()
        if said and len(re.sub(r"\D", "", said)) < 6:
            raise forms.ValidationError("Ce numéro n'est pas complet.")
        return said


class PlaceFirst(WithPlace):
    """Base of the forms that need a place; ``code`` is then the territory's."""

    missing = "Indiquez votre commune."

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["lieu"].required = True
        self.fields["lieu"].error_messages["required"] = self.missing

    def clean(self) -> dict[str, Any]:
        """Read the place."""
        data = super().clean() or {}
        data["code"] = "" if "lieu" in self.errors else self.code()
        return data


class AskLink(PlaceFirst):
    """What a mairie without an account gives to receive a link."""

    email = forms.EmailField(
        label="Adresse électronique de la mairie", max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={
            "required": "Indiquez l'adresse où envoyer le lien.",
            "invalid": "Cette adresse n'est pas complète : mairie@exemple.fr.",
        },
    )  # fmt: skip

    field_order = ("lieu", "commune", "email")


class Typed(PlaceFirst):
    """What an agent who types for a mairie says first."""

    missing = "Pour quelle commune ?"

    channel = forms.ChoiceField(
        label="Comment vous est-elle arrivée ?", choices=CHANNELS, widget=forms.RadioSelect,
        error_messages={"required": "Dites comment la demande vous est arrivée."},
    )  # fmt: skip

    field_order = ("lieu", "commune", "channel")
