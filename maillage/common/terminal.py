"""Lines of French text for a terminal."""

import re
import textwrap
from typing import Final

WIDTH: Final = 92
_TIED_BEFORE: Final = re.compile(r" (?=[:;?!»€%])")
_TIED_AFTER: Final = re.compile(r"(?<=«) ")


def wrapped(text: str, first: str = "", then: str | None = None) -> list[str]:
    """The lines of `text`, the first after `first`, the others after `then` (`first` without it).

    French punctuation keeps to its word: the spaces before or inside it never end a line.
    """
    text = _TIED_AFTER.sub("\u00a0", _TIED_BEFORE.sub("\u00a0", text))
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=first if then is None else then
    )
