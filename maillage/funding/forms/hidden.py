"""What the editor keeps in hidden fields: the notes of a plan, and what may be put back. It comes
back from the browser: whatever is not as expected is left out.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from maillage.funding.document import BadDocument
from maillage.funding.document import read as read_document
from maillage.funding.forms.cells import clean

#: Removals that may be taken back.
MOST_REMOVED: Final = 20
#: What is ticked in a line: costs, other resources.
_TICKED: Final = ("lines", "excludes", "needs")
_LONGEST_STATE: Final = 400_000


def filled(held: Any) -> Any:
    """A document without what is blank in it, which is what is read when nothing is said."""
    if isinstance(held, dict):
        return {k: filled(v) for k, v in held.items() if v not in (None, "", [], {})}
    return [filled(one) for one in held] if isinstance(held, list) else held


def _json(text: str) -> Any:
    """What a hidden field holds, of texts that may be written; ``None`` when it is not ours."""
    try:
        found = json.loads(text[:_LONGEST_STATE])
        return json.loads(json.dumps(found, ensure_ascii=False).encode(errors="replace"))
    except (ValueError, RecursionError):
        return None


def notes_of(text: str) -> dict[str, str]:
    """The notes of a plan, as they were sent."""
    found = _json(text)
    if not isinstance(found, Mapping):
        return {}
    return {str(k)[:40]: clean(str(v), 2_000) for k, v in found.items()}


def removed_of(text: str) -> list[dict[str, Any]]:
    """What may be put back, as it was sent: whatever is not as expected is left out."""
    found = _json(text)
    if not isinstance(found, list):
        return []
    kept = []
    for one in found[-MOST_REMOVED:]:
        if not isinstance(one, dict):
            continue
        if one.get("kind") == "plan":
            try:
                read_document(one.get("plan"), date.min)
            except BadDocument:
                continue
            kept.append(one)
        elif one.get("kind") in ("c", "r") and isinstance(one.get("values"), dict):
            place = one.get("place")
            kept.append({
                "kind": one["kind"], "values": one["values"],
                "place": place if isinstance(place, int) and place >= 0 else 0,
                **{name: said for name in _TICKED if isinstance(said := one.get(name), list)},
            })  # fmt: skip
    return kept
