"""Forms of the acts that choose a body: to ask it, to designate it, to prepare a decision."""

from typing import Any, Final

from django import forms

from maillage.common.forms import Day
from maillage.desk import bodies
from maillage.desk.enums import Branch, ConsultationKind, LeadKind
from maillage.desk.forms.acting import ActForm, Subject
from maillage.desk.services.core import in_days


class BodyForm(ActForm):
    """A body chosen among the proposals, the State's services, those that take part, or found by
    its name: « search » looks for it without losing what is typed.
    """

    organisation = forms.ChoiceField(
        label="Quel organisme ?", error_messages={"required": "Choisissez un organisme."}
    )
    search = forms.CharField(
        label="Il n'est pas dans la liste ?", required=False, max_length=100,
        help_text="Cherchez-le par son nom, puis choisissez-le dans la liste ci-dessus.",
    )  # fmt: skip
    offer = forms.SlugField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, subject=subject, **kwargs)
        text = str(self["search"].value() or "").strip()
        self.found = bodies.search(text)
        groups = bodies.merged(
            self.found,
            bodies.of_answer(subject.shown) if subject.shown else [],
            bodies.of_state(subject.demand),
            bodies.of_parties(subject.demand),
        )
        chosen = str(self["organisation"].value() or "")
        self.known = bodies.known(chosen) if chosen else None
        if self.known and chosen not in {v for _, lines in groups for v, _ in lines}:
            groups.insert(0, ("Choisi", [(chosen, self.known.name)]))
        self.fields["organisation"].choices = [("", "Choisissez…"), *groups]

    def first(self, subject: Subject) -> dict[str, Any]:
        """The body that the address names (« ?organisme=p:caue-24&offre=… »)."""
        given = subject.given
        return {"organisation": given.get("organisme", ""), "offer": given.get("offre", "")[:100]}

    def clean_organisation(self) -> str:
        """A body that can answer: what is forged is refused as what is mistaken."""
        chosen: str = self.cleaned_data["organisation"]
        why = bodies.refusal(self.known and self.known.body, self.subject.demand) if chosen else ""
        if why:
            raise forms.ValidationError(why)
        return chosen

    def said(self) -> dict[str, Any]:
        """The body itself, made at its first use."""
        said = super().said()
        said["organisation"] = bodies.body_of(said["organisation"])
        return said


_KINDS: Final = [("", "Selon l'organisme choisi"), *LeadKind.choices]


class Lead(BodyForm):
    """Who would be, or is, the interlocuteur unique."""

    lead_kind = forms.ChoiceField(
        label="À quel titre ?", choices=_KINDS, required=False, widget=forms.RadioSelect
    )
    person = forms.CharField(
        label="Personne à joindre", required=False, max_length=120,
        help_text="Si vous la connaissez : la mairie aura un nom.",
    )  # fmt: skip
    phone = forms.CharField(label="Téléphone", required=False, max_length=30)
    email = forms.EmailField(
        label="Courriel", required=False,
        error_messages={"invalid": "Vérifiez cette adresse : elle doit contenir « @ »."},
    )  # fmt: skip

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, subject=subject, **kwargs)
        if self.known and not self.is_bound:
            for name in ("lead_kind", "phone", "email"):
                if not self.initial.get(name):
                    self.initial[name] = getattr(self.known, name)

    def clean(self) -> dict[str, Any]:
        """Without a quality said, that of the body."""
        data = super().clean() or {}
        if not data.get("lead_kind") and self.known and not self.has_error("lead_kind"):
            data["lead_kind"] = self.known.lead_kind
        return data


class Designate(Lead):
    """The local branch: one interlocuteur unique."""

    reason = forms.CharField(
        label="Ce que vous lui demandez", required=False, widget=forms.Textarea,
        help_text="Il lira ce mot avec la demande de la mairie et ses pièces.",
    )  # fmt: skip
    field_order = ("organisation", "search", "lead_kind", "person", "phone", "email", "reason")

    def first(self, subject: Subject) -> dict[str, Any]:
        """The decision that was prepared, unless the address names a body."""
        first = super().first(subject)
        ready = subject.demand.prepared
        if not first["organisation"] and ready.get("branch") == Branch.LOCAL:
            first |= {
                "organisation": f"o:{ready['organisation']}",
                "lead_kind": ready["lead_kind"],
                "reason": ready["text"],
            }
        return first


