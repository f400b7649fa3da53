"""Small forms of a plan: its name, and what a verb of the life of a resource asks."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms

from maillage.common.forms import Day, SiteForm
from maillage.common.readings import PLAN_YEARS, NotAnAmount, cents_of
from maillage.common.templatetags.maillage import nombre
from maillage.engine.funding.types import Fund
from maillage.engine.funding.words import euros
from maillage.funding.document import Source
from maillage.funding.enums import PAPER_OF
from maillage.funding.forms.pieces import PieceField, WithPiece

#: Verb → (title, button, label of the day, label of the amount, what will happen).
WORDS: Final[dict[str, tuple[str, str, str, str, str]]] = {
    "prepare": (
        "Préparer le dossier", "Noter « à déposer »", "", "Montant à demander (€)",
        "Le dossier entre au calendrier, avec ses dates.",
    ),
    "file": (
        "Le dossier est déposé", "Noter le dépôt", "Déposé le", "Montant demandé (€)",
        "Attendez l'accusé de réception avant de signer quoi que ce soit : un devis accepté est un "
        "début des travaux, et l'aide serait perdue.",
    ),
    "receive": (
        "L'accusé de réception est arrivé", "Noter l'accusé de réception", "Demande reçue le", "",
        "C'est la date à laquelle le financeur a reçu la demande. Vous pourrez commencer à partir "
        "de ce jour ; l'aide n'est pas encore promise.",
    ),
    "grant": (
        "L'aide est accordée", "Noter l'accord", "Décision du", "Montant accordé (€)",
        "Ce montant ne bougera plus dans les plans proposés.",
    ),
    "refuse": (
        "L'aide est refusée", "Noter le refus", "Décision du", "",
        "La ligne reste au plan, mais ne compte plus. Les meilleurs plans qui restent possibles "
        "vous seront proposés, à partir de ce qui est déjà accordé.",
    ),
    "pay": (
        "De l'argent est versé", "Noter le versement", "Versé le", "Montant versé cette fois (€)",
        "Une avance, un acompte ou le solde : chaque versement s'ajoute aux précédents.",
    ),
    "reconsider": (
        "Revenir à « envisagé »", "Revenir à « envisagé »", "", "",
        "Les dates de dépôt, d'accusé de réception et de décision de cette ligne sont retirées. "
        "Elles restent dans les versions du plan.",
    ),
}  # fmt: skip


class Amount(forms.CharField):
    """An amount to the cent, as people write it."""

    def clean(self, value: Any) -> Any:
        """The amount, ``None`` when nothing is typed."""
        said = super().clean(value)
        if not said:
            return None
        try:
            return cents_of(said)
        except NotAnAmount as error:
            raise forms.ValidationError(str(error)) from error


class PlanDay(Day):
    """A day of a plan, from 2000 on."""

    def to_python(self, value: Any) -> date | None:
        """The date; one of another age is a slip of the keyboard."""
        day = super().to_python(value)
        if day is not None and day.year < PLAN_YEARS[0]:
            raise forms.ValidationError("Vérifiez l'année de cette date.", code="invalid")
        return day


class NameForm(SiteForm):
    """The name of a plan."""

    name = forms.CharField(
        label="Le nom du plan", max_length=120,
        error_messages={"required": "Donnez un nom au plan."},
    )  # fmt: skip


class ToldForm(SiteForm):
    """What a desk says when it notes the choice of the mairie."""

    told = forms.CharField(
        label="Qui vous l'a demandé, et comment ?", max_length=120,
        help_text="Par exemple : Mme Martin, maire, au téléphone ce matin.",
        error_messages={"required": "Dites qui a retenu ce plan, et comment vous l'avez su."},
    )  # fmt: skip

    def clean_told(self) -> str:
        """On one line."""
        return " ".join(self.cleaned_data["told"].split())


#: What the file of a verb is, as the page names it.
_PAPERS: Final = {
    "file": "Le dossier déposé",
    "receive": "L'accusé de réception",
    "grant": "La décision (arrêté, notification, convention)",
    "refuse": "La décision",
    "pay": "La preuve de versement",
}


class LifeForm(WithPiece):
    """What a verb asks: a day, an amount, dates of the dossier, a note, the paper that says it."""

    on = PlanDay(label="Le")
    amount = Amount(label="Montant", max_length=40)
    more = forms.BooleanField(label="Oui, c'est bien plus que ce qui était demandé", required=False)
    last = forms.BooleanField(
        label="C'est le dernier versement, même si tout n'est pas versé", required=False
    )
    closes = PlanDay(label="Dernier jour pour déposer", required=False)
    commission_on = PlanDay(label="Date de la commission qui décidera", required=False)
    note = forms.CharField(
        label="Note", required=False, max_length=2_000, widget=forms.Textarea,
        help_text="Numéro du dossier, personne à rappeler, motif…",
    )  # fmt: skip
    file = PieceField(required=False)

    def __init__(self, *args: Any, verb: str, source: Source, today: date, **kwargs: Any) -> None:
        said = source.amount if verb in ("prepare", "file", "grant") else None
        kwargs["initial"] = {
            "on": today,
            "amount": _written(said),
            "closes": source.closes,
            "commission_on": source.commission_on,
            "note": "" if verb == "refuse" else source.note,
        }
        super().__init__(*args, **kwargs)
        self.today, self.source = today, source
        _, _, day, amount, _ = WORDS[verb]
        wanted = {
            "on": bool(day),
            "amount": bool(amount),
            "more": verb == "grant" and self._beyond(source.amount),
            "last": verb == "pay",
            "closes": verb == "prepare",
            "commission_on": verb in ("prepare", "file"),
            "file": verb in PAPER_OF,
        }
        for name, kept in wanted.items():
            if not kept:
                del self.fields[name]
        if day:
            self.fields["on"].label = day
            self.fields["on"].error_messages["required"] = "Dites quel jour."
        if amount:
            self.fields["amount"].label = amount
            self.fields["amount"].required = verb in ("grant", "pay")
            self.fields["amount"].error_messages["required"] = "Dites le montant, en euros."
        if verb in PAPER_OF:
            self.fields["file"].label = _PAPERS[verb]
        if verb == "refuse":
            self.fields["note"].label = "Le motif, s'il est connu"
            self.fields["note"].help_text = ""
        if source.fund is Fund.LOAN and "amount" in self.fields:
            self.fields["amount"].help_text = "Pour un emprunt : le montant du prêt."

    def _beyond(self, asked: Decimal) -> bool:
        """Whether what is typed passes what was asked: most often a digit too many."""
        try:
            return bool(asked) and cents_of(self.data.get("amount", "")) > asked
        except NotAnAmount:
            return False

    def clean(self) -> dict[str, Any]:
        """More than what was asked is granted only knowingly."""
        said: dict[str, Any] = super().clean() or self.cleaned_data
        if "more" in self.fields and not said.get("more"):
            self.add_error(
                "more", f"C'est plus que les {euros(self.source.amount)} demandés : vérifiez le "
                "montant, ou cochez si la décision le dit bien.",
            )  # fmt: skip
        return said

    def clean_on(self) -> date:
        """What is noted is done: not tomorrow."""
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError("Cette date est à venir : notez ce qui est fait.")
        return day

    def clean_amount(self) -> Decimal | None:
        """An amount granted or paid is more than nothing."""
        amount: Decimal | None = self.cleaned_data["amount"]
        if amount is not None and not amount:
            raise forms.ValidationError("Le montant est plus grand que zéro.")
        return amount


def _written(amount: Decimal | None) -> str:
    return nombre(amount) if amount else ""
