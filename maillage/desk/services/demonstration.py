"""The demonstration's desk: invented requests of real communes, carried by the true verbs.

Everything is done by the services, as people would do it, then dated back: what is shown is what
the tool does. It exists in the demonstration only, and goes with it.
"""

from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import F
from django.utils.timezone import localdate, now

from maillage.accounts.demonstration import DEMO_ACCOUNTS
from maillage.accounts.models import Organisation, User
from maillage.common.workdays import add_working_days
from maillage.desk import snapshots
from maillage.desk.enums import (
    Audience,
    Channel,
    ConsultationKind,
    Ground,
    LeadKind,
    NeedLevel,
    Outcome,
    State,
    Verdict,
)
from maillage.desk.models import AgendaItem, CommitteeSession, Desk, FilingLink, Request
from maillage.desk.services import consultations, desks, exchanges, filing, local, national
from maillage.desk.services import qualifying as q
from maillage.desk.services.core import Act

_TERRITORY: Final = "dep:24"
_AGENT, _DELEGATE, _MAIRIE = "guichet@exemple.test", "delegue@exemple.test", "mairie@exemple.test"
_PROVIDER, _COMMITTEE = "offreur@exemple.test", "comite@exemple.test"

#: Commune, need, days ago, how it came, and how far it went (see `_carry`).
_REQUESTS: Final[tuple[tuple[str, str, int, str, str], ...]] = (
    ("24061", "On voudrait rouvrir le bistrot dans l'ancienne école, avec deux logements au-dessus",
     24, Channel.ONLINE, "accompanied"),
    ("24061", "Le mur du cimetière penche sur la route, on ne sait pas par quoi commencer",
     1, Channel.ONLINE, "received"),
    ("24571", "Rafraîchir la cour de l'école et y planter des arbres", 12, Channel.ONLINE,
     "opinion"),
    ("24240", "Trouver un médecin : le docteur part en retraite au printemps", 9, Channel.PHONE,
     "received"),
    ("24330", "L'école est une passoire, on chauffe pour rien et la chaudière a trente ans",
     18, Channel.ONLINE, "local"),
    ("24582", "Le pont sur le ruisseau est interdit aux camions, le ramassage ne passe plus",
     47, Channel.PAPER, "committee"),
    ("24280", "Refaire la place du bourg pour que les gens s'y arrêtent", 60, Channel.ONLINE,
     "closed"),
    ("24269", "Une maison pour les anciens qui ne veulent pas quitter le village", 33,
     Channel.ONLINE, "qualified"),
    ("24354", "On a une friche de deux hectares à l'entrée, l'ancien séchoir à tabac", 40,
     Channel.PHONE, "declined"),
    ("24443", "L'eau de la source est polluée aux nitrates, l'ARS nous demande un plan", 6,
     Channel.ONLINE, "information"),
    ("24553", "L'ancien viaduc se fissure : on voudrait y faire passer une voie verte", 75,
     Channel.ONLINE, "convention"),
    ("24365", "La cantine : cuisiner sur place avec les maraîchers d'à côté", 15, Channel.VISIT,
     "qualified"),
)  # fmt: skip


@transaction.atomic
def load_demo_desk() -> int:
    """Open the demonstration's desk and its requests, once; return how many requests it has.

    A real desk of the same territory is left alone.
    """
    if Desk.objects.filter(territory=_TERRITORY, invented=False).exists():
        return 0
    desk = _open_desk()
    held = Request.objects.filter(desk=desk)
    if not held.filter(created_by__email__in=_emails()).exists():
        for code, need, days, channel, far in _REQUESTS:
            _carry(code, need, days, channel, far)
        CommitteeSession.objects.create(
            desk=desk, held_on=localdate() + timedelta(days=12), place="Préfecture, Périgueux"
        )
    return held.count()


@transaction.atomic
def retire_demo_desk() -> None:
    """Close the invented desks, and erase what the invented people had filed there."""
    invented = Desk.objects.filter(invented=True)
    requests = Request.objects.filter(created_by__email__in=_emails())
    AgendaItem.objects.filter(request__in=requests).delete()
    CommitteeSession.objects.filter(desk__in=invented, items=None).delete()
    FilingLink.objects.filter(desk__in=invented).delete()
    for request in requests.prefetch_related("attachments"):
        for attachment in request.attachments.all():
            attachment.file.delete(save=False)
    requests.delete()
    invented.update(is_open=False)


def _emails() -> list[str]:
    return [account.email for account in DEMO_ACCOUNTS]


def _open_desk() -> Desk:
    holder = Organisation.objects.get(name="Préfecture de la Dordogne")
    desk, _ = Desk.objects.update_or_create(
        territory=_TERRITORY,
        defaults={"is_open": True},
        create_defaults={
            "territory": _TERRITORY, "invented": True, "is_open": True, "organisation": holder,
            "name": "Guichet de l'ingénierie de la Dordogne (démonstration)",
            "phone": "05 00 00 00 24",
        },
    )  # fmt: skip
    desk.pilots.add(desks.body_for_provider("ddt-24"))
    neighbour = Organisation.objects.filter(name="Préfecture du Lot").first()
    if neighbour is not None:
        desk.informed.add(neighbour)
    return desk


def _user(email: str) -> User:
    return User.objects.get(email=email)


