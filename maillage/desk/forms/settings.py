"""Forms of the desk's settings, of absences, and of the accesses that it opens."""

from typing import Any, Final

from django import forms

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.accounts.perms import givable
from maillage.common.forms import Day, SiteForm
from maillage.desk import bodies, mandates
from maillage.desk.enums import DeskMode
from maillage.desk.models import Desk
from maillage.desk.services.settings import CIRCUIT, INFORMED, PILOT

_DAYS: Final = {
    "first_answer_days": ("Première réponse à la mairie", 30, "C'est la date que lit la mairie."),
    "decision_days": ("Décision, une fois la demande comprise", 60, ""),
    "opinion_days": ("Avis demandé à un service", 60, ""),
    "provider_days": ("Réponse d'un organisme sollicité", 60, ""),
    "information_days": ("Précision demandée à la mairie", 90, ""),
}


class SettingsForm(SiteForm):
    """What an agent may change. Deadlines are in working days, silence in plain days."""

    phone = forms.CharField(label="Téléphone", max_length=30, required=False)
    email = forms.EmailField(
        label="Adresse électronique", required=False,
        error_messages={"invalid": "Vérifiez cette adresse : elle doit contenir « @ »."},
    )  # fmt: skip
    address = forms.CharField(label="Adresse postale", max_length=300, required=False)
    silent_days = forms.IntegerField(
        label="Silencieuse après (jours)", min_value=3, max_value=365,
        help_text="Sans nouvelle à la mairie, ou sans qu'elle les ouvre, la demande paraît dans "
        "la pile « Silencieuses ».",
    )  # fmt: skip

    field_order = ("phone", "email", "address", *_DAYS, "silent_days")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, most, text) in _DAYS.items():
            self.fields[name] = forms.IntegerField(
                label=f"{label} (jours ouvrés)", min_value=1, max_value=most, help_text=text,
                widget=forms.NumberInput(attrs={"class": "fr-input d-number-field"}),
            )  # fmt: skip
        self.fields["silent_days"].widget.attrs["class"] = "fr-input d-number-field"
        for field in self.fields.values():
            if isinstance(field, forms.IntegerField):
                field.error_messages["required"] = "Donnez un nombre de jours."
                field.error_messages["invalid"] = "Donnez un nombre entier de jours."
        self.order_fields(self.field_order)


class ModeForm(SiteForm):
    """How the desk works."""

    mode = forms.ChoiceField(
        label="Fonctionnement", choices=DeskMode.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choisissez un des deux fonctionnements."},
    )  # fmt: skip
    is_open = forms.BooleanField(
        label="Le guichet prend de nouvelles demandes", required=False,
        help_text="Décoché : les mairies de ce département ne peuvent plus déposer.",
    )  # fmt: skip


class _WithBody(SiteForm):
    """A body found by its name: « search » looks for it without losing what is typed."""

    search = forms.CharField(
        label="Organisme", required=False, max_length=100,
        help_text="Écrivez un mot de son nom, cherchez, puis choisissez-le dans la liste.",
    )  # fmt: skip
    organisation = forms.ChoiceField(
        label="Lequel ?", error_messages={"required": "Cherchez puis choisissez un organisme."}
    )

    def _offer(self, groups: bodies.Groups) -> None:
        self.fields["organisation"].choices = [("", "Choisissez…"), *groups]

    @property
    def text(self) -> str:
        """What is looked for."""
        return str(self["search"].value() or "").strip()


class BodyForm(_WithBody):
    """A body to add to the desk, and as what."""

    what = forms.ChoiceField(
        label="À quel titre ?", widget=forms.RadioSelect,
        choices=[
            (PILOT, "Pilote : ses agents traitent les demandes comme ceux du guichet"),
            (INFORMED, "Informé : il lit toute nouvelle demande, il ne décide pas"),
            (CIRCUIT, "Il porte le circuit existant"),
        ],
        error_messages={"required": "Dites à quel titre."},
    )  # fmt: skip
    field_order = ("what", "search", "organisation")

    def __init__(self, *args: Any, decides: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["search"].required = True
        self.fields["search"].error_messages["required"] = "Écrivez un mot du nom de l'organisme."
        if not decides:
            self.fields["what"].choices = self.fields["what"].choices[1:2]
        self._offer(bodies.search(self.text))


class AccessForm(_WithBody):
    """An access to open for someone."""

    name = forms.CharField(
        label="Nom de la personne", max_length=120,
        error_messages={"required": "Donnez le nom de la personne."},
    )  # fmt: skip
    email = forms.EmailField(
        label="Son adresse électronique",
        help_text="Les codes de connexion y sont envoyés : prenez une adresse professionnelle.",
        error_messages={
            "required": "Donnez son adresse électronique.",
            "invalid": "Vérifiez cette adresse : elle doit contenir « @ ».",
        },
    )
    role = forms.ChoiceField(
        label="Son rôle", widget=forms.RadioSelect,
        error_messages={"required": "Choisissez son rôle."},
    )  # fmt: skip
    signs = forms.BooleanField(
        label="A délégation pour décider", required=False,
        help_text="Pour un adjoint : il peut désigner l'interlocuteur unique et demander l'appui "
        "national.",
    )  # fmt: skip
    starts = Day(label="À partir du", required=False, help_text="Vide : tout de suite.")
    ends = Day(label="Jusqu'au", required=False, help_text="Vide : sans fin prévue.")
    field_order = ("name", "email", "role", "signs", "search", "organisation", "starts", "ends")

    def __init__(self, *args: Any, desk: Desk, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = givable(mandates.roles_at(by, desk))
        self.fields["role"].choices = roles
        if Role.DEPUTY not in dict(roles):
            del self.fields["signs"]
        self.fields["search"].label = "Chercher son organisme"
        self.fields["organisation"].label = "Pour quel organisme ?"
        self.fields["search"].help_text = (
            "Écrivez le nom de la commune, de l'intercommunalité ou de l'organisme, cherchez, puis "
            "choisissez-le dans la liste."
        )
        self._offer(mandates.choices(self.text, desk))


class AbsenceForm(SiteForm):
    """When one is away, and who takes one's files meanwhile."""

    starts = Day(label="Du", error_messages={"required": "Donnez le premier jour d'absence."})
    ends = Day(
        label="Au (compris)", error_messages={"required": "Donnez le dernier jour d'absence."}
    )
    relay = forms.ModelChoiceField(
        label="Qui prend le relais ?",
        queryset=User.objects.none(),
        empty_label="Choisissez…",
        help_text="Vos nouvelles demandes et vos messages lui sont aussi envoyés.",
        error_messages={"required": "Choisissez une personne du guichet."},
    )

    def __init__(self, *args: Any, people: list[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        keys = [person.pk for person in people]
        self.fields["relay"].queryset = User.objects.filter(pk__in=keys).order_by("name", "email")
