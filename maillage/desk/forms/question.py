"""What a person asks: read with kindness, never refused for its form."""

from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from django.http import QueryDict

from maillage.engine.types import Need
from maillage.engine.vocabulary import PHASES, Audience

#: Characters read of a need: about three pages. What is beyond is said not to have been read.
LONGEST_NEED: Final = 8_000
#: Longer addresses are cut by some mail programs and refused by some servers.
LONGEST_ADDRESS: Final = 1_800
_AUDIENCES: Final = {member.value: member for member in Audience}


@dataclass(frozen=True, slots=True)
class Question:
    """A need, where it is, and what was corrected.

    `types` is ``None`` until the person has corrected the kinds of project; `place` is what they
    typed for their commune when no code came with it.
    """

    text: str = ""
    code: str = ""
    place: str = ""
    types: tuple[str, ...] | None = None
    phase: str | None = None
    audience: Audience = Audience.COMMUNE
    cut: bool = False

    @classmethod
    def read(cls, data: QueryDict) -> "Question":
        """Read the parameters of a GET or POST; whatever comes, a question is made of it."""
        text = data.get("besoin", "").replace("\x00", " ").strip()
        chosen: tuple[str, ...] | None = None
        if "choix" in data:
            chosen = tuple(dict.fromkeys(t for t in data.getlist("type") if t))[:12]
        phase = data.get("phase", "")
        return cls(
            text=text[:LONGEST_NEED],
            code=data.get("commune", "").strip().upper()[:9],
            place=data.get("lieu", "").replace("\x00", " ").strip()[:100],
            types=chosen,
            phase=phase if phase in PHASES else None,
            audience=_AUDIENCES.get(data.get("pour", ""), Audience.COMMUNE),
            cut=len(text) > LONGEST_NEED,
        )

    def need(self) -> Need:
        """The need as the engine reads it."""
        return Need(text=self.text, audience=self.audience, types=self.types, phase=self.phase)

    def query(self) -> str:
        """Query string that asks the same again."""
        pairs = [("commune", self.code), ("besoin", self.text)]
        if not self.code and self.place:
            pairs.append(("lieu", self.place))
        if self.types is not None:
            pairs += [("choix", "1"), *(("type", slug) for slug in self.types)]
        if self.phase:
            pairs.append(("phase", self.phase))
        if self.audience is not Audience.COMMUNE:
            pairs.append(("pour", self.audience.value))
        return urlencode(pairs)

    def fits_an_address(self) -> bool:
        """True when the question can be an address, to be kept or sent."""
        return len(self.query()) <= LONGEST_ADDRESS

    def at(self, code: str, place: str = "") -> "Question":
        """The same question, asked from the territory `code` (or from what `place` will tell)."""
        return replace(self, code=code, place=place)