class ReplaceLead(Lead):
    """Another interlocuteur unique, while the support goes on."""

    reason = forms.CharField(
        label="Pourquoi l'interlocuteur change-t-il ?", widget=forms.Textarea,
        error_messages={"required": "Dites pourquoi l'interlocuteur change."},
    )  # fmt: skip

    def said(self) -> dict[str, Any]:
        """No offer goes with a change."""
        return {name: value for name, value in super().said().items() if name != "offer"}


class StartSupport(Lead):
    """Who follows, for the delegate, the support that the convention agrees."""

    def said(self) -> dict[str, Any]:
        """No offer goes with a convention."""
        return {name: value for name, value in super().said().items() if name != "offer"}


class Prepare(Lead):
    """A decision made ready for the delegate."""

    branch = forms.ChoiceField(
        label="Quelle voie proposez-vous ?", choices=Branch.choices, widget=forms.RadioSelect,
        error_messages={"required": "Choisissez la réponse locale ou l'appui national."},
    )  # fmt: skip
    text = forms.CharField(
        label="Votre mot au délégué", required=False, widget=forms.Textarea,
        help_text="Pourquoi cette voie, et ce que vous demandez à l'organisme.",
    )  # fmt: skip
    field_order = ("branch", "organisation", "search", "lead_kind", "text")

    def __init__(self, *args: Any, subject: Subject, **kwargs: Any) -> None:
        super().__init__(*args, subject=subject, **kwargs)
        for name in ("person", "phone", "email"):
            del self.fields[name]
        chosen = self.fields["organisation"]
        chosen.required = False
        chosen.label = "Qui serait l'interlocuteur unique ?"
        chosen.help_text = "Pour une réponse locale."

    def first(self, subject: Subject) -> dict[str, Any]:
        """What was prepared before; a body named by the address is a local answer."""
        first = super().first(subject)
        ready = subject.demand.prepared
        if first["organisation"]:
            first["branch"] = Branch.LOCAL
        elif subject.given.get("voie") == Branch.NATIONAL:
            first["branch"] = Branch.NATIONAL
        elif ready:
            body = ready.get("organisation")
            first |= {
                "branch": ready["branch"],
                "organisation": f"o:{body}" if body else "",
                "lead_kind": ready["lead_kind"],
                "text": ready["text"],
            }
        return first

    def said(self) -> dict[str, Any]:
        """A body for a local answer only."""
        data = self.cleaned_data
        local = data["branch"] == Branch.LOCAL and data["organisation"]
        return {
            "branch": data["branch"],
            "organisation": bodies.body_of(data["organisation"]) if local else None,
            "lead_kind": data["lead_kind"] if local else "",
            "text": data["text"],
        }


class Ask(BodyForm):
    """What is asked of a body."""

    kind = forms.ChoiceField(
        label="Que lui demandez-vous ?", widget=forms.RadioSelect,
        choices=[
            (ConsultationKind.HELP, "De prendre en charge la demande, ou une partie"),
            (ConsultationKind.OPINION, "De donner un avis"),
            (ConsultationKind.INFORMATION, "Rien : c'est pour son information"),
        ],
        error_messages={"required": "Dites ce que vous demandez."},
    )  # fmt: skip
    question = forms.CharField(
        label="Votre question", required=False, widget=forms.Textarea,
        help_text="Ce que vous attendez de lui. Inutile si c'est pour information.",
    )  # fmt: skip
    due_on = Day(
        label="Réponse attendue avant le", required=False,
        help_text="Le délai habituel du guichet, si vous ne changez rien.",
    )  # fmt: skip
    with_documents = forms.BooleanField(
        label="Lui montrer les pièces jointes par la mairie", required=False
    )
    field_order = ("kind", "organisation", "search", "question", "due_on", "with_documents")

    def first(self, subject: Subject) -> dict[str, Any]:
        """The kind that the address names, the delay that goes with it."""
        kind = subject.given.get("quoi", "")
        kind = kind if kind in ConsultationKind.values else ConsultationKind.HELP
        desk = subject.demand.desk
        days = desk.provider_days if kind == ConsultationKind.HELP else desk.opinion_days
        return super().first(subject) | {"kind": kind, "due_on": in_days(subject.demand, days)}


class Entrust(BodyForm):
    """The circuit that works already: that of the desk, unless another is chosen."""

    field_order = ("organisation", "search")

    def first(self, subject: Subject) -> dict[str, Any]:
        """The circuit that the desk has declared."""
        circuit = subject.demand.desk.circuit
        first = super().first(subject)
        if circuit is not None and not first["organisation"]:
            first["organisation"] = bodies.value_of(circuit)
        return first

    def said(self) -> dict[str, Any]:
        """The body alone."""
        return {"organisation": super().said()["organisation"]}
