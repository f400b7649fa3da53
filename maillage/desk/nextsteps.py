"""The one next thing to do on a request, in words and as one button. Nothing is read, nothing done.

« Rien à faire » is an answer too: it says who works on the request, and until when.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from django.urls import reverse

from maillage.common.templatetags.maillage import lettres
from maillage.desk.enums import ConsultationKind, ConsultationState, Hand, State, Verb
from maillage.desk.models import Consultation, Request
from maillage.desk.perms import Standing


@dataclass(frozen=True, slots=True)
class NextStep:
    """What to do (or that there is nothing to), and its button: ``label`` is empty without one."""

    sentence: str
    label: str = ""
    address: str = ""


def next_step(demand: Request, who: Standing, today: date) -> NextStep:
    """What this person may do next on `demand`, as of `today`."""
    if who.applicant:
        return _for_applicant(demand, today)
    if who.lead:
        return _for_lead(demand, today)
    if who.asked:
        page = f"{demand.get_absolute_url()}#repondre"
        return NextStep("Le guichet vous a posé une question.", "Lire et répondre", page)
    return NextStep("Vous lisez cette demande pour information : rien n'est attendu de vous.")


def has_news(demand: Request) -> bool:
    """True when the mairie has been told something that it has not opened (filing aside)."""
    known = known_at(demand)
    return bool(demand.news_at and known and demand.news_at > known)


def known_at(demand: Request) -> datetime | None:
    """Until when the mairie knows what happened: it opened its page, or filed."""
    return max((at for at in (demand.seen_at, demand.filed_at) if at), default=None)


def is_unopened(demand: Request) -> bool:
    """True while the mairie has something to open: the page then says that it has been opened."""
    return not demand.is_draft and (demand.seen_at is None or has_news(demand))


def is_late(demand: Request, today: date) -> bool:
    """True when the next deadline has passed on an open request."""
    return not demand.is_ended and demand.due_on is not None and demand.due_on < today


def state_in_words(demand: Request) -> str:
    """Where the request is, as its mairie is told."""
    return _SAID.get(demand.state) or demand.get_state_display()


_SAID: Final = {
    State.INFORMATION_WANTED: "Une précision vous est demandée",
    State.QUALIFIED: "Comprise",
    State.LOCAL: "Un interlocuteur vous est désigné",
    State.WITHDRAWN: "Retirée",
}

#: What happens while the mairie has nothing to do, by state. {by} is « avant le 27 novembre 2026 ».
_CALM: Final = {
    State.RECEIVED: "Rien à faire : le guichet vous répond{by}.",
    State.QUALIFIED: "Rien à faire : le guichet cherche qui peut vous suivre, et vous le dit{by}.",
    State.LOCAL: "Rien à faire : {lead} confirme{by} qu'il vous suit.",
    State.NATIONAL: "Rien à faire : le délégué territorial, qui représente l'ANCT dans le "
    "département, prépare votre dossier{by}.",
    State.COMMITTEE: "Rien à faire : le comité de l'ANCT se prononce{by}.",
    State.ACCEPTED: "Rien à faire pour l'instant : le guichet prépare la convention d'appui, que "
    "vous signerez. Il vous l'envoie{by}.",
    State.REFUSED: "Rien à faire : le délégué territorial reprend la recherche près de chez vous "
    "et vous répond{by}.",
    State.CONVENTION: "Rien à faire : le guichet vous dit{by} qui vous accompagne.",
}


def _for_applicant(demand: Request, today: date) -> NextStep:
    page = demand.get_absolute_url()
    if demand.is_draft:
        return NextStep("Votre demande n'est pas encore partie.", "Reprendre ma demande", page)
    if demand.state == State.INFORMATION_WANTED:
        asked = f"Le guichet attend une précision de votre part{_by(demand.due_on)}."
        if is_late(demand, today):
            asked = "Le guichet attend toujours votre précision : quelques mots suffisent."
        return NextStep(asked, "Répondre à la question", _act(demand, Verb.GIVE_INFORMATION))
    late = is_late(demand, today) and demand.state != State.ACCOMPANIED
    calm = _overdue(demand) if late else _calm(demand)
    if has_news(demand):
        return NextStep(f"Du nouveau pour vous. {calm}", "Lire les nouvelles", f"{page}#nouvelles")
    if demand.is_ended:
        return NextStep(calm, "Rouvrir ma demande", _act(demand, Verb.REOPEN))
    if demand.state == State.ACCOMPANIED:
        return NextStep(calm, "Écrire à mon interlocuteur", f"{page}#echanges")
    if not late:
        return NextStep(calm)
    phone = demand.desk.phone if demand.desk else ""
    if phone:
        return NextStep(calm, f"Appeler le guichet : {phone}", telephone(phone))
    return NextStep(calm, "Écrire au guichet", f"{page}#echanges")


def _calm(demand: Request) -> str:
    lead = demand.lead.name if demand.lead else "l'interlocuteur désigné"
    if demand.state == State.ACCOMPANIED:
        return f"{lead} vous accompagne. Une question, une difficulté ? Dites-le-lui."
    if demand.state == State.EXISTING_CIRCUIT:
        held = lead if demand.lead else "le circuit qui existe dans votre département"
        return f"Rien à faire : votre demande est suivie par {held}, qui vous contacte."
    if demand.state == State.CLOSED:
        return "C'est terminé. Si ce n'est pas fini pour vous, rouvrez la demande."
    if demand.state == State.WITHDRAWN:
        return "Vous avez retiré cette demande. Si le projet reprend, rouvrez-la."
    if demand.state == State.REORIENTED:
        return f"Adressez-vous à : {demand.reoriented_to}. Si cela ne va pas, rouvrez la demande."
    return _CALM[State(demand.state)].format(lead=lead, by=_by(demand.due_on))


def _overdue(demand: Request) -> str:
    return (
        f"La réponse était attendue avant le {lettres(demand.due_on)} : elle tarde. "
        "Le guichet le sait ; vous pouvez le relancer."
    )


def _for_lead(demand: Request, today: date) -> NextStep:
    page = demand.get_absolute_url()
    if demand.state == State.LOCAL:
        sentence = f"Dites si vous prenez cette demande en charge{_by(demand.due_on)}."
        if is_late(demand, today):
            sentence = f"La mairie attend votre réponse depuis le {lettres(demand.due_on)}."
        return NextStep(sentence, "Répondre", f"{page}#repondre")
    if demand.hand in {Hand.LEAD, Hand.CIRCUIT}:
        return NextStep(
            "Vous suivez cette demande. Quand c'est fini, dites ce que cela a donné.",
            "Terminer l'accompagnement",
            _act(demand, Verb.CLOSE),
        )
    if demand.is_ended:
        return NextStep("Cette demande est terminée. Merci de l'avoir suivie.")
    return NextStep("Rien à faire pour l'instant : le guichet revient vers vous.")


def is_overdue(asked: Consultation, today: date) -> bool:
    """True when a body has not answered in time."""
    return asked.is_open and asked.due_on is not None and asked.due_on < today


def next_answer(asked: Consultation, today: date) -> NextStep:
    """What the body that is asked may do next about what is asked of it."""
    page = f"{asked.request.get_absolute_url()}#repondre"
    if asked.state == ConsultationState.WAITING:
        what = "votre avis" if asked.kind == ConsultationKind.OPINION else "votre réponse"
        if is_overdue(asked, today):
            late = f"{what.capitalize()} était attendu"
            late += "e" if what == "votre réponse" else ""
            return NextStep(f"{late} avant le {lettres(asked.due_on)}.", "Répondre", page)
        return NextStep(f"Le guichet attend {what}{_by(asked.due_on)}.", "Répondre", page)
    if asked.state == ConsultationState.DATE_PROPOSED:
        day = lettres(asked.proposed_on)
        return NextStep(
            f"Vous avez proposé le {day} : dites ensuite si vous acceptez.", "Répondre", page
        )
    return NextStep(_ANSWERED[ConsultationState(asked.state)])


_ANSWERED: Final = {
    ConsultationState.ACCEPTED: "Vous avez accepté.",
    ConsultationState.DECLINED: "Vous avez décliné : le guichet cherche ailleurs.",
    ConsultationState.GIVEN: "Votre avis est rendu.",
    ConsultationState.INFORMED: "Vous êtes informé : vous n'avez pas d'avis à rendre.",
    ConsultationState.CANCELLED: "Le guichet n'attend plus de réponse.",
}


def telephone(number: str) -> str:
    """The address that calls `number`.

    >>> telephone("05 53 00 00 00")
    'tel:0553000000'
    """
    return f"tel:{''.join(c for c in number if c.isdigit() or c == '+')}"


def _act(demand: Request, verb: str) -> str:
    return reverse("requests:act", args=[demand.pk, verb])


def _by(day: date | None) -> str:
    return f" avant le {lettres(day)}" if day else ""
