"""The answer on paper: A4, one to three pages (see `papers.typeset`)."""

from datetime import date
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from maillage.common.templatetags.maillage import lettres, nombre, pluriel
from maillage.common.typeset import address_shown, as_pdf, as_read, cut, house
from maillage.desk.orientation import Answer, Card, Ring
from maillage.desk.wording import set_aside_sentence
from maillage.engine.types import Territory
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory

TEMPLATE: Final = Path(__file__).with_name("orientation.typ")
#: What keeps the document within three pages; the page on line shows everything.
LONGEST_SAID: Final = 900
LONGEST_TEXT: Final = 420
CARDS_BY_RING: Final = 3
MOST_CARDS: Final = 8
FUNDING_SHOWN: Final = 6
EXPERIENCES_SHOWN: Final = 2


def answer_as_pdf(answer: Answer, today: date, address: str) -> bytes:
    """Return `answer` as a PDF. `address` is the page's own, "" when it has none."""
    return as_pdf(TEMPLATE, _data(answer, today, address))


def answer_as_read(answer: Answer, today: date, address: str) -> dict[str, Any]:
    """Return what the laid-out document says of itself (its metadata), to check it."""
    return as_read(TEMPLATE, _data(answer, today, address))


def _data(answer: Answer, today: date, address: str) -> dict[str, Any]:
    who = answer.territory.name if answer.territory else "votre commune"
    return {
        **house(f"Qui peut aider {who} ?", today),
        "facts": _facts(answer.territory),
        "said": cut(answer.need.text, LONGEST_SAID) or "…",
        "said_note": _said_note(answer.need.text, address),
        "understood": _understood(answer),
        "advice": answer.orientation.branch.sentence,
        "grounds": list(answer.orientation.branch.grounds),
        "demonstration": _DEMONSTRATION if answer.demonstration else "",
        "rings": _rings(answer.rings),
        "no_help": "Aucun organisme du catalogue ne répond à ce besoin tel qu'il est dit. "
        "Le guichet, lui, répond toujours.",
        "funding": [_funding(card) for card in answer.funding[:FUNDING_SHOWN]],
        "funding_more": _more(len(answer.funding) - FUNDING_SHOWN, "autre aide", "autres aides"),
        "no_funding": "Aucun financement du catalogue ne correspond clairement : demandez au "
        "guichet ou au Département, toutes les aides locales n'y sont pas encore.",
        "experiences": _experiences(answer),
        "set_aside": set_aside_sentence(answer),
        "desk": _desk(answer.desk),
        "no_desk": "Demandez « le guichet de l'ingénierie » au standard de votre préfecture.",
        "address": address,
        "address_shown": address_shown(address),
        "caution": "Chaque information porte son état. « À confirmer par l'offreur » : elle vient "
        "d'un document public et n'a pas encore été vérifiée par l'organisme. Ce document "
        "n'engage ni aide ni accord.",
    }


_DEMONSTRATION: Final = (
    "Les propositions marquées « Démonstration » sont inventées pour montrer l'outil : elles ne "
    "sont pas à présenter au conseil."
)


def _facts(territory: Territory | None) -> str:
    """« 126 habitants · CA Le Grand Périgueux · Dordogne »."""
    if territory is None:
        return "Sans commune : seules les réponses valables partout sont données"
    facts = []
    if territory.population is not None:
        facts.append(pluriel(territory.population, "habitant,habitants"))
    known = directory()
    commune = known.communes.get(territory.code)
    if commune is not None:
        if commune.epci:
            facts.append(known.epcis[commune.epci].name)
        facts.append(f"{known.departments[commune.department].name} ({commune.department})")
    else:
        facts += [known.departments[code].name for code in known.departments_of(territory.code)]
    return "  ·  ".join(facts)


def _said_note(said: str, address: str) -> str:
    if len(said) <= LONGEST_SAID:
        return ""
    rest = "Le texte a été lu en entier ; seul son début est imprimé"
    return f"{rest}, la suite est à l'adresse donnée à la fin." if address else f"{rest}."


def _understood(answer: Answer) -> dict[str, Any]:
    found = answer.orientation.understanding
    if found.empty:
        heading = "Nous n'avons pas compris de quoi il s'agit"
    elif found.confident:
        heading = "Ce que nous avons compris"
    else:
        heading = "Ce que nous croyons avoir compris, sans en être sûrs"
    named = ", ".join(t.label for t in found.types)
    if not named and not found.themes:
        named = "à dire en une phrase, avec un lieu et un verbe : « réparer le pont »…"
    lines = [
        ("Votre projet", named),
        ("Thèmes", ", ".join(THEMES[t] for t in found.themes if t in THEMES)),
        ("Étape", PHASES.get(answer.need.phase or found.phase or "", "")),
        ("Nous avons lu", " ; ".join(_readings(answer))),
        ("Par quoi commencer", found.types[0].first_step if found.types else ""),
    ]
    return {
        "heading": heading,
        "lines": [
            {"label": label, "text": cut(text, LONGEST_TEXT)} for label, text in lines if text
        ],
    }


