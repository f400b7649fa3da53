"""One aid of the API → one line of import, in both versions; and what was not understood of it.

Nothing is invented: what is not said is left empty, what is not known is reported. An aid of which
the perimeter, the nature, the audience or the payer is not known does not enter the catalogue.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from urllib.parse import urlsplit

from maillage.catalog.aides_territoires import labels
from maillage.catalog.aides_territoires.backers import Backers
from maillage.catalog.aides_territoires.client import Address
from maillage.catalog.aides_territoires.perimeters import Gazetteer, Place
from maillage.catalog.aides_territoires.text import (
    first_sentence,
    one_line,
    paragraphs,
    without_people,
)
from maillage.catalog.enums import RateKind
from maillage.engine.vocabulary import Cost, Kind

#: Kinds of what was not understood, as the page says them; in the order in which it shows them.
UNKNOWN: Final = {
    "perimetres": "Périmètres",
    "financeurs": "Financeurs sans page : page créée, à confirmer",
    "categories": "Thèmes et sous-thèmes",
    "publics": "Publics",
    "types": "Types d'aide",
    "etapes": "Étapes",
    "depenses": "Dépenses",
    "recurrences": "Récurrences",
    "valeurs": "Valeurs illisibles",
    "illisibles": "Aides illisibles",
    "hors-champ": "Aides pour d'autres publics : non gardées",
}  # fmt: skip
_LONGEST: Final = {"title": 250, "description": 20_000, "apply": 4_000, "contact": 4_000}
_MOST_WORDS: Final = 20
_DATE: Final = re.compile(r"^\d{4}-\d{2}-\d{2}")
_LARGEST_AMOUNT: Final = 10**10


@dataclass(slots=True)
class Aid:
    """An aid as it was read. ``key`` "" when the line cannot be used at all; ``kept`` false for
    an aid that is for none of our audiences.

    ``values`` are those of a line of import; ``unknown`` (kind, label) what was not understood;
    ``doubts`` why it cannot enter the catalogue, in French: the fields in doubt (``unsure``) are
    not in ``values``, so that an aid that we hold keeps what was understood before; ``page`` its
    address over there; ``newcomer`` the name of the body that has no page yet.
    """

    key: str = ""
    title: str = ""
    page: str = ""
    kept: bool = True
    values: dict[str, Any] = field(default_factory=dict)
    unknown: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    unsure: set[str] = field(default_factory=set)
    newcomer: str = ""

    def doubt(self, why: str, *names: str) -> None:
        """Say that the fields `names` are not known."""
        self.doubts.append(why)
        self.unsure.update(names)


class Reader:
    """Reads the aids of one run: it holds the names of the places and of the bodies."""

    def __init__(self, address: Address, places: Gazetteer, backers: Backers) -> None:
        self._address = address
        self._places = places
        self._backers = backers

    def read(self, raw: Any) -> Aid:
        """The aid of one item of ``results``. Never raises, whatever the item is."""
        aid = Aid()
        if isinstance(raw, dict):
            aid.title = (one_line(raw.get("name")) or one_line(raw.get("name_initial")))[:250]
        key = raw.get("id") if isinstance(raw, dict) else None
        if not isinstance(key, int | str) or isinstance(key, bool) or not one_line(str(key)):
            aid.unknown.append(("illisibles", "aide sans identifiant"))
            return aid
        aid.key = one_line(str(key))[:100]
        slug = one_line(raw.get("slug"))
        aid.page = _web(self._address.page(one_line(raw.get("url")) or f"/aides/{slug}/"))
        if not aid.title:
            aid.title = f"Aide n° {aid.key}"
            aid.doubt("l'aide n'a pas de nom", "title")
            aid.unknown.append(("illisibles", "aide sans nom"))
        audiences = self._known(aid, "publics", "audiences", raw.get("targeted_audiences"))
        if _labels(raw.get("targeted_audiences")) and not audiences.ours and not audiences.unknown:
            aid.kept = False
            aid.unknown.append(("hors-champ", " · ".join(audiences.known)))
            return aid
        if not audiences.ours:
            aid.doubt("on ne sait pas à qui elle s'adresse", "audiences")
        place = self._places.resolve(raw.get("perimeter"), raw.get("perimeter_scale"))
        if not place.keys:
            aid.doubt(f"son périmètre n'est pas connu ({place.why})", "perimeter")
            aid.unknown.append(("perimetres", _said(raw, place)))
        self._fill(aid, raw, place, audiences.ours)
        return aid

    def _fill(
        self, aid: Aid, raw: dict[str, Any], place: Place, audiences: tuple[str, ...]
    ) -> None:
        themes = labels.understand_categories(_labels(raw.get("categories")))
        aid.unknown += [("categories", one_line(label)) for label in themes.unknown]
        phases = self._known(aid, "etapes", "steps", raw.get("mobilization_steps"))
        rates = _rates(aid, raw)
        kind = self._kind(aid, raw, rates)
        body = self._body(aid, raw, place)
        values = {
            "title": aid.title,
            "kind": kind,
            "level": body["level"] if body else place.level,
            "perimeter": list(place.keys),
            "themes": list(themes.ours),
            "phases": list(phases.ours),
            "audiences": list(audiences),
            "cost": _cost(kind, raw.get("is_charged"), rates),
            "cost_note": paragraphs(raw.get("subvention_comment"))[:1000],
            "words": self._words(raw, themes.known),
            "link": _web(raw.get("origin_url")) or aid.page,
            "state": "to_confirm",
            "rates": rates,
            "provider": body,
        }
        self._dates(aid, raw, values)
        text = paragraphs(raw.get("description"))
        values["summary"] = first_sentence(text) or aid.title
        # The summary is shown above the description: its sentence is not said twice.
        text = text.removeprefix(values["summary"]).lstrip()
        values["description"] = self._description(aid, raw, text)
        values["apply"] = self._apply(aid, raw)
        values["contact"] = _contact(raw)
        values["source_detail"] = _source(raw, aid)
        for name, longest in _LONGEST.items():
            values[name] = _cut(values[name], longest)
        aid.values = {name: v for name, v in values.items() if name not in aid.unsure}

    @staticmethod
    def _known(aid: Aid, kind: str, table: str, value: Any) -> labels.Understood:
        found = labels.understand(table, _labels(value))
        aid.unknown += [(kind, one_line(label)) for label in found.unknown]
        return found

    def _kind(self, aid: Aid, raw: dict[str, Any], rates: list[dict[str, Any]]) -> str:
        kinds = set(self._known(aid, "types", "types", raw.get("aid_types")).ours)
        if not kinds and rates:
            kinds = {Kind.FUNDING.value}
        if not kinds:
            aid.doubt("on ne sait pas si c'est de l'argent ou un appui", "kind")
        return Kind.BOTH.value if len(kinds) == 2 else next(iter(kinds), Kind.FUNDING.value)

    def _body(self, aid: Aid, raw: dict[str, Any], place: Place) -> dict[str, Any] | None:
        """Who gives it: the first of those that pay, else of those that follow the files."""
        names = [*_labels(raw.get("financers")), *_labels(raw.get("instructors"))]
        names = [name for name in map(one_line, names) if name]
        if not names:
            aid.doubt("on ne sait pas qui la donne", "provider", "level")
            return None
        first = self._backers.find(names[0], place)
        if first.known or first.values["perimeter"]:
            aid.newcomer = "" if first.known else first.name
        else:
            # No page is made for a body of which nobody knows where it acts.
            aid.unsure |= {"provider", "level"}
        return dict(first.values)

    @staticmethod
    def _words(raw: dict[str, Any], categories: Iterable[str]) -> list[str]:
        """What people may look for it by: its kinds of projects, what it is filed under."""
        said = [*_labels(raw.get("project_references")), *categories]
        said.append(one_line(raw.get("short_title")))
        found = dict.fromkeys(one_line(word)[:120] for word in said)
        return [word for word in found if word][:_MOST_WORDS]

    @staticmethod
    def _dates(aid: Aid, raw: dict[str, Any], values: dict[str, Any]) -> None:
        opens, closes = _day(aid, raw, "start_date"), _day(aid, raw, "submission_deadline")
        if opens and closes and opens > closes:
            aid.unknown.append(("valeurs", "date d'ouverture après la date de clôture"))
            opens = None
        values["opens"], values["closes"] = opens, closes
        values["checked_on"] = _day(aid, raw, "date_updated") or _day(aid, raw, "date_created")
        values["vintage"] = (values["checked_on"] or "")[:7]

    def _description(self, aid: Aid, raw: dict[str, Any], text: str) -> str:
        spent = self._known(aid, "depenses", "destinations", raw.get("destinations"))
        names = list(dict.fromkeys(map(one_line, _labels(raw.get("financers")))))
        initial = one_line(raw.get("name_initial"))
        parts = (
            ("", text),
            ("Conditions", paragraphs(raw.get("eligibility"))),
            ("Exemples de projets aidés", paragraphs(raw.get("project_examples"))),
            ("Ce qui est payé", ", ".join(spent.ours)),
            ("Financeurs", ", ".join(names) if len(names) > 1 else ""),
            ("Programme", ", ".join(map(one_line, _labels(raw.get("programs"))))),
            ("Aide européenne", one_line(raw.get("european_aid"))),
            ("Nom officiel", initial if initial != aid.title else ""),
        )
        return "\n\n".join(
            (f"{title} :\n{text}" if "\n" in text else f"{title} : {text}") if title else text
            for title, text in parts
            if text
        )

    def _apply(self, aid: Aid, raw: dict[str, Any]) -> str:
        said = []
        if raw.get("is_call_for_project") is True:
            said.append("Appel à projets ou à manifestation d'intérêt.")
        if day := _day(aid, raw, "predeposit_date"):
            said.append(
                f"Un premier dossier est à déposer avant le {date.fromisoformat(day):%d/%m/%Y}."
            )
        if address := _web(raw.get("application_url")):
            said.append(f"Demande en ligne : {address}")
        recurrence = raw.get("recurrence")
        said += self._known(
            aid, "recurrences", "recurrences", [recurrence] if recurrence else None
        ).ours
        bodies = list(dict.fromkeys(map(one_line, _labels(raw.get("instructors")))))
        if bodies:
            said.append(f"Qui suit le dossier : {', '.join(bodies)}.")
        return "\n".join(said)


class Unknowns:
    """What was not understood, counted: kind → label → ``{"times", "aids": [id, title, page]}``."""

    MOST_EXAMPLES: Final = 3
    MOST_LABELS: Final = 1000

    def __init__(self, held: dict[str, Any]) -> None:
        self.held = held

    def add(self, aid: Aid) -> None:
        """Count what was not understood of an aid."""
        for (kind, label), times in Counter(aid.unknown).items():
            under = self.held.setdefault(kind, {})
            label = label[:300] or "(vide)"
            if label not in under and len(under) >= self.MOST_LABELS:
                label = "(et d'autres)"
            line = under.setdefault(label, {"times": 0, "aids": []})
            line["times"] += times
            if len(line["aids"]) < self.MOST_EXAMPLES:
                line["aids"].append([aid.key, aid.title, aid.page])


def _labels(value: Any) -> list[str]:
    """The texts of a list; of one text alone, of ``null``, of anything else too."""
    if isinstance(value, str):
        value = [value]
    if not isinstance(value, list):
        return []
    return [one for one in value if isinstance(one, str) and one.strip()]


def _said(raw: dict[str, Any], place: Place) -> str:
    """A perimeter that was not resolved, as it was given, and why."""
    scale = one_line(raw.get("perimeter_scale"))
    name = f"{place.name} [{scale}]" if scale and place.name else place.name
    return f"{name or '(aucun)'} : {place.why}"


def _web(value: Any) -> str:
    """An address of the web, as long as a column holds; "" for anything else."""
    text = one_line(value).replace(" ", "%20")
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    fits = parts.scheme in ("http", "https") and bool(parts.netloc) and len(text) <= 400
    return text if fits else ""


def _day(aid: Aid, raw: dict[str, Any], name: str) -> str | None:
    """A day, from ``2026-03-12`` or a moment that begins so; ``None`` when there is none."""
    value = raw.get(name)
    if value in (None, ""):
        return None
    text = value if isinstance(value, str) else ""
    try:
        if not _DATE.match(text):
            raise ValueError(text)
        return date.fromisoformat(text[:10]).isoformat()
    except ValueError:
        aid.unknown.append(("valeurs", f"date « {one_line(str(value))[:40]} » ({name})"))
        return None


def _number(aid: Aid, raw: dict[str, Any], name: str, most: int) -> int | None:
    value = raw.get(name)
    if value in (None, ""):
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        aid.unknown.append(("valeurs", f"nombre « {one_line(str(value))[:40]} » ({name})"))
        return None
    return int(value) or None


def _rates(aid: Aid, raw: dict[str, Any]) -> list[dict[str, Any]]:
    """The figures: a fixed rate is entered there as the upper bound alone."""
    low = _number(aid, raw, "subvention_rate_lower_bound", 100)
    high = _number(aid, raw, "subvention_rate_upper_bound", 100)
    if low and high and low > high:
        aid.unknown.append(("valeurs", f"taux de {low} à {high} %"))
        low = high = None
    found = []
    if low and high and low < high:
        found.append(_figure(RateKind.RATE_MAX, high, "%", f"taux de {low} à {high} %"))
    elif high:
        found.append(_figure(RateKind.RATE, high, "%", ""))
    elif low:
        found.append(_figure(RateKind.RATE, low, "%", "au moins"))
    for name, base in (
        ("loan_amount", "prêt"),
        ("recoverable_advance_amount", "avance récupérable"),
    ):
        if amount := _number(aid, raw, name, _LARGEST_AMOUNT):
            found.append(_figure(RateKind.CAP, amount, "€", base))
    return found


def _figure(kind: str, value: int, unit: str, base: str) -> dict[str, Any]:
    return {"kind": str(kind), "value": str(value), "unit": unit, "base": base,
            "valid_from": None, "valid_to": None}  # fmt: skip


def _cost(kind: str, charged: Any, rates: list[dict[str, Any]]) -> str:
    """What it costs the commune, only as far as it is said."""
    if charged is True:
        return Cost.PAID.value
    if any(rate["unit"] == "%" and rate["value"] != "100" for rate in rates):
        return Cost.COFINANCED.value
    if kind == Kind.ENGINEERING and charged is False:
        return Cost.FREE.value
    return Cost.UNKNOWN.value


def _contact(raw: dict[str, Any]) -> str:
    """How to reach the service, without what names a person."""
    text = paragraphs(raw.get("contact"))
    kept = without_people(text)
    if text and not kept:
        return "Le contact est donné sur la fiche d'Aides-territoires."
    return kept


def _source(raw: dict[str, Any], aid: Aid) -> str:
    """Where it comes from, under which licence."""
    said = f"Aides-territoires, aide n° {aid.key}, Licence Ouverte 2.0"
    mention = one_line(raw.get("import_data_mention"))
    return (f"{said} ; {mention}" if mention else said)[:250]


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1].rsplit(' ', 1)[0]}…"
