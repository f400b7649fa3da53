"""What people write of a perimeter → territory keys. A name that several places bear is not
guessed: they are listed.
"""

import re
from collections import defaultdict
from typing import Any, Final

from rapidfuzz import process

from maillage.catalog.imports.schema import plain
from maillage.catalog.imports.values import Wrong
from maillage.territories.directory import Directory
from maillage.territories.models import Perimeter

_KEY: Final = re.compile(r"(FR|DEP|(?:reg|dep|arr|epci|com|per):[\w-]+)", re.IGNORECASE)
_SEVERAL: Final = re.compile(r"[;|\n]")
_FRANCE: Final = frozenset(("france", "france entiere", "toute la france", "national", "nationale",
                            "pays", "le pays"))  # fmt: skip
_ALL_DEPARTMENTS: Final = frozenset(
    ("tous les departements", "tous les departements hexagone et outre mer", "departements")
)
_SHOWN: Final = 6
#: A guess looks at forty thousand names: past these, a file is told it is wrong without one.
_MOST_GUESSES: Final = 100
_NAMED: Final = re.compile(r"(.+?)\s*\((\d{2,3}|2[ABab])\)")
_KINDS: Final = (
    (("region ",), "reg"), (("departement de la ", "departement du ", "departement des ",
      "departement de l ", "departement de ", "departement d ", "departement "), "dep"),
    (("arrondissement de ", "arrondissement d ", "arrondissement "), "arr"),
    (("commune de ", "commune d ", "commune "), "com"),
)  # fmt: skip


