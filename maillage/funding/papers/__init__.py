"""The papers of a financing plan: what is printed (PDF), finished by hand (ODT, ODS), sent (JSON).

A view, or a command, makes one so::

    label, kinds = PAPERS["plan"]
    octets = kinds["pdf"](subject_of(plan, localdate()))
"""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from django.utils.text import slugify

from maillage.common.odt import MIME as ODT
from maillage.common.tables import FORMATS
from maillage.funding.papers.deliberation import deliberation_as_odt
from maillage.funding.papers.display import display_as_a3, display_as_a4
from maillage.funding.papers.dossier import dossier_as_json
from maillage.funding.papers.letters import letters_as_odt
from maillage.funding.papers.plan import plan_as_pdf
from maillage.funding.papers.plansheet import plan_as_ods
from maillage.funding.papers.report import report_as_pdf
from maillage.funding.papers.subject import Subject, subject_of

__all__ = ["PAPERS", "TYPES", "Subject", "file_name", "subject_of"]

Maker = Callable[[Subject], bytes]


class Entry(NamedTuple):
    """A paper: its name for people, and how each of its formats is made."""

    label: str
    kinds: Mapping[str, Maker]


PAPERS: Final[Mapping[str, Entry]] = {
    "plan": Entry("Plan de financement", {"pdf": plan_as_pdf, "ods": plan_as_ods}),
    "verifications": Entry("Vérifications, à garder", {"pdf": report_as_pdf}),
    "deliberation": Entry("Délibération", {"odt": deliberation_as_odt}),
    "lettres": Entry("Lettres aux financeurs", {"odt": letters_as_odt}),
    "panneau": Entry("Affiche du plan (A4)", {"pdf": display_as_a4}),
    "panneau-a3": Entry("Affiche du plan (A3)", {"pdf": display_as_a3}),
    "dossier": Entry("Données du dossier", {"json": dossier_as_json}),
}
#: Content type of each format.
TYPES: Final = {
    "pdf": "application/pdf", "odt": ODT, "ods": FORMATS["ods"], "json": "application/json",
}  # fmt: skip


def file_name(what: str, kind: str, subject: Subject) -> str:
    """How the file is called: « plan-de-financement-halle-de-bourrou.pdf »."""
    return f"{slugify(f'{PAPERS[what].label} {subject.project}')[:80].strip('-')}.{kind}"
