"""What a person reads in an answer."""

import html
from typing import Any


def text_of(answer: Any) -> str:
    """The page, streamed or not, its entities read and its no-break spaces made plain."""
    content = b"".join(answer) if answer.streaming else answer.content
    return html.unescape(content.decode()).replace("\u00a0", " ").replace("\u202f", " ")