def _readings(answer: Answer) -> list[str]:
    found = answer.orientation.understanding
    read = [f"« {r.said} » comme {', '.join(r.read_as)}" for r in found.readings[:4]]
    return read + [f"« {c.written} » comme « {c.corrected} »" for c in found.corrections[:4]]


def _rings(rings: tuple[Ring, ...]) -> list[dict[str, Any]]:
    """The rings, closest first; the farthest ones give way when there are many proposals."""
    out, room = [], MOST_CARDS
    for ring in rings:
        made = _ring(ring, min(room, CARDS_BY_RING))
        room -= len(made["cards"])
        out.append(made)
    return out


def _ring(ring: Ring, room: int) -> dict[str, Any]:
    good = [card for card in ring.cards if card.proposal.adequate]
    return {
        "code": ring.level.code,
        "label": ring.label,
        "cards": [_card(card) for card in good[:room]],
        "contacts": [
            {
                "provider": card.proposal.offer.provider_name,
                "how": _how(card),
            }
            for card in ring.cards
            if not card.proposal.adequate
        ],
        "more": _more(len(good) - room, "autre proposition", "autres propositions"),
    }


def _how(card: Card) -> str:
    text = card.details.apply or card.details.contact or card.proposal.offer.summary
    return cut(text, LONGEST_TEXT)


def _more(count: int, one: str, many: str) -> str:
    if count <= 0:
        return ""
    return f"Et {count} {one if count == 1 else many}, sur la page en ligne."


def _card(card: Card) -> dict[str, Any]:
    offer = card.proposal.offer
    wait = f"{pluriel(offer.waiting_weeks, 'semaine,semaines')} d'attente" if (
        offer.waiting_weeks
    ) else ""  # fmt: skip
    return {
        "provider": offer.provider_name,
        "title": offer.title.removeprefix(f"{offer.provider_name} : "),
        "summary": cut(offer.summary, LONGEST_TEXT),
        "sentence": cut(card.proposal.sentence, LONGEST_TEXT),
        "how": _how(card),
        "checks": [_check(c.text) for c in card.proposal.to_check],
        "meta": [card.details.cost_label, wait, card.full, _state(card)],
    }


def _check(text: str) -> str:
    """What to check, after « À vérifier : »: the engine's sentences begin by « Vérifiez »."""
    text = cut(text, LONGEST_TEXT)
    for start, plain in (("Vérifiez que ", ""), ("Vérifiez ", "")):
        if text.startswith(start):
            return plain + text.removeprefix(start)
    return text


def _state(card: Card) -> str:
    if card.details.checked_on:
        return f"{card.state_label} (source relue le {lettres(card.details.checked_on)})"
    return card.state_label


def _funding(card: Card) -> dict[str, Any]:
    offer = card.proposal.offer
    deadline = ""
    if offer.closes and card.days_left is not None:
        left = pluriel(card.days_left, "jour,jours")
        deadline = f"Jusqu'au {lettres(offer.closes)} (encore {left})"
    return {
        "title": offer.title,
        "provider": offer.provider_name,
        "figures": list(card.details.figures) or ["Taux : à demander"],
        "deadline": deadline,
        "checks": [_check(c.text) for c in card.proposal.to_check],
        "meta": [_state(card)],
    }


def _experiences(answer: Answer) -> list[dict[str, str]]:
    return [
        {
            "title": match.experience.title,
            "territory": match.experience.territory_name,
            "population": f"{nombre(match.experience.population)} habitants"
            if match.experience.population
            else "",
            "summary": cut(match.experience.summary, LONGEST_TEXT),
            "sentence": cut(match.sentence, LONGEST_TEXT),
        }
        for match in answer.orientation.experiences[:EXPERIENCES_SHOWN]
    ]


def _desk(card: Card | None) -> dict[str, Any]:
    if card is None:
        return {}
    lines = [card.details.apply, card.details.contact]
    if settings.MAILLAGE["OPERATOR_PHONE"]:
        lines.append(f"Téléphone : {settings.MAILLAGE['OPERATOR_PHONE']}")
    return {
        "title": card.proposal.offer.title,
        "lines": [cut(line, LONGEST_TEXT) for line in lines if line],
    }
