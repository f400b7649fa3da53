"""The receipt of a request, on one page: what was asked, by whom, and what happens next."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from maillage.common.documents.checking import weight
from maillage.common.templatetags.maillage import euros, lettres, pluriel
from maillage.common.typeset import address_shown, as_pdf, as_read, cut, house
from maillage.desk.enums import Audience, Channel
from maillage.desk.models import Desk, Request

TEMPLATE: Final = Path(__file__).with_suffix(".typ")
#: What keeps it on one page, in the letters that `receipt.typ` chooses; the page on line shows all.
LONGEST_SAID: Final = 800
LONGEST_DETAIL: Final = 110
LONGEST_NAME: Final = 55
LONGEST_STEP: Final = 190
PIECES_SHOWN: Final = 5
STEPS_SHOWN: Final = 5


def receipt_as_pdf(request: Request, next_steps: Sequence[str], address: str) -> bytes:
    """Return the receipt of a filed request as a PDF.

    `next_steps` says what happens next, a sentence each, in order; `address` is that of the page of
    the request, "" when it has none. Raises ``ValueError`` for a draft, which has no number yet.
    """
    return as_pdf(TEMPLATE, _data(request, next_steps, address))


def receipt_as_read(request: Request, next_steps: Sequence[str], address: str) -> dict[str, Any]:
    """What the laid-out receipt says of itself (its metadata), to check it."""
    return as_read(TEMPLATE, _data(request, next_steps, address))


def _data(request: Request, next_steps: Sequence[str], address: str) -> dict[str, Any]:
    if not (request.number and request.received_on and request.desk):
        raise ValueError("A draft has no receipt.")
    return {
        **house(f"Récépissé de la demande n° {request.number}", request.received_on),
        "facts": _facts(request),
        "said": cut(" ".join(request.need.split()), LONGEST_SAID) or "…",
        "said_note": _said_note(request.need, address),
        "details": _details(request),
        "contact": _contact(request),
        "behalf": _behalf(request),
        **_pieces(request),
        "steps": [cut(step, LONGEST_STEP) for step in next_steps[:STEPS_SHOWN]],
        "desk": _desk(request.desk, request.number),
        "address": address,
        "address_shown": address_shown(address),
        "caution": "Ce récépissé atteste que la demande a été reçue ; il n'engage ni aide ni "
        "accord.",
    }  # fmt: skip


def _facts(request: Request) -> list[dict[str, str]]:
    """The three things to be seen at once: who asks, when it came, when the answer will."""
    people = pluriel(request.population, "habitant,habitants") if request.population else ""
    asker = cut(request.asker, LONGEST_NAME)
    answered = request.first_answer_at is not None
    facts = (
        ("Qui demande", f"{asker} ({people})" if people else asker),
        ("Reçue le", f"{lettres(request.received_on)} ({_CAME[Channel(request.channel)]})"),
        ("Première réponse au plus tard le", "" if answered else lettres(request.first_answer_due)),
    )
    return [{"label": label, "text": text} for label, text in facts if text]


#: How it came, after the date.
_CAME: Final = {channel: channel.label[0].lower() + channel.label[1:] for channel in Channel}


def _said_note(need: str, address: str) -> str:
    if len(" ".join(need.split())) <= LONGEST_SAID:
        return ""
    rest = "Le texte a été reçu en entier ; seul son début est imprimé"
    return f"{rest}, la suite est à l'adresse donnée plus bas." if address else f"{rest}."


def _details(request: Request) -> list[dict[str, str]]:
    said = (
        ("Étape", request.get_stage_display()),
        ("Déjà tenté", request.tried),
        ("Calendrier", request.calendar),
        ("Budget", euros(request.budget)),
    )
    return _fields(said)


def _fields(said: Iterable[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"label": label, "text": cut(text, LONGEST_DETAIL)} for label, text in said if text]


def _contact(request: Request) -> list[str]:
    role = f", {request.contact_role}" if request.contact_role else ""
    lines = (f"{request.contact_name}{role}", request.contact_phone, request.contact_email)
    return [cut(line.strip(" ,"), LONGEST_NAME) for line in lines if line.strip(" ,")]


def _behalf(request: Request) -> str:
    if not request.on_behalf:
        return ""
    return (
        "Demande saisie par le guichet pour le compte de la mairie : dites-nous ce qui serait à "
        "corriger."
    )


def _pieces(request: Request) -> dict[str, Any]:
    kept = [a for a in request.attachments.all() if a.audience == Audience.APPLICANT]
    left = len(kept) - PIECES_SHOWN
    return {
        "pieces": [
            {"name": cut(piece.name, LONGEST_NAME), "weight": weight(piece.size)}
            for piece in kept[:PIECES_SHOWN]
        ],
        "pieces_more": f"Et {pluriel(left, 'autre pièce,autres pièces')}." if left > 0 else "",
    }


def _desk(desk: Desk, number: str) -> dict[str, Any]:
    lines = (
        ("Téléphone", desk.phone), ("Courriel", desk.email), ("Adresse", desk.address),
    )  # fmt: skip
    return {
        "name": cut(desk.name, 2 * LONGEST_NAME),
        "lines": _fields(lines),
        "remember": f"Pour toute question, donnez le numéro {number}.",
    }
