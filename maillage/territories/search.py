"""Find a commune or an EPCI as one types: accents, hyphens, « st », articles, mistakes, codes.

In memory, in about a millisecond. Exact names first, then names that begin so, then names with a
word that begins so, then former names, then names that look alike; the most populated first.
"""

import re
from bisect import bisect_left
from collections import defaultdict
from typing import Any, Final, NamedTuple

import numpy as np
from rapidfuzz.distance import DamerauLevenshtein

from maillage.common.held import Held
from maillage.engine.text import words
from maillage.territories.directory import Directory, directory

LIMIT: Final = 10
#: A postal code may be that of 46 communes, and the smallest must be there too.
LIMIT_BY_CODE: Final = 50
_ARTICLES: Final = frozenset({"l", "le", "la", "les"})
_EPCI_WORDS: Final = frozenset(
    [
        *("cc", "ca", "cu", "communaute", "communautes", "commune", "communes", "agglomeration"),
        *("urbaine", "metropole", "de", "du", "des", "d", "l", "la", "le", "les"),
    ]
)
_EPCI_KINDS: Final = ("communaute", "cc", "ca", "cu", "metropole")
_SHORT: Final = {
    "st": "saint",
    "ste": "sainte",
    "sts": "saints",
    "stes": "saintes",
    "nd": "notre dame",
}
_DEPARTMENT: Final = re.compile(r"\s*[(,]?\s*\b(\d{2,3}|2[abAB])\b\s*\)?\s*$")
#: « mairie de Bergerac », « commune d'Ayen »: only the name matters.
_BODY: Final = re.compile(
    r"^(?:la\s+)?(?:commune|mairie|ville|village)\s+(?:de\s+la\s+|de\s+l['’]|des\s+|du\s+|de\s+|d['’])",
    re.IGNORECASE,
)
#: « Paris 12 », « Lyon 3e »: a district of a city, not a département.
_DISTRICT: Final = re.compile(
    r"^\s*(paris|lyon|marseille)\s+\d{1,2}\s*(?:er|e|eme|ème)?(?:\s+arr\w*)?\s*$", re.IGNORECASE
)
_POSTAL_AND_NAME: Final = re.compile(r"\b\d{5}\b(?=.*[A-Za-z])|(?<=[A-Za-zÀ-ÿ] )\d{5}\b")
_LAST: Final = "\U0010ffff"
#: Candidates measured letter by letter once trigrams have chosen them among all names.
_MEASURED: Final = 60


class Suggestion(NamedTuple):
    """A territory proposed for what was typed.

    ``kind`` is ``commune`` or ``epci``; ``code`` its COG code or SIREN; ``label`` its name told
    apart from homonyms (« Bourrou (24) »); ``detail`` what else helps to choose; ``certain`` when
    it is exactly what was typed and nothing else is.
    """

    kind: str
    code: str
    label: str
    detail: str
    certain: bool = False


class _Document(NamedTuple):
    kind: str
    code: str
    former: str
    departments: tuple[str, ...]
    population: int


def normalise(text: str) -> str:
    """What is compared: folded words, « st » read as « saint », no leading article.

    >>> normalise("St-Léon sur l’Isle")
    'saint leon sur l isle'
    >>> normalise("Le Bugue")
    'bugue'
    """
    found = [_SHORT.get(word, word) for word in words(text)]
    while len(found) > 1 and found[0] in _ARTICLES:
        found = found[1:]
    return " ".join(found)


def _normalise_epci(text: str) -> str:
    found = [_SHORT.get(word, word) for word in words(text)]
    while len(found) > 1 and found[0] in _EPCI_WORDS:
        found = found[1:]
    return " ".join(found)


def _distance(query: str, name: str) -> float | None:
    """How many letters `query` is away from `name`, or from its beginning (typed so far).

    Half a letter when all the words typed begin words of the name, in any order. ``None`` beyond
    one mistake for a short word, two for a longer one, three for a long name.
    """
    most = 1 if len(query) < 6 else 2 if len(query) < 12 else 3
    far = DamerauLevenshtein.distance(query, name, score_cutoff=most)
    if far <= most:
        return float(far)
    typed, parts = query.split(), name.split()
    if len(typed) > 1 and all(any(part.startswith(w) for part in parts) for w in typed):
        return 0.5
    if len(name) > len(query):
        far = min(
            DamerauLevenshtein.distance(query, name[: len(query) + more], score_cutoff=most)
            for more in (-1, 0, 1)
        )
        if far <= most:
            return far + 1.0
    return None