class Places:
    """The names and codes of the territories. One query; hold it for the time of an import."""

    def __init__(self, known: Directory) -> None:
        self.known = known
        self.perimeters = {row.slug: row.name for row in Perimeter.objects.only("slug", "name")}
        self._names: dict[str, list[str]] | None = None
        self._read: dict[str, tuple[str, ...]] = {}
        self._guesses = _MOST_GUESSES

    def keys(self, value: Any) -> list[str]:
        """Keys of a perimeter, sorted. Raises `Wrong` with all that was not understood."""
        pieces = value if isinstance(value, list) else _SEVERAL.split(
            "" if value is None else str(value)
        )  # fmt: skip
        found: set[str] = set()
        for piece in pieces:
            said = " ".join(str(piece).split()).strip(" ,")
            if said:
                if said not in self._read:
                    self._read[said] = tuple(self._piece(said))
                found.update(self._read[said])
        return sorted(found)

    def _piece(self, said: str) -> list[str]:
        """Keys of a place, else of several places separated by commas or (codes) by blanks."""
        whole = self._one(said)
        if whole:
            return [whole]
        words = said.split()
        if len(words) > 1 and all(_KEY.fullmatch(word.strip(",")) for word in words):
            return [self._must(word.strip(",")) for word in words]
        parts = [part.strip() for part in said.split(",") if part.strip()]
        if len(parts) < 2:
            raise self._unknown(said)
        keys = []
        while parts:
            # A name may hold a comma: the longest that is known is taken.
            for length in range(len(parts), 0, -1):
                key = self._one(", ".join(parts[:length]))
                if key:
                    keys.append(key)
                    parts = parts[length:]
                    break
            else:
                raise self._unknown(parts[0])
        return keys

    def _must(self, said: str) -> str:
        key = self._one(said)
        if not key:
            raise self._unknown(said)
        return key

    def _one(self, said: str) -> str:
        """The key of one place; "" when it is none. Raises `Wrong` when it is several."""
        folded = plain(said)
        if folded in _FRANCE:
            return "FR"
        if folded in _ALL_DEPARTMENTS:
            return "DEP"
        if _KEY.fullmatch(said):
            return self._of_key(said)
        code = said.replace(" ", "").upper()
        if re.fullmatch(r"\d{1,9}|2[AB]\d{0,3}", code):
            return self._of_code(code)
        return self._of_name(said, folded)

    def _of_key(self, said: str) -> str:
        if said.upper() in ("FR", "DEP"):
            return said.upper()
        kind, _, code = said.partition(":")
        kind = kind.lower()
        code = code.lower() if kind == "per" else code.upper()
        if kind == "com" and code not in self.known.communes:
            code = self.known.resolve(code) or code
        held = {"reg": self.known.regions, "dep": self.known.departments,
                "arr": self.known.arrondissements, "epci": self.known.epcis,
                "com": self.known.communes, "per": self.perimeters}[kind]  # fmt: skip
        if code not in held:
            raise Wrong(f"« {said} » n'est pas un territoire connu. Vérifiez le code.")
        return f"{kind}:{code}"

    def _of_code(self, code: str) -> str:
        if len(code) <= 3:
            code = code.zfill(2)
            if code in self.known.departments:
                return f"dep:{code}"
            raise Wrong(f"« {code} » n'est le numéro d'aucun département.")
        found = self.known.resolve(code)
        if found is None:
            hint = (
                "Un code postal ne convient pas : écrivez le code officiel (COG) ou le nom de la "
                "commune."
                if len(code) == 5
                else "Vérifiez-le."
            )
            raise Wrong(f"« {code} » n'est ni un code de commune ni un SIREN connus. {hint}")
        return f"epci:{found}" if found in self.known.epcis else f"com:{found}"

    def _of_name(self, said: str, folded: str) -> str:
        wanted = ""
        for beginnings, kind in _KINDS:
            for beginning in beginnings:
                if folded.startswith(beginning) and not wanted:
                    wanted, folded = kind, folded.removeprefix(beginning)
        within = ""
        if match := _NAMED.fullmatch(said):
            folded, within = folded.rpartition(" ")[0], match[2].upper()
        found = [
            key
            for key in self._by_name().get(folded, ())
            if (not wanted or key.startswith(f"{wanted}:"))
            and (not within or self._department(key) == within)
        ]
        if not wanted:
            found = self._preferred(found)
        if len(found) > 1:
            shown = " ; ".join(f"{key} ({self._label(key)})" for key in found[:_SHOWN])
            more = f" et {len(found) - _SHOWN} autres" if len(found) > _SHOWN else ""
            raise Wrong(
                f"« {said} » est le nom de plusieurs territoires : {shown}{more}. Écrivez le code."
            )
        return found[0] if found else ""

    def _preferred(self, found: list[str]) -> list[str]:
        """Places that a bare name means: not an arrondissement, which bears the name of its town,
        nor what is the very ground of a département (Paris, Mayotte).
        """
        same = {key for key in found if key.startswith("arr:")} if len(found) > 1 else set()
        for key in found:
            if key.startswith("dep:"):
                code = key[4:]
                region = self.known.departments[code].region
                if [d.code for d in self.known.departments.values() if d.region == region] == [
                    code
                ]:
                    same.add(f"reg:{region}")
                communes = [c.key for c in self.known.communes.values() if c.department == code]
                if len(communes) == 1:
                    same.update(communes)
        return [key for key in found if key not in same]

    def _department(self, key: str) -> str:
        kind, _, code = key.partition(":")
        if kind == "com":
            return self.known.communes[code].department
        if kind == "arr":
            return code[:-1]
        return code if kind == "dep" else ""

    def _label(self, key: str) -> str:
        kind, _, code = key.partition(":")
        if kind == "com":
            return self.known.communes[code].label
        if kind == "dep":
            return f"département {self.known.departments[code].name}"
        if kind == "reg":
            return f"région {self.known.regions[code]}"
        if kind == "arr":
            return f"arrondissement de {self.known.arrondissements[code]}"
        if kind == "epci":
            return self.known.epcis[code].name
        return self.perimeters[code]

    def _by_name(self) -> dict[str, list[str]]:
        """Keys by plain name, made at the first name to look for."""
        if self._names is None:
            known = self.known
            names: dict[str, list[str]] = defaultdict(list)
            for code, department in known.departments.items():
                names[plain(department.name)].append(f"dep:{code}")
            for code, name in known.regions.items():
                names[plain(name)].append(f"reg:{code}")
            for code, name in known.arrondissements.items():
                names[plain(name)].append(f"arr:{code}")
            for siren, epci in known.epcis.items():
                names[plain(epci.name)].append(f"epci:{siren}")
            for code, commune in known.communes.items():
                names[plain(commune.name)].append(f"com:{code}")
            for slug, name in self.perimeters.items():
                names[plain(name)].append(f"per:{slug}")
            self._names = dict(names)
        return self._names

    def _unknown(self, said: str) -> Wrong:
        near = None
        if self._guesses:
            self._guesses -= 1
            near = process.extractOne(plain(said), self._by_name().keys(), score_cutoff=80)
        guess = ""
        if near:
            key = self._by_name()[near[0]][0]
            guess = f" Vouliez-vous dire {self._label(key)} ({key}) ?"
        return Wrong(
            f"« {said[:60]} » n'est pas un territoire connu.{guess} Écrivez un nom (Dordogne), un "
            "code (24, 24061, 200040392) ou « France »."
        )
