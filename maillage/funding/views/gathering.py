"""What the editor gathers from elsewhere: lines pasted or read in a file, aids of the catalogue.

Shared by the simulator and by the plans of projects, whose pages include ``editor/_paste.html`` and
``editor/_aids.html``.
"""

from datetime import date
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, QueryDict

from maillage.engine.funding.types import Nature
from maillage.engine.types import Need
from maillage.engine.vocabulary import PHASES, Audience
from maillage.funding import pasting, planning
from maillage.funding.document import MOST_LINES, PlanDocument, Source
from maillage.funding.forms import lines
from maillage.funding.forms.editor import Editor
from maillage.funding.showing import aid_said

LARGEST: Final = pasting.MOST_BYTES
LONGEST_NEED: Final = 2_000
_TOO_MANY: Final = (
    f"Un plan a {MOST_LINES} dépenses et {MOST_LINES} ressources au plus : avec ces lignes, il en "
    "aurait davantage."
)


def typed(request: HttpRequest) -> dict[str, Any]:
    """What was typed in the two fragments, to be shown again on any page."""
    return {
        "need": request.POST.get("besoin", "")[:LONGEST_NEED],
        "need_as_asked": request.POST.get("besoin-precis", "")[:LONGEST_NEED],
        "paste_text": request.POST.get("coller-texte", "")[: pasting.MOST_CHARACTERS],
        "paste_side": request.POST.get("coller-vers", ""),
    }


def gather(request: HttpRequest, editor: Editor, today: date) -> dict[str, Any] | None:
    """Do what the buttons of the two fragments say. Returns what the page shows of it (with its
    ``status``), or ``None`` for another button.
    """
    verb = request.POST.get("faire", "")
    if verb == "coller":
        return _paste(request, editor, today)
    if verb == "ajouter-aides":
        return _add(request, editor, today)
    return _find(request, editor, today) if verb == "chercher-aides" else None


def _paste(request: HttpRequest, editor: Editor, today: date) -> dict[str, Any]:
    """Add pasted lines, or those of a file: all or nothing."""
    side = request.POST.get("coller-vers", "")
    side = side if side in ("c", "r") else ""
    before = editor.document(today)  # finds the place that was typed, hence the VAT
    works = any(
        row.values["nature"] == Nature.WORKS and not lines.is_blank(row) for row in editor.costs
    )
    around = pasting.Around(editor.usual, editor.in_net, side, works)
    sent = request.FILES.get("coller-fichier")
    if not isinstance(sent, UploadedFile):
        found = pasting.from_text(request.POST.get("coller-texte", ""), around)
    elif (sent.size or 0) > LARGEST:
        found = pasting.Pasted(problems=[pasting.TOO_BIG])
    else:
        found = pasting.from_file(sent.read(), sent.name or "tableau", around)
    if found.problems:
        return {"pasted": found, "status": 422}
    if not editor.has_room(len(found.costs), len(found.resources)):
        return {"pasted": pasting.Pasted(problems=[_TOO_MANY]), "status": 422}
    _keep(editor, before)
    editor.extend(found.costs, found.resources)
    many = "lignes ajoutées" if found.count > 1 else "ligne ajoutée"
    editor.said = f"{found.count} {many}."
    return {"pasted": found, "paste_text": "", "status": 200}


def take_ticked(request: HttpRequest, editor: Editor, today: date) -> None:
    """Add the aids that are ticked when another button is pressed: who ticked them wants them."""
    added = _ticked(request, editor, today)
    if added and editor.has_room(0, len(added)):
        editor.extend(resources=added)
        many = "aides cochées sont ajoutées" if len(added) > 1 else "aide cochée est ajoutée"
        editor.said = f"{len(added)} {many} au plan."


def _ticked(request: HttpRequest, editor: Editor, today: date) -> list[Source]:
    """The aids that are ticked and not in the plan yet, once each."""
    held = _held(editor)
    slugs = [slug for slug in request.POST.getlist("aide") if slug not in held]
    return planning.aids_of(slugs[: planning.MOST_AIDS], today) if slugs else []


def _add(request: HttpRequest, editor: Editor, today: date) -> dict[str, Any]:
    """Add the aids that are ticked."""
    added = _ticked(request, editor, today)
    if not added:
        editor.said = "Cochez d'abord au moins une aide."
        return _find(request, editor, today)
    if not editor.has_room(0, len(added)):
        editor.said = _TOO_MANY
        return {"status": 422}
    _keep(editor, editor.document(today))
    editor.extend(resources=added)
    many = "aides ajoutées" if len(added) > 1 else "aide ajoutée"
    editor.said = (
        f"{len(added)} {many} : dites combien vous demandez, ou laissez « Trouver mieux » le "
        "proposer."
    )
    return {"status": 200}


def _find(request: HttpRequest, editor: Editor, today: date) -> dict[str, Any]:
    """Search again; what was corrected on the answer page still counts for the same words."""
    text, before = request.POST.get("besoin", ""), request.POST.get("besoin-precis", "")
    asked = QueryDict(before[:LONGEST_NEED].encode(errors="replace"))
    same = asked.get("besoin") == text
    need = need_of(asked) if same else Need(text=_text(text))
    found = look(need, editor, today, frozenset(request.POST.getlist("aide")))
    return found if same else {**found, "need_as_asked": ""}


def _text(need: str) -> str:
    return need.replace("\x00", " ").strip()[:LONGEST_NEED]


def need_of(asked: QueryDict) -> Need:
    """The need of an answer page, with what was corrected there: « besoin », « phase », « pour »,
    and « type » when « choix » is said.
    """
    phase, audience = asked.get("phase", ""), asked.get("pour", "")
    return Need(
        text=_text(asked.get("besoin", "")),
        audience=Audience(audience) if audience in list(Audience) else Audience.COMMUNE,
        types=planning.types_known(asked.getlist("type")[:12]) if "choix" in asked else None,
        phase=phase if phase in PHASES else None,
    )


def look(
    need: Need, editor: Editor, today: date, ticked: frozenset[str] | None = None
) -> dict[str, Any]:
    """Look in the catalogue for what could pay, for a need and the place of the plan; of what is
    found, `ticked` are ticked (all of it when ``None``).
    """
    editor.document(today)  # finds the place that was typed
    place = editor.bearer.values["code"] or None
    found = planning.aids_for(need, place, today) if need.text else []
    held = _held(editor)
    aids = [
        (aid, aid_said(aid), ticked is None or aid.offer in ticked)
        for aid in found if aid.offer not in held
    ]  # fmt: skip
    editor.focus = "aides-trouvees" if need.text else "besoin"
    return {"aids": aids, "aids_asked": True, "status": 200}


def _held(editor: Editor) -> set[str]:
    return {row.values["offer"] for row in editor.resources}


def _keep(editor: Editor, before: PlanDocument | None) -> None:
    """Keep the plan as it was, when it can be read, so that what follows may be taken back."""
    if before is not None:
        editor.remember_whole(before)
