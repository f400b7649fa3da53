"""Why an entry is proposed: codes for machines, one plain French sentence for people."""

from collections.abc import Mapping, Sequence
from typing import Final

from maillage.engine.adequacy import EMPTY_WORDS, FUNDS
from maillage.engine.eligibility import asker, fits_in_words, is_generic, labels_in_words
from maillage.engine.snapshot import Snapshot
from maillage.engine.types import Offer, Reason, Territory
from maillage.engine.understanding import ReadNeed
from maillage.engine.vocabulary import PHASES, THEMES, Family, Level

MOST_WORDS: Final = 3
#: A word is given as a reason when it tells enough (share of the largest idf in speech) and weighs
#: at least this share of the heaviest one.
TELLING: Final = 0.5
LEAST_SHARE: Final = 0.3
_NEAR: Final = {
    Level.MUNICIPAL: "intervient dans votre commune ou votre intercommunalité",
    Level.DEPARTMENT: "intervient dans votre département",
    Level.REGION: "intervient dans votre région",
}
_GENERIC: Final = {
    Level.MUNICIPAL: "ce type d'organisme existe dans presque toutes les intercommunalités",
    Level.DEPARTMENT: "ce type d'organisme existe dans presque tous les départements",
    Level.REGION: "ce type d'organisme existe dans presque toutes les régions",
}
_VOWELS: Final = tuple("aeiouyàâäéèêëîïôöùûüœæ")
#: Words in « h » before which « de » is elided (the others are left whole).
_MUTE_H: Final = ("habit", "herbe", "heure", "histo", "hiver", "homme", "hôpit", "hopit",
                  "horaire", "horlog", "hôte", "hote", "huile", "humid", "héberg", "heberg",
                  "hydro")  # fmt: skip


def quoted(names: Sequence[str]) -> str:
    """« a », « b » et « c »."""
    marked = [f"« {name} »" for name in names]
    if len(marked) < 2:
        return "".join(marked)
    return ", ".join(marked[:-1]) + " et " + marked[-1]


def joined(clauses: Sequence[str]) -> str:
    """Clauses after « parce que »: each next one takes « que » again.

    >>> joined(["vous parlez de « pont »", "votre commune est petite"])
    'Parce que vous parlez de « pont » et que votre commune est petite.'
    >>> joined(["il pleut"])
    "Parce qu'il pleut."
    """
    said = [("qu'" if c[:1] in "aeiouyéèêà" else "que ") + c for c in clauses]
    if not said:
        return ""
    start = ", ".join(said[:-1])
    text = f"{start} et {said[-1]}" if start else said[-1]
    return f"Parce {text}."


def reasons_for(
    offer: Offer,
    read: ReadNeed,
    found_terms: Mapping[int, float],
    alike_types: Sequence[int],
    territory: Territory | None,
    snapshot: Snapshot,
) -> tuple[str, tuple[Reason, ...]]:
    """The sentence and the reasons of a proposal.

    ``found_terms`` are the need's terms found in the entry, with what they weigh there;
    ``alike_types`` the numbers of the need's types that the entry resembles, best first.
    """
    clauses: list[str] = []
    reasons: list[Reason] = []

    def add(code: str, text: str) -> None:
        clauses.append(text)
        reasons.append(Reason(code, text))

    said = _said(read, found_terms, snapshot, 0 if alike_types else 1)
    if said:
        add("words", f"vous parlez {said}")
    if alike_types:
        label = snapshot.recogniser.types[alike_types[0]].label
        add("type", f"votre projet ressemble à « {label} »")
    if not clauses:
        shared = [t for t in read.understanding.themes if t in offer.themes]
        if shared:
            names = quoted([THEMES[t] for t in shared[:2]])
            word = "aux thèmes" if len(shared) > 1 else "au thème"
            add("theme", f"votre besoin touche {word} {names}")
    if read.phase is not None and read.phase in offer.phases:
        text = f"cette aide intervient à l'étape « {PHASES[read.phase]} »"
        reasons.append(Reason("phase", text))
    conditions = _conditions(offer, territory, asker(read.audience, territory))
    for reason in conditions:
        add(reason.code, reason.text)
    near = _near(offer, territory)
    if near is not None:
        reason = Reason("territory", near)
        reasons.append(reason)
        if not conditions:
            clauses.append(reason.text)
    if not clauses:
        add("words", "votre description s'en rapproche")
    return joined(clauses), tuple(reasons)


