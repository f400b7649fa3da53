"""HTML of Aides-territoires → plain paragraphs. Nothing of the HTML is ever shown as HTML."""

import html
import re
from html.parser import HTMLParser
from typing import Final

_CONTROL: Final = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff\u200b-\u200f\u202a-\u202e\u2060-\u2064"
    "\u2066-\u206f\ufeff]"
)
_BLANKS: Final = re.compile(r"[ \t\r\f\v\u00a0\u202f]+")
_BLOCKS: Final = frozenset(
    {
        "address", "article", "aside", "blockquote", "dd", "div", "dl", "dt", "figure", "footer",
        "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "ol", "p", "pre",
        "section", "table", "tr", "ul",
    }
)  # fmt: skip
_SILENT: Final = frozenset({"script", "style", "iframe", "object", "template", "svg", "head"})
_ITEM: Final = "\n- "
_CIVILITY: Final = re.compile(r"\b(?:M\.|Mme\.?|Mlle|Monsieur|Madame|Mr\.?)\s+[A-ZÀ-Þ]")
_MAIL: Final = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
#: « prenom.nom@ », « p.nom@ » : the address of a person rather than of a service.
_PERSON: Final = re.compile(r"^[a-z]+(?:-[a-z]+)?[._][a-z]+(?:-[a-z]+)*\d*@", re.IGNORECASE)


def one_line(value: object) -> str:
    """A text of the API as one line: entities read, blanks and control characters aside; "" for
    what is no text.
    """
    if not isinstance(value, str):
        return ""
    text = _CONTROL.sub("", html.unescape(value).replace("\n", " "))
    return _BLANKS.sub(" ", text).strip()


def paragraphs(value: object) -> str:
    """A text in HTML as plain paragraphs, set apart by an empty line; list items begin by « - ».

    >>> paragraphs("<p>Pour l&rsquo;eau&nbsp;:</p><ul><li>études</li><li>travaux</li></ul>")
    'Pour l’eau :\\n\\n- études\\n- travaux'
    """
    if not isinstance(value, str) or not value.strip():
        return ""
    reader = _Reader()
    reader.feed(value)
    reader.close()
    return reader.text()


def first_sentence(text: str, longest: int = 240) -> str:
    """The first sentence of plain paragraphs, cut at a word when it is longer than `longest`."""
    line = next((one for one in text.split("\n") if one and not one.startswith("- ")), "")
    end = re.search(r"(?<=[.!?…])\s", line)
    sentence = line[: end.start()] if end and end.start() >= 30 else line
    if len(sentence) <= longest:
        return sentence
    return sentence[:longest].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def without_people(text: str) -> str:
    """A contact without what names a person: lines with a civility, addresses « prenom.nom@ »."""
    kept = []
    for line in text.split("\n"):
        if _CIVILITY.search(line):
            continue
        mails = [mail for mail in _MAIL.findall(line) if _PERSON.match(mail)]
        for mail in mails:
            line = line.replace(mail, "")
        line = re.sub(r"\(\s*\)", "", line).strip(" \t:;,-–")
        if line or not mails:
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


class _Reader(HTMLParser):
    """Collects the text of a page, block by block."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._silent = 0
        self._address = ""
        self._linked = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self._silent += 1
        elif tag == "li":
            self._parts.append(_ITEM)
        elif tag in {"br", "hr"}:
            self._parts.append("\n")
        elif tag in _BLOCKS:
            if self._parts[-1:] != [_ITEM]:  # a paragraph that begins an item stays on its line
                self._parts.append("\n\n")
        elif tag in {"td", "th"}:
            self._parts.append(" ")
        elif tag == "a":
            href = dict(attrs).get("href") or ""
            self._address = href if href.startswith(("http://", "https://")) else ""
            self._linked = len(self._parts)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self._silent = max(0, self._silent - 1)
        elif tag in _BLOCKS:
            self._parts.append("\n\n")
        elif tag == "a" and self._address:
            said = "".join(self._parts[self._linked :])
            if self._address.rstrip("/") not in said:
                self._parts.append(f" ({self._address})")
            self._address = ""

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._parts.append(data.replace("\n", " "))

    def text(self) -> str:
        """What was read."""
        whole = _CONTROL.sub("", "".join(self._parts))
        lines = [_BLANKS.sub(" ", line).strip() for line in whole.split("\n")]
        lines = ["" if line == "-" else line for line in lines]
        text = re.sub(r"\n{3,}", "\n\n", "\n".join(lines))
        return re.sub(r"(?m)^(- .*)\n\n(?=- )", r"\1\n", text).strip()
