"""The journal in plain words: one sentence for each passage, by who reads it.

The mairie is told of its own request (« votre demande »); the others, of the mairie's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from maillage.common.templatetags.maillage import lettres
from maillage.desk.enums import (
    Branch,
    Channel,
    ConsultationKind,
    LeadKind,
    Outcome,
    Verb,
    Verdict,
)
from maillage.desk.models import JournalEntry
from maillage.desk.perms import Standing


@dataclass(frozen=True, slots=True)
class _Words:
    """A passage in words. ``quote`` names what was written: a key of the data, or « reason »."""

    mairie: str
    others: str
    quote: str = "reason"
    #: False of what was written between the desk and one body: the others do not read it.
    shared: bool = True


V = Verb
#: Word of the journal → its sentences. {…} are keys of the entry's data (see `_known`).
_WORDS: Final[dict[str, _Words]] = {
    V.FILE: _Words("Votre demande est déposée et reçue.", "La mairie dépose sa demande."),
    V.ASK_INFORMATION: _Words(
        "Le guichet vous demande une précision.",
        "Le guichet demande une précision à la mairie.",
        "question",
    ),
    V.GIVE_INFORMATION: _Words(
        "Vous avez donné la précision demandée.", "La mairie donne la précision demandée.", "text"
    ),
    V.QUALIFY: _Words("Le guichet a compris votre besoin.", "Le guichet a qualifié la demande."),
    V.PREPARE: _Words(
        "Le guichet prépare la décision.",
        "Décision préparée pour le délégué territorial : {branch}{for_body}.",
        "text",
        False,
    ),
    V.DESIGNATE: _Words(
        "{body} est désigné pour vous suivre ; sa confirmation est attendue.",
        "{body} est désigné interlocuteur unique{as_kind}.",
        "reason",
        False,
    ),
    V.REPLACE_LEAD: _Words(
        "Votre interlocuteur change : c'est désormais {body}.",
        "L'interlocuteur unique change : c'est désormais {body}{as_kind}.",
        "reason",
        False,
    ),
    V.ACCEPT_LEAD: _Words(
        "Votre interlocuteur accepte de vous suivre : l'accompagnement commence.",
        "L'interlocuteur unique accepte : l'accompagnement commence.",
        "text",
    ),
    V.DECLINE_LEAD: _Words(
        "{body} ne peut pas vous suivre : le guichet cherche quelqu'un d'autre.",
        "{body} décline : la demande revient au guichet.",
        "reason",
        False,
    ),
    V.OPEN_NATIONAL: _Words(
        "Aucune réponse locale ne suffit : l'appui de l'Agence nationale de la cohésion des "
        "territoires (ANCT) est demandé.",
        "L'appui national est demandé, avec sa justification.",
        "explanation",
    ),
    V.SUBMIT: _Words(
        "Le dossier est devant le comité de l'ANCT.",
        "La demande est transmise au comité de l'ANCT.",
    ),
    V.ACCEPT_NATIONAL: _Words(
        "L'ANCT accepte d'appuyer votre projet.", "Le comité de l'ANCT accepte l'appui national."
    ),
    V.REFUSE_NATIONAL: _Words(
        "L'ANCT ne retient pas l'appui national.", "Le comité de l'ANCT refuse l'appui national."
    ),
    V.RETURN_TO_LOCAL: _Words(
        "La recherche reprend près de chez vous.", "La recherche d'une réponse locale reprend."
    ),
    V.SIGN_CONVENTION: _Words(
        "La convention d'appui est signée{on_day}.", "La convention d'appui est signée{on_day}."
    ),
    V.START_SUPPORT: _Words(
        "L'accompagnement commence ; {body} vous suit.",
        "L'accompagnement commence, suivi par {body}{as_kind}.",
    ),
    V.ENTRUST: _Words(
        "Votre demande est confiée à l'organisme qui suit ces demandes dans votre département.",
        "La demande est confiée au circuit existant.",
    ),
    V.CLOSE: _Words(
        "Votre demande est terminée : {outcome}.", "La demande est terminée : {outcome}.", "text"
    ),
    V.WITHDRAW: _Words("Vous avez retiré votre demande.", "La mairie retire sa demande."),
    V.REORIENT: _Words(
        "Le guichet vous oriente vers : {to}.", "La demande est réorientée vers : {to}."
    ),
    V.REOPEN: _Words("Votre demande est rouverte.", "La demande est rouverte."),
    "ask": _Words("{body} est sollicité.", "{body} est sollicité : {kind}.", "question", False),
    "ask_cancelled": _Words(
        "{body} n'est plus sollicité.", "La question posée à {body} est sans objet."
    ),
    "help_accepted": _Words("{body} accepte d'aider.", "{body} accepte d'aider.", "text", False),
    "help_declined": _Words("{body} décline.", "{body} décline.", "text", False),
    "date_proposed": _Words(
        "{body} propose de vous répondre le {day}.", "{body} propose la date du {day}.", "text"
    ),
    "opinion_given": _Words("{body} rend son avis.", "{body} rend son avis.", "text", False),
    "examine": _Words(
        "Une offre locale est examinée.",
        "Offre locale examinée : {title}. Conclusion : {verdict}.",
        "why",
        False,
    ),
    "assign": _Words("Le guichet s'organise pour vous suivre.", "Demande confiée à {agent}."),
    "group": _Words(
        "Votre demande est rapprochée d'une autre.",
        "Demande regroupée avec la demande n° {number}.",
    ),
    "ungroup": _Words(
        "Votre demande est de nouveau suivie à part.", "Demande sortie de son groupe."
    ),
    "confirm_author": _Words(
        "Le guichet a vérifié votre adresse.",
        "Le guichet confirme que l'auteur agit pour la mairie.",
    ),
    "start_project": _Words(
        "Un projet est créé à partir de votre demande, pour en faire le plan de financement.",
        "Projet créé à partir de la demande, pour en faire le plan de financement.",
    ),
    "document_added": _Words("Pièce ajoutée : {name}.", "Pièce ajoutée : {name}."),
    "document_removed": _Words("Pièce retirée : {name}.", "Pièce retirée : {name}."),
    "task_added": _Words("Le guichet note une tâche.", "À faire : {label}."),
    "task_done": _Words("Le guichet a fait une tâche.", "Fait : {label}."),
    "task_undone": _Words("Une tâche reste à faire.", "De nouveau à faire : {label}."),
    "committee_decision": _Words(
        "Votre demande est passée devant le comité local (CLCT){on_held}.",
        "Décision du comité local (CLCT){on_held}.",
        "decision",
    ),
}  # fmt: skip


def sentence(entry: JournalEntry, who: Standing) -> str:
    """What this passage is, in one sentence for this person."""
    words = _WORDS.get(entry.verb)
    if words is None:
        return "Le guichet a fait avancer la demande."
    return (words.mairie if _as_mairie(who) else words.others).format_map(_known(entry))


def quote(entry: JournalEntry, who: Standing) -> str:
    """What was written at this passage, as far as this person may read it; "" when nothing was."""
    words = _WORDS.get(entry.verb)
    if words is None or not (words.shared or who.agent or who.committee or who.administrator):
        return ""
    said = entry.reason if words.quote == "reason" else entry.data.get(words.quote)
    return str(said or "").strip()


@dataclass(frozen=True, slots=True)
class Line:
    """A passage as a page shows it. ``how`` says how it came when not online, and for whom."""

    at: datetime
    by: str
    how: str
    sentence: str
    quote: str
    internal: bool
    new: bool


def lines(
    entries: Iterable[JournalEntry], who: Standing, seen_at: datetime | None = None
) -> list[Line]:
    """The passages in words, latest first; ``new``: told to the mairie after `seen_at`."""
    told = [
        Line(
            at=entry.at,
            by=entry.by_label,
            how=_how(entry),
            sentence=sentence(entry, who),
            quote=quote(entry, who),
            internal=entry.internal,
            new=seen_at is not None and entry.at > seen_at,
        )
        for entry in entries
    ]
    return told[::-1]


def _as_mairie(who: Standing) -> bool:
    return who.applicant and not who.agent


def _how(entry: JournalEntry) -> str:
    parts = [] if entry.channel == Channel.ONLINE else [entry.get_channel_display().lower()]
    if entry.on_behalf_of:
        parts.append(f"pour {entry.on_behalf_of}")
    return ", ".join(parts)


class _Known(dict[str, str]):
    """Words of a sentence; what the entry does not say is left out."""

    def __missing__(self, key: str) -> str:
        return ""


def _known(entry: JournalEntry) -> _Known:
    data: dict[str, Any] = entry.data
    body = str(data.get("organisation_name") or "L'organisme désigné")
    lead_kind = _label(LeadKind, data.get("lead_kind"))
    return _Known(
        {key: str(value) for key, value in data.items() if isinstance(value, str | int)}
        | {
            "body": body,
            "for_body": f", {body}" if data.get("organisation_name") else "",
            "as_kind": f" ({lead_kind.lower()})" if lead_kind else "",
            "branch": _label(Branch, data.get("branch")).lower(),
            "kind": _label(ConsultationKind, data.get("kind")).lower(),
            "verdict": _label(Verdict, data.get("verdict")).lower(),
            "outcome": _label(Outcome, data.get("outcome")).lower(),
            "agent": str(data.get("to") or "personne"),
            "day": _day(data.get("day")),
            "on_held": f" du {_day(data['held_on'])}" if data.get("held_on") else "",
            "on_day": f" le {_day(data['signed_on'])}" if data.get("signed_on") else "",
        }
    )


def _label(words: Any, code: Any) -> str:
    return str(dict(words.choices).get(code, ""))


def _day(text: Any) -> str:
    return lettres(date.fromisoformat(text)) if text else ""