def _near(offer: Offer, territory: Territory | None) -> str | None:
    """Why the body is said to be close; a kind of body is not said to be known here."""
    if is_generic(offer):
        return _GENERIC[offer.level]
    near = _NEAR.get(offer.level)
    if near is None or territory is None:
        return None
    if offer.level is Level.MUNICIPAL and f"epci:{territory.code}" in territory.keys:
        near = "intervient dans votre intercommunalité"
    return f"{_pronoun(offer)} {near}"


def of(name: str) -> str:
    """« de » elided before a quoted word.

    >>> of("église"), of("pont"), of("haie"), of("habitat")
    ("d'« église »", 'de « pont »', 'de « haie »', "d'« habitat »")
    """
    low = name.lower()
    elided = low.startswith((*_VOWELS, *_MUTE_H)) and not low.startswith("onz")
    return f"d'« {name} »" if elided else f"de « {name} »"


def _pronoun(offer: Offer) -> str:
    return "ce réseau" if offer.family is Family.NETWORK else "cet organisme"


def _said(read: ReadNeed, found: Mapping[int, float], snapshot: Snapshot, fallback: int) -> str:
    """de « bistrot » (débit de boissons, commerce rural) et d'« école », in the order of the text.

    ``fallback`` words are given when none tells enough.
    """
    weights: dict[str, float] = {}
    telling: set[str] = set()
    spoken = snapshot.recogniser.spoken_idf
    least = TELLING * snapshot.recogniser.unknown_idf
    order: dict[str, int] = {}
    empty: set[str] = set()
    for word in read.words:
        key = snapshot.cased(word.written)
        order.setdefault(key, word.start)
        if word.folded in EMPTY_WORDS:
            empty.add(key)
        elif word.term in found:
            weights[key] = max(weights.get(key, 0.0), found[word.term])
            if spoken[word.term] >= least:
                telling.add(key)
    named = {snapshot.cased(w.written) for w in read.words if w.folded in FUNDS}
    read_as: dict[str, tuple[str, ...]] = {}
    readings = {r.said: r.read_as for r in read.understanding.readings}
    for term, said in read.read_by.items():
        parts = said.replace("'", " ").replace("’", " ").split()
        if term in found and not empty.issuperset(parts) and (said not in named or said in weights):
            order.setdefault(said, min((order[p] for p in parts if p in order), default=0))
            # An expression holds its own words: « café fermé » rather than « café ».
            for part in parts:
                if part in weights and part != said:
                    weights[said] = max(weights.get(said, 0.0), weights.pop(part))
            weights[said] = max(weights.get(said, 0.0), found[term])
            read_as[said] = readings.get(said, ())
            telling.add(said)
    best = sorted(weights, key=lambda w: (-weights[w], w))[:MOST_WORDS]
    floor = LEAST_SHARE * max(weights.values(), default=0.0)
    kept = [w for w in best if w in telling and weights[w] >= floor] or best[:fallback]
    kept.sort(key=lambda w: (order.get(w, 0), w))
    marked = [of(w) + (f" ({', '.join(read_as[w][:2])})" if read_as.get(w) else "") for w in kept]
    if len(marked) < 2:
        return "".join(marked)
    return ", ".join(marked[:-1]) + " et " + marked[-1]


def _conditions(offer: Offer, territory: Territory | None, who: str) -> list[Reason]:
    out: list[Reason] = []
    if territory is None:
        return out
    population = territory.population_dgf if offer.population_kind == "dgf" else (
        territory.population
    )  # fmt: skip
    if population is not None and (offer.population_min or offer.population_max is not None):
        out.append(Reason("population", f"{who} {fits_in_words(offer)}"))
    carried = offer.labels_any & territory.labels
    if carried:
        out.append(Reason("label", f"{who} relève de {labels_in_words(carried)}"))
    return out


def generalist_reasons(offer: Offer, territory: Territory | None) -> tuple[str, tuple[Reason, ...]]:
    """The sentence of a sure contact whose help for this need is not known."""
    where = {
        Level.MUNICIPAL: "de votre intercommunalité",
        Level.DEPARTMENT: "de votre département",
        Level.REGION: "de votre région",
    }.get(offer.level, "au niveau national")
    text = (
        f"{offer.provider_name} est un contact sûr {where}"
        if territory is not None
        else f"{offer.provider_name} est un contact sûr"
    )
    ask = "demandez-lui qui peut vous répondre, même si son offre précise reste à confirmer"
    return f"{text} : {ask}.", (Reason("generalist", "c'est un contact sûr pour être orienté"),)
