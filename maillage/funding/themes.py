"""The subjects under which readers find the rules. A rule that none names is among the others."""

from typing import Final

from maillage.engine.funding.types import Rule

#: (code, title, rules in the order in which they are read).
THEMES: Final[tuple[tuple[str, str, tuple[str, ...]], ...]] = (
    ("plan", "Tous les plans", ("balance", "no-double", "letters", "last-day", "display")),
    ("part", "Ce que la collectivité garde à sa charge", (
        "own-share", "own-share-overseas", "own-share-waiver", "lead-share", "own-share-renewal",
        "own-share-cooperation", "own-share-corsica", "own-share-small",
    )),
    ("plafonds", "Plafonds et cumuls", (
        "state-cap", "public-cap", "pairs", "funder-terms", "state-aid",
    )),
    ("commencer", "Quand commencer, quand l'argent arrive", (
        "no-start", "detr-life", "state-payment", "anah",
    )),
    ("dotations", "DETR, DSIL et autres dotations de l'État", (
        "detr-communes", "detr-groups", "detr-rate", "detr-animation", "detr-calendar", "dsil",
        "dsid-departments", "city-grant", "merged-grants", "green-share", "envelopes",
    )),
    ("etat", "Autres aides de l'État et de ses opérateurs", (
        "green-fund", "fnadt", "small-towns", "vta", "operators",
    )),
    ("voisins", "Intercommunalité, Département, Région", ("group-half", "region-department")),
    ("europe", "Europe", ("leader", "leader-quotes", "feder", "european-programmes")),
    ("dons", "Dons et collectes", ("gifts", "crowdfunding")),
    ("tva", "TVA", ("net-gross", "fctva", "vat")),
    ("conseil", "Le conseil", ("council-power", "council-notice", "council-groups")),
)  # fmt: skip
OTHERS: Final = ("autres", "Autres règles")
LABELS: Final = {code: title for code, title, _ in THEMES} | {OTHERS[0]: OTHERS[1]}
_PLACES: Final = {
    name: (number, place, code)
    for number, (code, _, names) in enumerate(THEMES)
    for place, name in enumerate(names)
}


def theme_of(rule: Rule) -> str:
    """The code of the subject of a rule; a rule « vat-… » is of the subject of « vat »."""
    return _place(rule)[2]


def place_of(rule: Rule) -> tuple[int, int]:
    """Where it stands in the list: its subject, then its place in it."""
    return _place(rule)[:2]


def _place(rule: Rule) -> tuple[int, int, str]:
    known = _PLACES.get(rule.id) or _PLACES.get(rule.id.split("-")[0])
    return known or (len(THEMES), 0, OTHERS[0])
