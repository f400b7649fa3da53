"""`maillage orienter`: the answer of the site, in a terminal."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from django.core.management.base import CommandParser
from django.utils.timezone import localdate

from maillage.api.orientation import answer_out, read_text
from maillage.catalog.named import UnknownName
from maillage.common.commands import Command as Base
from maillage.common.templatetags.maillage import lettres, nombre, pluriel
from maillage.common.terminal import wrapped
from maillage.desk.orientation import Answer, Card, answer, answer_from
from maillage.desk.wording import set_aside_sentence
from maillage.engine.types import Need, Understanding
from maillage.engine.vocabulary import PHASES, THEMES, Audience
from maillage.territories.directory import directory
from maillage.territories.search import search_communes


class Command(Base):
    called = "orienter"
    help = "Dit qui peut aider une commune pour un besoin dit avec ses mots, et qui peut financer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("besoin", help="le besoin, entre guillemets ; « - » pour le lire ici")
        parser.add_argument(
            "--commune", help="code COG, SIREN d'intercommunalité, ou nom s'il est sans équivoque"
        )
        parser.add_argument(
            "--phase", choices=list(PHASES), help="étape du projet, si elle est connue"
        )
        parser.add_argument(
            "--pour",
            choices=[a.value for a in Audience],
            default=Audience.COMMUNE.value,
            help="qui demande (commune si rien n'est dit)",
        )
        parser.add_argument(
            "--catalogue", metavar="NOM",
            help="répondre avec ce catalogue nommé, et non avec celui en vigueur",
        )  # fmt: skip
        parser.add_argument("--json", action="store_true", help="la réponse de l'API, en JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        text = sys.stdin.read() if options["besoin"] == "-" else options["besoin"]
        text, cut = read_text(text)
        if not text:
            raise self.refuse("Dites ce que la commune veut faire, même en deux mots.")
        need = Need(text=text, audience=Audience(options["pour"]), phase=options["phase"])
        found = self._answer(need, self._code(options["commune"]), options["catalogue"])
        if options["json"]:
            said = answer_out(found, cut=cut).model_dump(mode="json")
            said |= {"catalogue": found.catalogue} if found.catalogue else {}
            self.stdout.write(json.dumps(said, ensure_ascii=False, indent=2))
            return
        if cut:
            self.stdout.write("Le texte est très long : sa fin n'a pas été lue.\n")
        self.stdout.write("\n".join(in_words(found)))

    def _answer(self, need: Need, code: str | None, catalogue: str | None) -> Answer:
        if not catalogue:
            return answer(need, code, localdate())
        try:
            return answer_from(catalogue, need, code, localdate())
        except UnknownName as error:
            raise self.refuse(str(error)) from error

    def _code(self, place: str | None) -> str | None:
        """The code in force for a code or a name. Raises an error that says what to type."""
        if not place:
            return None
        code = directory().resolve(place)
        if code is not None:
            return code
        found = search_communes(place, limit=8)
        if not found:
            raise self.refuse(
                f"Aucune commune ne répond à « {place} » : vérifiez le nom, ou donnez le code COG."
            )
        if len(found) == 1 or found[0].certain:
            return found[0].code
        choices = "\n".join(f"  --commune {c.code}  {c.label}" for c in found)
        raise self.refuse(f"Plusieurs communes répondent à « {place} » ; choisissez :\n{choices}")


def in_words(found: Answer) -> Iterable[str]:
    """The lines of an answer, for a terminal."""
    place = found.territory
    who = place.name if place else "Sans commune : seules les réponses valables partout"
    people = f", {pluriel(place.population, 'habitant,habitants')}" if (
        place and place.population is not None
    ) else ""  # fmt: skip
    yield f"{who}{people}"
    if found.catalogue:
        yield from wrapped(
            f"Réponse du catalogue « {found.catalogue} », fait pour les mesures : ce n'est pas "
            "celui que voient les visiteurs."
        )
    yield from _understood(found.orientation.understanding)
    yield ""
    yield from wrapped(found.orientation.branch.sentence)
    yield from _items(found.orientation.branch.grounds)
    if found.demonstration:
        yield from wrapped("Ce qui est marqué « Démonstration » est inventé.")
    yield from _title("Qui peut vous aider")
    for ring in found.rings:
        yield ""
        yield f"  {ring.label}"
        for card in ring.cards:
            yield from _card(card, named=bool(found.catalogue))
    if not found.rings:
        yield from wrapped("Aucun organisme du catalogue ne répond à ce besoin tel qu'il est dit.")
    yield from _title("Qui peut financer")
    for card in found.funding:
        yield from _money(card)
    if not found.funding:
        yield from wrapped("Aucun financement du catalogue ne correspond clairement.")
    yield from _end(found)


def _understood(found: Understanding) -> Iterable[str]:
    if found.empty:
        yield "Nous n'avons pas compris de quoi il s'agit : dites-le avec un lieu et un verbe."
        return
    heading = "Nous avons compris" if found.confident else "Nous ne sommes pas sûrs d'avoir compris"
    parts = [t.label for t in found.types] or [THEMES[t] for t in found.themes if t in THEMES]
    said = f"{heading} : {' ; '.join(parts)}" if parts else f"{heading}."
    yield from wrapped(said)
    if found.phase:
        yield f"Étape : {PHASES[found.phase]}"
    for reading in found.readings:
        yield from wrapped(f"« {reading.said} » lu comme {', '.join(reading.read_as)}", "  ")
    for correction in found.corrections:
        yield f"  « {correction.written} » lu comme « {correction.corrected} »"


def _card(card: Card, *, named: bool) -> Iterable[str]:
    offer = card.proposal.offer
    how = card.details.apply or card.details.contact
    if not card.proposal.adequate:
        yield from wrapped(f"· {offer.provider_name} : {how or offer.summary}", "    ", "      ")
        return
    title = offer.title.removeprefix(f"{offer.provider_name} : ")
    yield from wrapped(f"● {offer.provider_name} : {title}", "    ", "      ")
    wait = f"{offer.waiting_weeks} semaines d'attente" if offer.waiting_weeks else ""
    yield "      " + " · ".join(filter(None, (card.details.cost_label, wait, card.state_label)))
    yield from wrapped(card.proposal.sentence, "      ")
    yield from _items((check.text for check in card.proposal.to_check), "      ")
    if how or named:
        yield from wrapped(f"Contact : {how or 'ce catalogue ne le dit pas'}", "      ")


def _money(card: Card) -> Iterable[str]:
    offer = card.proposal.offer
    yield from wrapped(f"● {offer.title} ({offer.provider_name})", "    ", "      ")
    figures = " ; ".join(card.details.figures) or "Taux : à demander"
    yield from wrapped(f"{figures} · {card.state_label}", "      ")
    if offer.closes and card.days_left is not None:
        left = pluriel(card.days_left, "jour,jours")
        yield f"      Jusqu'au {lettres(offer.closes)} (encore {left})"
    yield from wrapped(card.proposal.sentence, "      ")
    yield from _items((check.text for check in card.proposal.to_check), "      ")


def _end(found: Answer) -> Iterable[str]:
    if found.orientation.experiences:
        yield from _title("Ils l'ont fait")
        for match in found.orientation.experiences:
            known = match.experience
            people = f", {nombre(known.population)} habitants" if known.population else ""
            said = f"● {known.title} ({known.territory_name}{people})"
            yield from wrapped(said, "    ", "      ")
            yield from wrapped(match.sentence, "      ")
    if found.orientation.set_aside_total:
        yield from _title("Mis de côté")
        yield from wrapped(set_aside_sentence(found))
        for item in found.set_aside:
            said = f"· {item.offer.title} ({item.offer.provider_name}) : {item.reason.text}"
            yield from wrapped(said, "    ", "      ")
    yield from _title("Et maintenant")
    if found.desk:
        yield f"  {found.desk.proposal.offer.title}"
        yield from wrapped(found.desk.details.apply or found.desk.details.contact, "  ")
    else:
        yield "  Demandez « le guichet de l'ingénierie » au standard de votre préfecture."


def _title(text: str) -> Iterable[str]:
    yield ""
    yield text
    yield "─" * len(text)


def _items(texts: Iterable[str], indent: str = "  ") -> Iterable[str]:
    for text in texts:
        yield from wrapped(f"- {text}", indent, indent + "  ")
