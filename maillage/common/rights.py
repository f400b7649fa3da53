"""The answer to "may this person do this?": yes, or no with the reason.

Page and API show the same sentence.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allowed:
    """Yes."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Denied:
    """No, and why, in French, for the person."""

    reason: str

    def __bool__(self) -> bool:
        return False


Right = Allowed | Denied
