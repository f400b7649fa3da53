"""With which other resources an aid goes, as its funder says: boxes to tick in its details."""

from collections.abc import Sequence
from typing import Any, Final

from maillage.engine.funding.types import OWN
from maillage.funding.forms.cells import Row

#: Fields whose values are identifiers of other resources, and how they are asked.
FIELDS: Final = ("excludes", "needs")
#: Resources beyond which the page does not show a box for each.
_MOST_BOXES: Final = 8
_ASKED: Final = {
    "excludes": "Elle ne va pas avec…",
    "needs": "Elle ne se donne qu'avec… (l'une au moins)",
}


def of(row: Row) -> dict[str, list[str]]:
    """What a line says, as the document writes it: own money is nobody's aid, it says nothing."""
    said = () if row.values["fund"] in OWN else row.others.items()
    return {name: list(dict.fromkeys(ticked)) for name, ticked in said}


def among(said: Sequence[dict[str, Any]]) -> None:
    """Forget, in the resources of a document, those that are no longer there."""
    known = {one["id"] for one in said}
    for one in said:
        for name in FIELDS:
            one[name] = [i for i in one.get(name, ()) if i in known and i != one["id"]]


def show(rows: Sequence[Row], named: Sequence[tuple[Row, str]]) -> None:
    """Give each line whose details are shown its boxes to tick: `named` are the resources that they
    may name, with what they are called. What has no box goes on unseen in the page.
    """
    known = {row.values["id"]: label for row, label in named}
    told = {(row.values["id"], other) for row, _ in named for other in row.others["excludes"]}
    for row in rows:
        mine, boxes = row.values["id"], row.extra["whole"] and not row.extra["own"]
        here = {name: label for name, label in known.items() if boxes and name != mine}
        row.extra["terms"] = [
            _asked(field, row, here, told if field == "excludes" else set()) for field in FIELDS
        ] if here else []  # fmt: skip
        row.extra["terms_said"] = any(row.others.values())
        row.extra["unseen"] = [
            (field, name) for field in FIELDS for name in row.others[field] if name not in here
        ]


def _asked(
    field: str, row: Row, here: dict[str, str], told: set[tuple[str, str]]
) -> dict[str, Any]:
    """What the page asks of a field: boxes; of many resources, those that are ticked, and the
    others in a list where one is chosen. What another line says (`told`) needs not be said twice.
    """
    mine = row.values["id"]
    boxes = [
        (name, f"{label} (déjà dit dans ses détails)" if (name, mine) in told else label,
         name in row.others[field])
        for name, label in here.items()
    ]  # fmt: skip
    few = len(boxes) <= _MOST_BOXES
    return {
        "field": field,
        "asked": _ASKED[field],
        "boxes": boxes if few else [box for box in boxes if box[2]],
        "others": () if few else [box for box in boxes if not box[2]],
    }