class Index:
    """The names of one kind of territory (or several), ready to be searched."""

    def __init__(self, known: Directory) -> None:
        self._known = known
        self._documents: list[_Document] = []
        names: list[str] = []
        for code, commune in known.communes.items():
            here = (commune.department,)
            self._documents.append(_Document("commune", code, "", here, commune.population or 0))
            names.append(normalise(commune.sort_key))
        for _, name, code in known.former_names:
            commune = known.communes[code]
            normal = normalise(name)
            if normal != normalise(commune.sort_key):
                here = (commune.department,)
                document = _Document("commune", code, name, here, commune.population or 0)
                self._documents.append(document)
                names.append(normal)
        for siren, epci in known.epcis.items():
            places = tuple(known.departments_of(siren))
            document = _Document("epci", siren, "", places, epci.population or 0)
            self._documents.append(document)
            names.append(_normalise_epci(epci.sort_key))
        self._names = names
        self._population = np.array([d.population for d in self._documents], np.int64)
        self._former = np.array([d.former != "" for d in self._documents], np.int64)
        self._is_epci = np.array([d.kind == "epci" for d in self._documents], bool)
        self._department: dict[str, list[int]] = defaultdict(list)
        for number, document in enumerate(self._documents):
            for code in document.departments:
                self._department[code].append(number)
        self._department_names = {normalise(d.name): c for c, d in known.departments.items()}
        self._build_prefixes()
        self._build_codes()
        self._build_trigrams()

    def _build_prefixes(self) -> None:
        """Every name, and every end of a name that begins at a word, in one sorted list."""
        keys: list[tuple[str, int, bool]] = []
        for number, name in enumerate(self._names):
            keys.append((name, number, True))
            place = name.find(" ")
            while place >= 0:
                keys.append((name[place + 1 :], number, False))
                place = name.find(" ", place + 1)
        keys.sort()
        self._keys = [key for key, _, _ in keys]
        self._key_document = np.array([number for _, number, _ in keys], np.int32)
        self._key_start = np.array([start for _, _, start in keys], bool)

    def _build_codes(self) -> None:
        """COG, SIREN and postal codes; former codes apart, some are now postal codes elsewhere."""
        codes: list[tuple[str, bool, int]] = []
        for number, document in enumerate(self._documents):
            codes.append((document.code, False, number))
            if document.kind == "commune" and not document.former:
                commune = self._known.communes[document.code]
                codes += [(postal, False, number) for postal in commune.postal_codes]
                if commune.siren:
                    codes.append((commune.siren, False, number))
        first = {d.code: n for n, d in reversed(list(enumerate(self._documents)))}
        codes += [(old, True, first[new]) for old, new in self._known.former.items()]
        codes.sort()
        self._codes = [code for code, _, _ in codes]
        self._code_former = [former for _, former, _ in codes]
        self._code_document = [number for _, _, number in codes]

    def _build_trigrams(self) -> None:
        """For each group of three letters, the names that hold it (sorted by group)."""
        text = "".join(f"^^{name}$" for name in self._names).encode()
        letters = np.frombuffer(text, np.uint8).astype(np.int64)
        owner = np.repeat(
            np.arange(len(self._names), dtype=np.int32),
            [len(name) + 3 for name in self._names],
        )
        grams = (letters[:-2] << 16) | (letters[1:-1] << 8) | letters[2:]
        inside = owner[:-2] == owner[2:]
        grams, owner = grams[inside], owner[:-2][inside]
        order = np.argsort(grams, kind="stable")
        self._grams, starts = np.unique(grams[order], return_index=True)
        self._starts = np.append(starts, len(order))
        self._owners = owner[order]
        self._lengths = np.array([len(name) for name in self._names], np.int64)

    # -- Asking

    def find(
        self, text: str, *, kind: str = "commune", limit: int | None = None, department: str = ""
    ) -> list[Suggestion]:
        """The territories that `text` may name, best first."""
        text = _BODY.sub("", text.strip()[:80])
        text = _DISTRICT.sub(r"\1", text)
        if not text:
            return []
        postal = _POSTAL_AND_NAME.search(text)
        if postal and kind == "commune":
            return self._with_postal_code(postal[0], text.replace(postal[0], " "), limit)
        if text.replace(" ", "").isdigit() or re.fullmatch(r"2[abAB]\d{0,3}", text):
            code = text.replace(" ", "").upper()
            usual = LIMIT_BY_CODE if len(code) >= 5 else LIMIT
            return self._by_code(code, kind, limit or usual, department)
        limit = limit or LIMIT
        if not department:
            said = _DEPARTMENT.search(text)
            if said and said[1].upper() in self._known.departments:
                department, text = said[1].upper(), text[: said.start()]
        allowed = self._allowed(kind, department)
        query = self._query(text, kind)
        if not query:
            return []
        found = self._by_prefix(query, allowed, limit)
        if not found and not department:
            name, department = self._ends_with_department(query)
            if department:
                return self.find(name, kind=kind, limit=limit, department=department)
        exact = {self._documents[n].code for n in found if self._names[n] == query}
        # A mistake is looked for only when the letters, taken as they are, lead almost nowhere.
        if len(found) < 3 and len(query) > 3 and not exact:
            found += self._by_likeness(query, allowed, limit, found)
        return self._suggestions(found, limit, exact)

    def _with_postal_code(self, code: str, name: str, limit: int | None) -> list[Suggestion]:
        """« bergerac 24100 »: those of that name that have this code, else those of the name."""
        found = self.find(name, limit=50)
        there = [s for s in found if code in self._known.communes[s.code].postal_codes]
        if len(there) == 1:
            there = [there[0]._replace(certain=True)]
        return (there or found or self._by_code(code, "commune", LIMIT, ""))[: limit or LIMIT]

    def _ends_with_department(self, query: str) -> tuple[str, str]:
        """« bourrou dordogne » → (« bourrou », « 24 »); the code is "" when none is named."""
        parts = query.split()
        for size in range(min(4, len(parts) - 1), 0, -1):
            code = self._department_names.get(normalise(" ".join(parts[-size:])))
            if code:
                return " ".join(parts[:-size]), code
        return query, ""

    def _query(self, text: str, kind: str) -> str:
        folded = words(text)
        if kind != "commune" and folded and folded[0] in _EPCI_KINDS:
            return _normalise_epci(text)
        return normalise(text)

    def _allowed(self, kind: str, department: str) -> Any:
        if kind == "epci":
            allowed = self._is_epci
        elif kind == "commune":
            allowed = ~self._is_epci
        else:
            allowed = np.ones(len(self._documents), bool)
        if department:
            inside = np.zeros(len(self._documents), bool)
            inside[self._department.get(department, [])] = True
            allowed = allowed & inside
        return allowed

    def _by_prefix(self, query: str, allowed: Any, limit: int) -> list[int]:
        low = bisect_left(self._keys, query)
        high = bisect_left(self._keys, query + _LAST)
        documents = self._key_document[low:high]
        kept = allowed[documents]
        documents = documents[kept]
        if not len(documents):
            return []
        exact = np.zeros(high - low, bool)
        place = low
        while place < high and self._keys[place] == query:
            exact[place - low] = True
            place += 1
        start, exact = self._key_start[low:high][kept], exact[kept]
        # 0 the whole name, 1 its beginning, 2 a word in it; a former name comes after its like.
        rank = np.where(start, np.where(exact, 0, 1), 2) * 2 + self._former[documents]
        order = np.lexsort((documents, -self._population[documents], rank))
        return [int(n) for n in documents[order[: 3 * limit]]]

    def _by_likeness(self, query: str, allowed: Any, limit: int, found: list[int]) -> list[int]:
        """Names that share trigrams with the query, then those few letters away from it."""
        text = f"^^{query}$".encode()
        triples = zip(text, text[1:], text[2:], strict=False)
        grams = sorted({(a << 16) | (b << 8) | c for a, b, c in triples})
        pieces = []
        for gram in grams:
            place = int(np.searchsorted(self._grams, gram))
            if place < len(self._grams) and self._grams[place] == gram:
                pieces.append(self._owners[self._starts[place] : self._starts[place + 1]])
        if not pieces:
            return []
        shared = np.bincount(np.concatenate(pieces), minlength=len(self._names)).astype(np.float64)
        # Long names share trigrams by chance; names begun and not ended must not suffer from it.
        shared -= 0.02 * np.abs(self._lengths - len(query))
        shared[~allowed] = -1.0
        shared[found] = -1.0
        count = min(_MEASURED, len(shared))
        nearest = np.argpartition(-shared, count - 1)[:count]
        close: list[tuple[float, int]] = []
        for number in nearest.tolist():
            if shared[number] <= 0:
                continue
            far = _distance(query, self._names[number])
            if far is not None:
                # Distance decides, then letters in common, then size, a former name coming last.
                size = np.log10(self._population[number] + 1) / 20
                likeness = shared[number] / len(grams)
                close.append((far - likeness - size + self._former[number] / 2, number))
        close.sort()
        return [number for score, number in close[:limit] if score < close[0][0] + 1.5]

    def _by_code(self, code: str, kind: str, limit: int, department: str) -> list[Suggestion]:
        allowed = self._allowed(kind, department)
        low, high = bisect_left(self._codes, code), bisect_left(self._codes, code + _LAST)
        places = range(low, min(high, low + 20_000))
        rank: dict[int, int] = {}
        for i in places:
            # 0 this very code, 1 a code that begins so; former codes come after their like.
            place = (self._codes[i] != code) + 2 * self._code_former[i]
            number = self._code_document[i]
            if allowed[number]:
                rank[number] = min(place, rank.get(number, 9))
        ranked = sorted(rank, key=lambda n: (rank[n], -self._documents[n].population, n))
        best = rank[ranked[0]] if ranked else 9
        exact = {self._documents[n].code for n in ranked if best in (0, 2) and rank[n] == best}
        return self._suggestions(ranked, limit, exact)

    def _suggestions(self, numbers: list[int], limit: int, exact: set[str]) -> list[Suggestion]:
        result: dict[str, Suggestion] = {}
        for number in numbers:
            document = self._documents[number]
            if document.code not in result:
                certain = exact == {document.code}
                result[document.code] = self._suggestion(document, certain)
            if len(result) == limit:
                break
        return list(result.values())

    def _suggestion(self, document: _Document, certain: bool) -> Suggestion:
        places = ", ".join(document.departments)
        if document.kind == "epci":
            name = self._known.epcis[document.code].name
            details = ["Intercommunalité"]
        else:
            name = self._known.communes[document.code].name
            details = [self._known.departments[places].name]
        if document.population:
            details.append(f"{document.population:,} habitants".replace(",", "\u202f"))
        if document.former:
            details.append(f"ancienne commune : {document.former}")
        label = f"{name} ({places})"
        return Suggestion(document.kind, document.code, label, " · ".join(details), certain)


_held = Held(lambda: Index(directory()), "territories")


def search(
    text: str, *, kind: str = "commune", limit: int | None = None, department: str = ""
) -> list[Suggestion]:
    """Propose territories for what is typed: a name (even wrong), a postal or COG code, a SIREN.

    `kind`: ``commune``, ``epci`` or ``all``. « Saint-Martin 24 » or « Saint-Martin (24) » stays in
    the département. Without `limit`: ten, or all the communes of a postal code. Empty list when
    nothing looks like it.
    """
    return _held.get().find(text, kind=kind, limit=limit, department=department)


def search_communes(text: str, *, limit: int | None = None) -> list[Suggestion]:
    """Propose communes for what is typed (see `search`)."""
    return search(text, limit=limit)


def forget() -> None:
    """Build again at the next call (tests, and after an import in this process)."""
    _held.forget()
