"""The columns of a table of a plan, recognised at their titles; costs and resources may stand side
by side, as in the usual form of a dossier.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from maillage.engine.text import fold

#: Words of a title → the column; the first that matches wins. ``unread``: known, and left aside.
_TITLES: Final[tuple[tuple[str, str], ...]] = (
    (r"^(cote|sens)$", "side"), (r"nature ou origine", "kind"),
    (r"unitaire|\bpu\b|quantite|\bqte\b|\bunites?\b|^(n|no|num|numero|rang)$", "unread"),
    (r"\bttc\b|toutes (les )?taxes", "gross"), (r"\bht\b|hors (taxes?|tva)", "net"),
    (r"(taux|pourcentage|\btx\b).*\btva\b|^% ?(de )?(la )?tva\b|\btva\b( en)? ?[(\[]? ?%",
     "rate_vat"),
    (r"montant.*\btva\b|\btva\b.*euros?", "tax"), (r"\btva\b", "vat"),
    (r"accorde|obtenu|acquis", "granted"), (r"verse|percu|encaisse", "paid"),
    (r"accuse", "received_on"), (r"decision|notifi", "decided_on"), (r"depose|depot", "filed_on"),
    (r"limite|dernier jour|echeance|cloture|butoir", "closes"), (r"commission", "commission_on"),
    (r"demande|sollicite", "asked"),
    (r"plafond|maximum|\bmaxi?\b|au plus", "cap"),
    (r"plancher|minimum|\bmini?\b|au moins", "floor"), (r"forfait", "flat"),
    (r"^etat\b|statut|avancement", "status"),
    (r"^notes?\b|remarque|commentaire|observation", "note"),
    (r"\bannee\b|exercice|millesime", "year"),
    (r"\btaux\b|pourcentage", "rate"), (r"^%|\bpart\b", "unread"),
    (r"^(montant|cout|somme|prix|total)", "amount"),
    (r"^(subventions?|aides?)$", "aid"),
    (r"financeu|financement|ressource|recette|origine|\bfonds?\b", "funder"),
    (r"montant|cout|prix|total|\beuros?\b|somme|subvention", "amount"),
    (r"nature|poste|depense|libelle|intitule|designation|objet|description|ligne|\blots?\b",
     "label"),
    (r"\btype\b|categorie|section|genre", "spending"),
)  # fmt: skip
#: Titles of our own table (`table`) that nobody else writes.
OURS: Final = {
    "travaux, etude ou terrain": "nature", "premier engagement le": "signed_on",
    "taux de cette aide": "rate_said", "avance": "advance", "chance de l'obtenir": "chance",
    "jours avant l'argent": "days", "code du dispositif": "scheme",
    "fiche du catalogue": "offer", "depenses qu'elle paie": "lines",
    "lettre d'intention": "letter", "dernier versement le": "paid_on",
    "detail des versements": "payments", "ne va pas avec": "excludes", "seulement avec": "needs",
}  # fmt: skip
AMOUNTS: Final = frozenset({"net", "gross", "amount", "asked", "granted", "flat", "cap"})
_PRICES: Final = frozenset({"net", "gross", "amount"})
_DOTTED: Final = re.compile(r"\b(?:[a-z]\.){2,}")


@dataclass(frozen=True, slots=True, eq=False)
class Block:
    """Columns that make one line: name → place. ``side`` c or r when the titles say it; ``first``
    and ``last`` (not in it) are where the table stands.
    """

    places: dict[str, int]
    side: str = ""
    first: int = 0
    last: int = 10_000


@dataclass(frozen=True, slots=True)
class Titles:
    """What a line of titles says: one block, or two side by side; ``read`` and ``unread`` are the
    titles themselves; ``lacking`` is what to do when no amount can be read under them.
    """

    blocks: tuple[Block, ...]
    read: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    lacking: str = ""


def bare(text: str) -> str:
    """A text without accents, capitals, nor the dots of « T.V.A. »."""
    return _DOTTED.sub(lambda found: found[0].replace(".", "") + " ", fold(text)).strip()


def titles_of(cells: Sequence[str]) -> Titles | None:
    """The columns that titles name; ``None`` when the line is no line of titles."""
    named = [(place, _name(cell)) for place, cell in enumerate(cells) if cell]
    known = [(place, name) for place, name in named if name]
    words = {name for _, name in known}
    if len(known) < 2 or not (
        words & {"label", "funder", "aid", "kind"} or len(named) > len(known)
    ):
        return None
    if not words & AMOUNTS:
        if "unread" in words and words & {"label", "funder"}:
            return Titles((), lacking="il manque la colonne du montant de chaque ligne, le prix "
                                      "unitaire ne suffit pas : ajoutez-la.")  # fmt: skip
        return None
    cut = _cut(known)
    if cut:
        border = known[cut][0]
        blocks = (replace(_block(known[:cut]), last=border),
                  replace(_block(known[cut:]), first=border))  # fmt: skip
    else:
        blocks = (_block(known, named),)
    if not all(block.places for block in blocks):
        return None
    used = {place for block in blocks for place in block.places.values()}
    return Titles(
        blocks,
        tuple(cells[place] for place in sorted(used)),
        tuple(cells[place] for place, _ in named if place not in used),
    )


def _name(title: str) -> str:
    folded = bare(title).replace("’", "'")
    found = (name for words, name in _TITLES if re.search(words, folded))
    return OURS.get(folded) or next(found, "")


def _cut(known: Sequence[tuple[int, str]]) -> int:
    """Where the second table begins, when costs and resources stand side by side; else 0."""
    for place, (_, name) in enumerate(known):
        before = {n for _, n in known[:place]}
        after = {n for _, n in known[place:]}
        others = {"label": {"funder", "aid"}, "funder": {"label"}, "aid": {"label"}}.get(
            name, set()
        )
        if others & before and before & _PRICES and after & (_PRICES | {"asked"}):
            return place
    return 0


def _block(known: Sequence[tuple[int, str]], named: Sequence[tuple[int, str]] = ()) -> Block:
    """The first column of each name; nothing without one for what the line is."""
    places: dict[str, int] = {}
    has_price = any(name in _PRICES for _, name in known)
    for place, name in known:
        name = ("funder" if has_price else "amount") if name == "aid" else name
        if name in ("label", "funder") and name in places:
            name = "kind"  # « Dépenses | Nature | … », « Ressources | Origine | … »
        if name != "unread":
            places.setdefault(name, place)
    side = "r" if "funder" in places and "label" not in places else ""
    if not places.keys() & {"label", "funder"}:
        free = [place for place, name in named if not name]
        if not free:
            return Block({})
        places["label"] = free[0]
    if "label" in places and not named:
        side = "c"
    return Block(places, side)
