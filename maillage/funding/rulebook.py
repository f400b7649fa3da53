"""The shipped rules: ``maillage/data/rules/*.toml``, checked, as the engine's values."""

import tomllib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from maillage.engine.funding.types import Rule

RULES: Final = Path(__file__).resolve().parents[1] / "data" / "rules"
_STATES: Final = {"verified": True, "to_confirm": False}
_NEEDED: Final = frozenset({"id", "title", "sentence", "scope", "reference", "source", "state"})
_KNOWN: Final = _NEEDED | {"parameters", "valid_from", "valid_to", "active"}


class RuleFileError(Exception):
    """A file of rules cannot be used: the file, the rule, and what to do, in French."""


def shipped_rules(folder: Path = RULES) -> tuple[Rule, ...]:
    """Every rule of the files of `folder`, in their order. Raises `RuleFileError`."""
    found = []
    for file in sorted(folder.glob("*.toml")):
        try:
            # Numbers as they are written: 0.20 is a fifth, not the float nearest to it.
            entries = tomllib.loads(file.read_text("utf-8"), parse_float=Decimal)["rules"]
        except (tomllib.TOMLDecodeError, KeyError) as error:
            raise RuleFileError(f"{file.name} n'est pas un fichier de règles : {error}.") from error
        found += [rule_of(entry, file.name) for entry in entries]
    return tuple(found)


def rule_of(entry: dict[str, Any], place: str) -> Rule:
    """A rule from its table; `place` names it in errors. Raises `RuleFileError`."""
    where = f"{place}, règle « {entry.get('id', '?')} »"
    for key in sorted(_NEEDED - entry.keys()):
        raise RuleFileError(f"{where} : il manque « {key} ».")
    for key in sorted(entry.keys() - _KNOWN):
        raise RuleFileError(f"{where} : le champ « {key} » n'est pas connu.")
    if entry["state"] not in _STATES:
        raise RuleFileError(f"{where} : l'état est « verified » ou « to_confirm ».")
    for key in ("valid_from", "valid_to"):
        if not isinstance(entry.get(key, date.min), date):
            raise RuleFileError(f"{where} : « {key} » est une date (2026-01-01).")
    return Rule(
        id=entry["id"],
        title=entry["title"],
        sentence=entry["sentence"],
        parameters={
            name: _parameter(value, f"{where}, paramètre « {name} »")
            for name, value in entry.get("parameters", {}).items()
        },
        scope=entry["scope"],
        valid_from=entry.get("valid_from"),
        valid_to=entry.get("valid_to"),
        reference=entry["reference"],
        source=entry["source"],
        confirmed=_STATES[entry["state"]],
        active=entry.get("active", True),
    )


def _parameter(value: Any, where: str) -> Decimal | tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise RuleFileError(f"{where} : un nombre, ou une liste de textes.")
