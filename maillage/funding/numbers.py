"""The numbers of a rule in words: « Part : 20 % ». Their names and units are data
(``maillage/data/nombres.toml``), by the name of the parameter.
"""

import tomllib
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from maillage.engine.funding.types import Rule
from maillage.engine.funding.words import euros, number

NUMBERS: Final = Path(__file__).resolve().parents[1] / "data" / "nombres.toml"
#: Units that are not written after the number.
SHARE: Final = "part"
PAIRS: Final = "couples"


class Label(NamedTuple):
    """How a parameter is told: its name, and its unit ("" when there is none)."""

    name: str
    unit: str


@cache
def labels() -> dict[str, Label]:
    """The name and unit of every parameter."""
    held = tomllib.loads(NUMBERS.read_text(encoding="utf-8"))["numbers"]
    return {parameter: Label(*said) for parameter, said in held.items()}


def label_of(parameter: str) -> str:
    """The name of a parameter in plain words; its own name when nobody gave it one."""
    return labels().get(parameter, Label(parameter, "")).name


def unit_of(parameter: str) -> str:
    """The unit of a parameter."""
    return labels().get(parameter, Label(parameter, "")).unit


def is_share(parameter: str) -> bool:
    """Whether a number is a share of one, written in percent."""
    return unit_of(parameter) == SHARE


def is_pairs(parameter: str) -> bool:
    """Whether a list is one of pairs, each written « a|b »."""
    return unit_of(parameter) == PAIRS


def numbers_of(rule: Rule) -> list[tuple[str, str]]:
    """The numbers of a rule: (label, value in words)."""
    return [(label_of(name), _said(name, value)) for name, value in rule.parameters.items()]


def written(name: str, value: Decimal | tuple[str, ...]) -> str:
    """A number as it is typed: « 16,404 % », « 2000 », « 971, 972 »."""
    if isinstance(value, tuple):
        return ", ".join(value)
    return share_said(value) if is_share(name) else f"{value:f}".replace(".", ",")


def share_said(value: Decimal) -> str:
    """A rate with all its decimals: « 16,404 % »."""
    text = f"{value * 100:f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return f"{text.replace('.', ',')}\u00a0%"


def _said(name: str, value: Decimal | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(_pair, value) if is_pairs(name) else value) or "aucun"
    unit = unit_of(name)
    if unit == SHARE:
        return share_said(value)
    return euros(value) if unit == "€" else f"{number(value)} {unit}".strip()


def _pair(code: str) -> str:
    """A pair of aids as one says it: « fonds-vert|detr » → « Fonds vert et DETR »."""
    said = (
        part.replace("-", " ").capitalize() if "-" in part else part.upper()
        for part in code.split("|")
    )
    return " et ".join(said)
