"""The agenda and the minutes (relevé de décisions) of the CLCT, as PDF or as ODT.

Both formats say the same: they are made from one set of words (`_words`).
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from maillage.common.odt import BLANK, Paper
from maillage.common.templatetags.maillage import lettres, pluriel
from maillage.common.typeset import as_pdf, as_read, cut, house, paragraphs
from maillage.desk.models import AgendaItem, CommitteeSession

TEMPLATE: Final = Path(__file__).with_suffix(".typ")
KINDS: Final = ("pdf", "odt")
LONGEST_NEED: Final = 400
_NOTHING: Final = "Aucune demande n'est à l'ordre du jour."


def agenda_as(session: CommitteeSession, items: Sequence[AgendaItem], kind: str) -> bytes:
    """The agenda, in the format `kind` (pdf, odt). Raises ``ValueError`` for another."""
    return _as(_agenda(session, items), session, kind)


def minutes_as(session: CommitteeSession, items: Sequence[AgendaItem], kind: str) -> bytes:
    """The minutes: who was there, what was said, what was decided of each request."""
    return _as(_minutes(session, items), session, kind)


def agenda_as_read(session: CommitteeSession, items: Sequence[AgendaItem]) -> dict[str, Any]:
    """What the laid-out agenda says of itself (its metadata), to check it."""
    return as_read(TEMPLATE, _printed(_agenda(session, items), session))


def minutes_as_read(session: CommitteeSession, items: Sequence[AgendaItem]) -> dict[str, Any]:
    """What the laid-out minutes say of themselves (their metadata), to check them."""
    return as_read(TEMPLATE, _printed(_minutes(session, items), session))


def _as(words: dict[str, Any], session: CommitteeSession, kind: str) -> bytes:
    if kind not in KINDS:
        raise ValueError(f"No such format: {kind}")
    if kind == "odt":
        return _odt(words, session)
    return as_pdf(TEMPLATE, _printed(words, session))


def _printed(words: dict[str, Any], session: CommitteeSession) -> dict[str, Any]:
    return {**words, **house(words["title"], session.held_on)}


# -- The words


def _agenda(session: CommitteeSession, items: Sequence[AgendaItem]) -> dict[str, Any]:
    return _words(session, f"Ordre du jour du CLCT du {lettres(session.held_on)}", [
        _item(number, item, [("Pourquoi elle est à l'ordre du jour", item.why)])
        for number, item in enumerate(items, 1)
    ])  # fmt: skip


def _minutes(session: CommitteeSession, items: Sequence[AgendaItem]) -> dict[str, Any]:
    decided = [
        _item(number, item, [
            ("À l'ordre du jour", item.why),
            ("Décision", item.decision or "Pas de décision à cette séance"),
            ("Suite à donner", item.task),
        ])
        for number, item in enumerate(items, 1)
    ]  # fmt: skip
    title = f"Relevé de décisions du CLCT du {lettres(session.held_on)}"
    words = _words(session, title, decided)
    parts = [("Présents", paragraphs(session.present) or [BLANK])]
    if session.minutes.strip():
        parts.append(("Ce qui a été dit", paragraphs(session.minutes)))
    words["parts"] = [{"title": title, "paragraphs": lines} for title, lines in parts]
    words["items_title"] = "Décisions"
    return words


def _words(session: CommitteeSession, title: str, items: list[dict[str, Any]]) -> dict[str, Any]:
    count = pluriel(len(items), "demande,demandes")
    return {
        "title": title,
        "facts": [session.desk.name, session.place, count],
        "parts": [],
        "items_title": "Demandes à examiner",
        "items": items,
        "nothing": _NOTHING,
    }


def _item(number: int, item: AgendaItem, fields: list[tuple[str, str]]) -> dict[str, Any]:
    request = item.request
    people = pluriel(request.population, "habitant,habitants") if request.population else ""
    received = f"reçue le {lettres(request.received_on)}" if request.received_on else ""
    lead = request.lead.name if request.lead else ""
    told = [*fields, ("Interlocuteur unique", lead)]
    return {
        "title": f"{number}. {cut(request.asker, 120)}",
        "facts": [f"n° {request.number}", people, received, request.get_state_display()],
        "need": cut(" ".join(request.need.split()), LONGEST_NEED),
        "fields": [{"label": label, "text": text} for label, text in told if text],
    }


def _odt(words: dict[str, Any], session: CommitteeSession) -> bytes:
    paper = Paper(words["title"], session.held_on)
    paper.head(_dotted(words["facts"]))
    for part in words["parts"]:
        paper.heading(part["title"])
        paper.text("\n".join(part["paragraphs"]))
    paper.heading(words["items_title"])
    if not words["items"]:
        paper.text(words["nothing"])
    for item in words["items"]:
        paper.heading(item["title"], 2)
        paper.note(_dotted(item["facts"]))
        paper.quote(item["need"])
        for field in item["fields"]:
            paper.field(field["label"], field["text"])
    return paper.octets()


def _dotted(facts: list[str]) -> str:
    return "  ·  ".join(fact for fact in facts if fact)
