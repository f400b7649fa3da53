"""Perimeters of Aides-territoires → territory keys. The API gives names, no code.

v1.6 writes the scale in the name (« Mayenne (Département) », « Foix (Commune – 09000) »), but for
the widest; v1.8 gives a bare name and its scale. A name is looked for among those of its scale,
folded; homonyms are told apart by the exact writing, then by the postal code or the département
that the name carries. What is left in doubt is not resolved: nothing is guessed.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from maillage.catalog.aides_territoires.labels import code_of, folded, read_table
from maillage.catalog.aides_territoires.text import one_line
from maillage.territories.directory import CommuneRecord, Directory, directory
from maillage.territories.models import Perimeter

#: « Name (inside) », at the end.
_LAST: Final = re.compile(r"^(.*\S)\s*\(([^()]*)\)$")
#: « Commune – 09000 » : a scale, then a postal code or a COG code.
_SCALE_AND_HINT: Final = re.compile(r"^(.*?)\s*[–—-]\s*([0-9][0-9AB][0-9]{3})$")
_HINT: Final = re.compile(r"^(?:[0-9][0-9AB][0-9]{3}|[0-9][0-9AB]|9[78][0-9])$")
_ARTICLES: Final = frozenset({"d", "de", "des", "du", "l", "la", "le", "les"})
#: Legal forms at the head of the name of an EPCI, folded → type (``EpciType``).
_FORMS: Final = (
    ("communaute de communes", "CC"), ("communaute d agglomeration", "CA"),
    ("communaute agglomeration", "CA"), ("communaute urbaine", "CU"), ("metropole", "METRO"),
    ("cc", "CC"), ("ca", "CA"), ("cu", "CU"),
)  # fmt: skip
#: The bare names of v1.6, and where to look for them.
_WIDE: Final = ("country", "continent", "mainland", "overseas", "adhoc")
_LEVELS: Final = {
    "commune": "municipal", "epci": "municipal", "department": "department", "region": "region",
    "basin": "region", "adhoc": "region", "overseas": "region",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Place:
    """What a perimeter was understood as: its keys, none when it was not. ``why`` says why then.
    ``level`` is the level that its scale suggests.
    """

    name: str
    scale: str = ""
    keys: tuple[str, ...] = ()
    why: str = ""

    @property
    def level(self) -> str:
        """Level of subsidiarity of the scale; national for what is wider than a région."""
        return _LEVELS.get(self.scale, "national")


class Gazetteer:
    """The names of every place, folded, by scale. Built once for a run (half a second)."""

    def __init__(self, known: Directory, named: Iterable[Perimeter]) -> None:
        self._known = known
        self._communes: dict[str, list[CommuneRecord]] = defaultdict(list)
        for commune in known.communes.values():
            self._communes[folded(commune.name)].append(commune)
        self._former: dict[str, set[str]] = defaultdict(set)
        for _, name, commune_code in known.former_names:
            self._former[folded(name)].add(commune_code)
        self._epcis: dict[str, set[str]] = defaultdict(set)
        for epci in known.epcis.values():
            for key in _epci_keys(epci.name):
                self._epcis[key].add(epci.siren)
        self._departments = {folded(d.name): d.code for d in known.departments.values()}
        self._regions = {folded(name): code for code, name in known.regions.items()}
        self._named: dict[tuple[str, str], tuple[str, ...]] = {}
        for row in named:
            scale = "basin" if row.type == "bassin" else "adhoc"
            # « (partie certaine) » is our own remark, no part of the name.
            name = folded(_LAST.sub(r"\1", row.name))
            self._named[scale, name] = (row.key,)
            if scale == "basin":
                self._named[scale, name.removeprefix("bassin ")] = (row.key,)
        for entry in read_table("perimeters")["names"]:
            for scale in entry["scales"]:
                for name in entry["names"]:
                    self._named[scale, folded(name)] = tuple(entry["keys"])

    def resolve(self, name: object, scale: object = None) -> Place:
        """The place that a perimeter names: `name` alone (v1.6), or with its `scale` (v1.8)."""
        text = one_line(name)
        if not text:
            return Place("", why="aucun périmètre n'est indiqué")
        if isinstance(scale, str) and scale.strip():
            code = code_of("scales", scale)
            if not code:
                return Place(text, why=f"l'échelle « {one_line(scale)} » n'est pas connue")
            bare, hint = _hinted(text)
            return self._found(text, code, bare, hint)
        bare, code, hint = _scaled(text)
        if code:
            return self._found(text, code, bare, hint)
        for wide in _WIDE:
            if keys := self._named.get((wide, folded(text))):
                return Place(text, wide, keys)
        return Place(text, why="ce nom n'est pas connu")

    def _found(self, text: str, scale: str, bare: str, hint: str) -> Place:
        if scale == "commune":
            return self._commune(text, bare, hint)
        if scale == "epci":
            return self._epci(text, bare, hint)
        if scale in ("department", "region"):
            prefix, table = (
                ("dep", self._departments) if scale == "department" else ("reg", self._regions)
            )
            code = _looked_up(bare, table)
            if code:
                return Place(text, scale, (f"{prefix}:{code}",))
            return Place(text, scale, why="ce nom n'est pas connu")
        # A park or a massif is « ad-hoc » there; « Outre-mer » may be too.
        for one in (scale, *(_WIDE if scale in _WIDE else ())):
            if keys := self._named.get((one, folded(text))) or self._named.get((one, folded(bare))):
                return Place(text, scale, keys)
        return Place(text, scale, why="ce nom n'est pas connu")

    def _commune(self, text: str, bare: str, hint: str) -> Place:
        found = self._communes.get(folded(bare), [])
        if not found:
            codes = sorted(self._former.get(folded(bare), ()))
            found = [self._known.communes[code] for code in codes if code in self._known.communes]
        exact = [one for one in found if one.name == bare]
        narrowed = [one for one in exact or found if _fits(one, hint)]
        if not narrowed and exact:
            narrowed = [one for one in found if _fits(one, hint)]
        if len(narrowed) > 1:
            same = [one for one in narrowed if hint in (one.code, *one.postal_codes)]
            narrowed = same if len(same) == 1 else narrowed
        if len(narrowed) == 1:
            return Place(text, "commune", (narrowed[0].key,))
        if not found:
            return Place(text, "commune", why="ce nom n'est pas connu")
        if not narrowed:
            return Place(text, "commune", why=f"aucune commune de ce nom ne va avec {hint}")
        return Place(text, "commune", why=f"{len(narrowed)} communes portent ce nom")

    def _epci(self, text: str, bare: str, hint: str) -> Place:
        whole, short = _epci_keys(bare)
        found = self._epcis.get(whole) or self._epcis.get(short) or set()
        form = _form(folded(bare))[0]
        if len(found) > 1 and form:
            found = {siren for siren in found if self._known.epcis[siren].type == form} or found
        if len(found) > 1:
            same = {siren for siren in found if folded(self._known.epcis[siren].name) == whole}
            found = same or found
        if len(found) > 1 and hint:
            found = {s for s in found if _department(hint) in self._known.departments_of(s)}
        if len(found) == 1:
            return Place(text, "epci", (f"epci:{next(iter(found))}",))
        if not found:
            return Place(text, "epci", why="ce nom n'est pas connu")
        return Place(text, "epci", why=f"{len(found)} intercommunalités portent ce nom")

    def department(self, name: str) -> str:
        """Code of the département of this name, articles aside; "" when there is none."""
        return _looked_up(name, self._departments)

    def region(self, name: str) -> str:
        """Code of the région of this name, articles aside; "" when there is none."""
        return _looked_up(name, self._regions)

    def epci(self, name: str) -> str:
        """SIREN of the EPCI of this name, legal form aside; "" when there is none or several."""
        place = self._epci(name, *_hinted(name))
        return place.keys[0].removeprefix("epci:") if place.keys else ""


def gazetteer() -> Gazetteer:
    """The names of the territories that are loaded."""
    return Gazetteer(directory(), Perimeter.objects.order_by("slug"))


def _scaled(text: str) -> tuple[str, str, str]:
    """« Foix (Commune – 09000) » → name, code of the scale, hint; no scale for a bare name."""
    match = _LAST.match(text)
    if not match:
        return text, "", ""
    bare, inside = match.groups()
    hint = ""
    if both := _SCALE_AND_HINT.match(inside.strip()):
        inside, hint = both.groups()
    code = code_of("scales", inside)
    return (bare, code, hint) if code else (text, "", "")


def _hinted(text: str) -> tuple[str, str]:
    """« Foix (09) », « Foix (Commune – 09000) » → name, hint; no hint for a bare name."""
    bare, code, hint = _scaled(text)
    if code:
        return bare, hint
    match = _LAST.match(text)
    if match and _HINT.match(match.group(2).strip().upper()):
        return match.group(1), match.group(2).strip().upper()
    return text, ""


def _department(hint: str) -> str:
    """Code of the département that a code of a place begins with."""
    return hint[:3] if hint.startswith(("97", "98")) else hint[:2]


def _fits(commune: CommuneRecord, hint: str) -> bool:
    """Whether a postal code, a COG code or a département goes with a commune."""
    if not hint or hint in (commune.code, *commune.postal_codes):
        return True
    if len(hint) == 5 and _department(hint) == "20":
        return commune.department in ("2A", "2B")
    return _department(hint) == commune.department


def _without_articles(name: str) -> str:
    """Folded, without the articles at its head."""
    parts = folded(name).split()
    while len(parts) > 1 and parts[0] in _ARTICLES:
        parts.pop(0)
    return " ".join(parts)


def _looked_up(name: str, table: Mapping[str, str]) -> str:
    for key in (folded(name), _without_articles(name)):
        if key in table:
            return table[key]
    # « Réunion » for « La Réunion ».
    bare = {_without_articles(known): code for known, code in table.items()}
    return bare.get(_without_articles(name), "")


def _form(name: str) -> tuple[str, str]:
    """Type of EPCI at the head of a folded name ("" when it says none), and what follows."""
    for form, kind in _FORMS:
        if name.startswith(f"{form} "):
            return kind, name[len(form) + 1 :]
    return "", name


def _epci_keys(name: str) -> tuple[str, str]:
    """How the name of an EPCI is looked for: folded, and without form, articles, acronym."""
    bare = _LAST.sub(r"\1", name)
    return folded(name), _without_articles(_form(folded(bare))[1])