def _carry(code: str, need: str, days: int, channel: str, far: str) -> None:
    """File a request and carry it as `far` as asked, then date it back by `days` days."""
    agent = _user(_AGENT)
    mine = code == "24061"
    author = _user(_MAIRIE) if mine else agent
    request = filing.start_draft(
        by=author, need=need, code=code, on_behalf=not mine, channel=channel, stage="faisabilite"
    )
    filing.save_draft(
        request=request, by=author, contact_name="Secrétariat de mairie", contact_role="Secrétaire",
        contact_phone="05 00 00 00 61", contact_email="" if not mine else author.email,
        tried="Nous en avons parlé au conseil.", calendar="Commencer l'an prochain.",
        staff="Une secrétaire à mi-temps, un agent technique.",
    )  # fmt: skip
    request = filing.file_request(
        request=request,
        act=Act(by=author, channel=channel, on_behalf_of="" if mine else "la mairie"),
    )
    if far != "received":
        _WAYS[far](request)
    _date_back(request, days)


def _qualify(request: Request) -> dict[str, Any]:
    agent = _user(_AGENT)
    shown = snapshots.answer_for(request, localdate())
    kept = snapshots.kept(shown)
    themes = list(shown.orientation.understanding.themes[:2]) or ["services"]
    q.qualify(
        request=request, act=Act(by=agent, shown=kept), themes=themes, phase="faisabilite",
        level=NeedLevel.METHOD, note="Vu avec la secrétaire de mairie.",
    )  # fmt: skip
    return kept


def _information(request: Request) -> None:
    q.ask_information(
        request=request, act=Act(by=_user(_AGENT)),
        question="De quand date le dernier contrôle, et combien de foyers sont concernés ?",
    )  # fmt: skip


def _opinion(request: Request) -> None:
    _qualify(request)
    consultations.ask(
        request=request, act=Act(by=_user(_AGENT)), kind=ConsultationKind.OPINION,
        organisation=desks.body_for_provider("demo24-caue"),
        question="Peut-on planter sans refaire les réseaux ?", with_documents=True,
    )  # fmt: skip


def _local(request: Request) -> None:
    kept = _qualify(request)
    local.designate(
        request=request, act=Act(by=_user(_DELEGATE), shown=kept,
                                 reason="L'agence a un technicien du bâtiment disponible."),
        organisation=desks.body_for_provider("demo24-atd"), lead_kind=LeadKind.LOCAL_PROVIDER,
        phone="05 00 00 00 40",
    )  # fmt: skip


def _accompanied(request: Request) -> None:
    _local(request)
    local.accept_lead(
        request=request, act=Act(by=_user(_PROVIDER)), text="Je passe voir les lieux mardi."
    )
    exchanges.post_message(
        request=request, act=Act(by=_user(_PROVIDER)), audience=Audience.APPLICANT,
        body="Merci pour l'accueil. Pouvez-vous envoyer le plan de l'ancienne école ?",
    )  # fmt: skip


def _closed(request: Request) -> None:
    _local(request)
    local.accept_lead(request=request, act=Act(by=_user(_PROVIDER)))
    q.close(
        request=request, act=Act(by=_user(_AGENT)), outcome=Outcome.STARTED,
        text="Le programme est écrit ; la consultation des maîtres d'œuvre est lancée.",
    )  # fmt: skip


def _declined(request: Request) -> None:
    _local(request)
    local.decline_lead(
        request=request,
        act=Act(by=_user(_PROVIDER), reason="Nous n'intervenons pas sur la dépollution."),
    )


def _committee(request: Request) -> None:
    _qualify(request)
    for line in national.to_examine(request):
        national.examine(
            request=request, act=Act(by=_user(_AGENT)), offer=line["offer"], title=line["title"],
            provider=line["provider"], level=line["level"], verdict=Verdict.DOES_NOT,
            why="Pas de compétence en ouvrages d'art, confirmé par téléphone.",
        )  # fmt: skip
    national.open_national(
        request=request, act=Act(by=_user(_DELEGATE)), grounds=[Ground.RARE],
        explanation="L'expertise d'ouvrage d'art n'existe pas dans le département.",
        support="Diagnostic de l'ouvrage et scénarios de réparation.", none_found=True,
    )  # fmt: skip
    national.submit(request=request, act=Act(by=_user(_DELEGATE)))


def _convention(request: Request) -> None:
    _committee(request)
    national.accept_national(
        request=request, act=Act(by=_user(_COMMITTEE), reason="Appui de six mois.")
    )


_WAYS: Final = {
    "qualified": _qualify,
    "information": _information,
    "opinion": _opinion,
    "local": _local,
    "accompanied": _accompanied,
    "closed": _closed,
    "declined": _declined,
    "committee": _committee,
    "convention": _convention,
}


def _date_back(request: Request, days: int) -> None:
    """Move the request and its passages `days` days into the past, as if they had taken time."""
    back = timedelta(days=days)
    request.refresh_from_db()
    received = localdate() - back
    department = request.desk.department
    request.filed_at = now() - back
    request.received_on = received
    request.first_answer_due = add_working_days(
        received, request.desk.first_answer_days, department
    )
    if request.due_on:
        request.due_on = add_working_days(request.due_on - back / 3, 0, department)
    if request.state == State.RECEIVED:
        request.news_at = request.filed_at
    elif request.news_at:
        request.news_at = request.filed_at + back / 3
    if request.first_answer_at:
        request.first_answer_at = request.filed_at + back / 3
    if days % 2:
        request.seen_at = now()
    if request.state == State.CLOSED:
        request.ended_at = now() - back / 6
    request.save()
    passages = list(request.journal.order_by("rank"))
    for n, passage in enumerate(passages):
        at = request.filed_at + (back * n) / max(1, len(passages))
        request.journal.filter(pk=passage.pk).update(at=at)
    request.justifications.exclude(decided_at=None).update(decided_at=F("decided_at") - back / 6)
    request.messages.update(created_at=F("created_at") - back / 4)
    request.consultations.update(created_at=F("created_at") - back / 2)
    request.consultations.exclude(due_on=None).update(due_on=F("due_on") - back / 3)
    request.consultations.exclude(answered_at=None).update(answered_at=F("answered_at") - back / 3)
