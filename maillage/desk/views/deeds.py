"""Every act on a request, as one table: its form, its service, and what is said around them.

A line of the table makes a page (`acting`): its title, what will happen, the form, the button.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.forms import Form

from maillage.desk.enums import Verb
from maillage.desk.forms import acting, choosing, national
from maillage.desk.models import Request
from maillage.desk.services import consultations, exchanges, filing, local, qualifying
from maillage.desk.services import national as national_services
from maillage.desk.services.core import Act

Do = Callable[[Request, Act, Any], object]


@dataclass(frozen=True, slots=True)
class Deed:
    """An act: its form, what does it, and its words.

    ``consequences`` say what will happen (with {mairie}, {lead}, {provider_days}…); ``done`` is
    said after. ``shows``: the proposals on screen are kept with it. ``final``: it ends something,
    and its button is red. ``anchor``: where one comes back to on the page.
    """

    form: type[Form]
    do: Do
    title: str
    button: str
    done: str
    consequences: tuple[str, ...] = ()
    shows: bool = False
    final: bool = False
    anchor: str = ""


def _by(service: Callable[..., object]) -> Do:
    """Tell a service what its form says."""

    def do(demand: Request, act: Act, form: Any) -> object:
        return service(request=demand, act=act, **form.said())

    return do


def _alone(service: Callable[..., object]) -> Do:
    """Tell a service nothing more than the act (its reason is in it)."""

    def do(demand: Request, act: Act, form: Any) -> object:
        return service(request=demand, act=act)

    return do


def _assign(demand: Request, act: Act, form: Any) -> object:
    return qualifying.assign(requests=[demand], by=act.by, **form.said())


def _sign(demand: Request, act: Act, form: Any) -> object:
    data = form.cleaned_data
    return national_services.sign_with_file(
        request=demand, act=act, signed_on=data["signed_on"], upload=data["file"]
    )


_TOLD: Final = "{mairie} en est informée, par un message et par courriel."
_MOVES: Final = "La demande revient au guichet."

DEEDS: Final[dict[str, Deed]] = {
    Verb.QUALIFY: Deed(
        acting.Qualify, _by(qualifying.qualify), "Qualifier la demande", "Enregistrer",
        "La demande est qualifiée : choisissez maintenant la suite.",
        (
            "La première fois, {mairie} apprend que sa demande est comprise.",
            "Les propositions sont recalculées avec l'étape que vous retenez.",
            "Si personne ne suit la demande, elle est à vous.",
        ),
        shows=True, anchor="decision",
    ),
    Verb.ASK_INFORMATION: Deed(
        acting.AskInformation, _by(qualifying.ask_information),
        "Demander une précision à la mairie", "Envoyer la question",
        "Votre question est partie.",
        ("{mairie} reçoit votre question et a la main.",
         "Elle peut répondre en ligne, ou par téléphone : vous noterez alors sa réponse."),
    ),
    Verb.GIVE_INFORMATION: Deed(
        acting.GiveInformation, _by(qualifying.give_information), "Répondre à la précision",
        "Envoyer la réponse", "La réponse est enregistrée.",
        ("Le guichet reprend la demande avec cette réponse.",),
    ),
    Verb.PREPARE: Deed(
        choosing.Prepare, _by(qualifying.prepare), "Proposer une décision au délégué",
        "Proposer au délégué", "Votre proposition attend le délégué.",
        ("Le délégué territorial et ses adjoints qui ont délégation sont prévenus : ils trouvent "
         "votre proposition déjà remplie, et décident.",
         "La mairie n'en est pas informée."),
        shows=True, anchor="decision",
    ),
    Verb.DESIGNATE: Deed(
        choosing.Designate, _by(local.designate), "Désigner l'interlocuteur unique",
        "Désigner cet interlocuteur", "L'interlocuteur est désigné et prévenu.",
        ("L'organisme est prévenu ; il a {provider_days} jours ouvrés pour accepter ou décliner.",
         "{mairie} apprend qui la suivra, et comment le joindre.",
         "La désignation sera dite au prochain comité local de cohésion territoriale (CLCT)."),
        shows=True, anchor="interlocuteur",
    ),
    Verb.REPLACE_LEAD: Deed(
        choosing.ReplaceLead, _by(local.replace_lead), "Changer d'interlocuteur unique",
        "Changer d'interlocuteur", "L'interlocuteur est changé.",
        ("{lead} ne suit plus la demande, et en est prévenu.",
         "Le nouvel interlocuteur et {mairie} sont prévenus. L'accompagnement continue."),
        anchor="interlocuteur",
    ),
    Verb.ACCEPT_LEAD: Deed(
        acting.AcceptLead, _by(local.accept_lead), "Accepter le suivi", "Accepter le suivi",
        "C'est noté : l'accompagnement commence.",
        ("{mairie} et le guichet apprennent que {lead} suit la demande.",),
        anchor="interlocuteur",
    ),
    Verb.DECLINE_LEAD: Deed(
        acting.DeclineLead, _alone(local.decline_lead), "Décliner le suivi", "Décliner",
        "C'est noté : le guichet cherche un autre interlocuteur.",
        (_MOVES, "Le guichet et le délégué voient les propositions suivantes ; {mairie} n'est pas "
         "encore prévenue."),
        final=True,
    ),
    Verb.OPEN_NATIONAL: Deed(
        national.OpenNational, _by(national_services.open_national), "Demander l'appui national",
        "Demander l'appui national", "L'appui national est demandé.",
        ("Les offres locales examinées et vos motifs sont gardés tels quels.",
         "{mairie} l'apprend, avec votre explication.",
         "Il reste ensuite à transmettre le dossier au comité de l'ANCT."),
        shows=True, anchor="decision",
    ),
    Verb.SUBMIT: Deed(
        acting.Reason, _alone(national_services.submit), "Transmettre au comité de l'ANCT",
        "Transmettre au comité", "La demande est devant le comité de l'ANCT.",
        ("Le comité lit désormais la demande, les offres examinées, vos motifs et les pièces de "
         "la mairie.",
         "{mairie} le lit dans l'historique de sa demande."),
        shows=True, anchor="decision",
    ),
    Verb.ACCEPT_NATIONAL: Deed(
        national.AcceptNational, _alone(national_services.accept_national),
        "Accepter l'appui national", "Accepter l'appui", "L'appui national est accepté.",
        ("Le délégué, le guichet et {mairie} en sont prévenus.",
         "Le guichet prépare la convention d'appui opérationnel."),
        shows=True,
    ),
    Verb.REFUSE_NATIONAL: Deed(
        national.RefuseNational, _alone(national_services.refuse_national),
        "Refuser l'appui national", "Refuser l'appui", "L'appui national est refusé.",
        ("Le délégué, le guichet et {mairie} lisent votre motif.",
         "Le délégué reprend la recherche locale."),
        shows=True, final=True,
    ),
    Verb.RETURN_TO_LOCAL: Deed(
        acting.Reason, _alone(national_services.return_to_local), "Reprendre la recherche locale",
        "Reprendre la recherche locale", "La recherche locale reprend.",
        ("La demande d'appui national est abandonnée ; ce qui a été examiné reste gardé.", _TOLD),
        shows=True, anchor="decision",
    ),
    Verb.SIGN_CONVENTION: Deed(
        national.SignConvention, _sign, "Enregistrer la convention signée",
        "Enregistrer la convention", "La convention signée est enregistrée.",
        ("Son texte ne se modifie plus, et l'exemplaire signé est conservé.",
         "{mairie}, le comité et le délégué en sont prévenus."),
        anchor="decision",
    ),
    Verb.START_SUPPORT: Deed(
        choosing.StartSupport, _by(national_services.start_support),
        "Commencer l'accompagnement", "Commencer l'accompagnement", "L'accompagnement commence.",
        ("{mairie} apprend qui la suit pour le délégué territorial, et comment le joindre.",),
        anchor="interlocuteur",
    ),
    Verb.ENTRUST: Deed(
        choosing.Entrust, _by(qualifying.entrust), "Confier au circuit existant",
        "Confier la demande", "La demande est confiée au circuit existant.",
        ("L'organisme choisi suit la demande ; le guichet est informé et la compte, sans la "
         "porter.", _TOLD),
        final=True,
    ),
    Verb.CLOSE: Deed(
        acting.Close, _by(qualifying.close), "Terminer la demande", "Terminer la demande",
        "La demande est terminée.",
        ("{mairie} lit ce que cela a donné. Elle peut rouvrir sa demande.",
         "Ce qui était encore demandé à des organismes devient sans objet."),
        shows=True, final=True,
    ),
    Verb.WITHDRAW: Deed(
        acting.Withdraw, _alone(qualifying.withdraw), "Retirer la demande", "Retirer la demande",
        "La demande est retirée.",
        ("Le guichet et ceux qui s'en occupaient s'arrêtent.",
         "La demande reste gardée et peut être rouverte."),
        final=True,
    ),
    Verb.REORIENT: Deed(
        acting.Reorient, _by(qualifying.reorient), "Réorienter la demande",
        "Réorienter la demande", "La demande est réorientée.",
        ("Le guichet ne suit plus cette demande : {mairie} s'adresse elle-même à l'organisme.",
         "{mairie} lit votre explication. Elle peut rouvrir sa demande."),
        shows=True, final=True,
    ),
    Verb.REOPEN: Deed(
        acting.Reopen, _alone(qualifying.reopen), "Rouvrir la demande", "Rouvrir la demande",
        "La demande est rouverte.",
        ("Elle revient au guichet, qui a {first_answer_days} jours ouvrés pour répondre.",
         "L'historique est gardé ; il n'y a plus d'interlocuteur désigné."),
    ),
}  # fmt: skip

#: The desk's work, which does not move the request.
WORK: Final[dict[str, Deed]] = {
    "ask": Deed(
        choosing.Ask, _by(consultations.ask), "Solliciter un organisme", "Envoyer", "C'est envoyé.",
        ("L'organisme lit le besoin de la mairie et votre question, rien d'autre.",
         "Sans réponse à temps, il est relancé une fois ; ensuite, c'est à vous que nous le "
         "disons."),
        anchor="avis",
    ),
    "confirm_author": Deed(
        acting.Nothing, _alone(filing.confirm_author), "Confirmer l'adresse de la mairie",
        "Je confirme", "L'adresse est confirmée.",
        ("Vous dites que {author} agit bien pour {mairie}.",
         "Cette personne lira désormais toutes les demandes de {mairie}. Dans le doute, appelez "
         "la mairie au numéro que vous connaissez."),
    ),
    "assign": Deed(
        acting.Assign, _assign, "Confier la demande à quelqu'un", "Confier", "C'est noté.",
        ("La personne choisie est prévenue, et la trouve dans « Les miennes ».",),
    ),
    "task": Deed(
        acting.Task, _by(exchanges.add_task), "Ajouter une tâche", "Ajouter", "La tâche est notée.",
        anchor="taches",
    ),
    "group": Deed(
        acting.Group, _by(qualifying.group), "Regrouper avec une autre demande", "Regrouper",
        "Les demandes sont regroupées.",
        ("Les deux demandes restent ouvertes. Vous pourrez terminer celle-ci comme doublon.",),
        anchor="proches",
    ),
    "ungroup": Deed(
        acting.Nothing, _alone(qualifying.ungroup), "Sortir la demande du groupe",
        "Sortir du groupe", "La demande est de nouveau suivie à part.", anchor="proches",
    ),
}  # fmt: skip


def deed_of(word: str) -> Deed | None:
    """The act of this word; ``None`` when there is none."""
    return DEEDS.get(word) or WORK.get(word)


def consequences(deed: Deed, demand: Request) -> list[str]:
    """What will happen, in sentences."""
    desk = demand.desk
    words = {
        "mairie": _bearer(demand),
        "lead": demand.lead.name if demand.lead else "l'interlocuteur désigné",
        "author": str(demand.created_by or "cette personne"),
        "provider_days": desk.provider_days if desk else "",
        "first_answer_days": desk.first_answer_days if desk else "",
    }
    return [
        f"{text[:1].upper()}{text[1:]}"
        for text in (sentence.format_map(words) for sentence in deed.consequences)
    ]


def _bearer(demand: Request) -> str:
    return "l'intercommunalité" if demand.bearer_kind == "epci" else "la mairie"
