"""What must not be kept of a need: whatever names a person, or leads to one.

What is taken out leaves « […] ». A mask cannot know every name: pages say so.
"""

import re
from typing import Final

from maillage.catalog.models.knowledge import LONGEST_NEED

MASK: Final = "[…]"
#: Characters looked at: well beyond what is kept, and short enough for any text to be quick.
_READ: Final = 2_000

_EMAIL: Final = re.compile(
    r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\]|\barobase\b)\s?[\w-]{1,64}(?:\s?\.\s?[\w-]{1,30}){1,5}",
    re.IGNORECASE,
)
_LINK: Final = re.compile(
    r"(?:https?://|www\.)\S{1,400}"
    r"|\b[a-z0-9-]{1,60}(?:\.[a-z0-9-]{1,60}){0,4}\.(?:fr|com|org|net|eu|info|re|bzh)\b(?:/\S{0,300})?",
    re.IGNORECASE,
)
_PHONE: Final = re.compile(r"(?<!\w)(?:\+|00)\s?\d(?:[\s.\-/()]{0,2}\d){7,14}(?!\w)"
                           r"|(?<!\w)0[1-9](?:[\s.\-/]{0,2}\d){8}(?!\w)")  # fmt: skip
#: Numbers of files, of bodies, of people, dates; a price in millions stays.
_DIGITS: Final = re.compile(r"\d{7,}|\d(?:[\s.\-/]?\d){8,}|\b\d{1,2}[./-]\d{1,2}[./-]\d{2,4}\b")
_POSTAL: Final = re.compile(
    r"\b(?:\d{5}|\d{2} \d{3}) {1,2}(?!(?:EUROS?|TTC|HT|K)\b)"
    r"[A-ZÀ-Ý][\w'’-]{1,40}(?:[ -][A-ZÀ-Ý][\w'’-]{1,40}){0,4}"
)
_NAME: Final = r"(?:[A-ZÀ-Ý][\w'’.-]{0,40})"
_PARTICLE: Final = r"(?:(?:de|du|des|d['’]|la|le|van|von|ben|el)\s?)"
_CAPITALISED: Final = rf"{_PARTICLE}{{0,2}}{_NAME}(?:[ -]{_PARTICLE}{{0,2}}{_NAME}){{0,3}}"
#: « Docteur », « Maître » are also said of nobody: only with a capital after them.
_TITLED: Final = re.compile(
    rf"\b(?:M\.|MM\.|M|Me|Mrs?\.?|Mmes?\.?|Mlles?\.?|[Mm]onsieur|[Mm]adame|[Mm]ademoiselle"
    rf"|[Mm]essieurs|[Mm]esdames|[Dd]r\.?|[Dd]octeur|[Mm]aître)\s{{1,2}}{_CAPITALISED}"
)
#: After these, even a small letter is a name, but for what one says of an office.
_OFFICES: Final = (
    "le|la|les|l|un|une|des|du|de|d|et|ou|qui|que|je|j|nous|vous|on|il|elle|en|pour|a|à|est|sont|"
    "maire|maires|préfet|préfète|prefet|sous|adjoint|adjointe|président|présidente|secrétaire|"
    "bonjour|bonsoir|merci|tout|conseiller|conseillère"
)
_SMALL: Final = re.compile(
    rf"\b(?:m\.|mr\.?|mme\.?|mlle\.?|monsieur|madame|mademoiselle)\s{{1,2}}"
    rf"(?!(?:{_OFFICES})\b)[a-zà-ÿ][\w'’-]{{1,40}}",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(
    r"\b(?i:je m['’ ]?appelle|je me nomme|mon nom est|mon nom\s?:|signé\s?:?)\s{1,2}"
    r"[^\s.,;:!?\n]{1,40}(?: [A-ZÀ-Ý][^\s.,;:!?\n]{1,40}){0,3}"
)
#: A letter is over, and its signature begins.
_ENDING: Final = re.compile(
    r"(?:^|[\n.!?,;])\s{0,4}(?:bien |très |tres |avec mes |meilleures? )?"
    r"(?:cordialement|respectueusement|sincèrement|sincerement|bien à vous|bien a vous|"
    r"salutations|cdlt|amicalement)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_RULES: Final = (_EMAIL, _LINK, _PHONE, _POSTAL, _DIGITS, _CALLED, _TITLED, _SMALL)


def masked(text: str, place: str = "") -> str:
    """`text` on one line, without addresses, numbers and names, at most `LONGEST_NEED` characters.

    `place` is the name of the territory that was given with the need: it is taken out too.

    >>> masked("Écrivez à jean.martin@mairie.fr ou au 05 53 00 00 00, M. Martin")
    'Écrivez à […] ou au […], […]'
    """
    kept = "".join(c if c.isprintable() or c == "\n" else " " for c in text[:_READ])
    if len(text) > _READ:
        kept = kept.rpartition(" ")[0]  # half an address would not be known as one
    kept = _ENDING.sub("", kept)
    for rule in _RULES:
        kept = rule.sub(MASK, kept)
    if len(place) > 1:
        spelt = r"[\s'’-]".join(re.escape(part) for part in re.split(r"[\s'’-]", place) if part)
        kept = re.sub(rf"\b{spelt}\b", MASK, kept, flags=re.IGNORECASE)
    return " ".join(kept.split())[:LONGEST_NEED].strip()
