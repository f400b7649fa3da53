"""Bodies that an agent may choose for a request: to ask them, or to designate them.

A choice is « p:slug » for a provider of the catalogue, « o:12 » for a body that people act for.
Everything is read from memory, but the bodies that have no page in the catalogue.
"""

import re
from dataclasses import dataclass
from typing import Any, Final

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Organisation
from maillage.catalog.forms.filters import ProviderFilters
from maillage.catalog.models import Provider
from maillage.catalog.providers import ProviderLine, find_providers, held
from maillage.desk.enums import LeadKind
from maillage.desk.models import Request
from maillage.desk.orientation import Answer
from maillage.desk.services import desks
from maillage.engine.text import words

#: How many results of a search are offered: more would hide the one that is looked for.
FOUND: Final = 30
_STATE: Final = ("sous-prefecture-", "prefecture-", "ddt-")
_SLUG: Final = re.compile(r"[-a-z0-9_]{1,200}")
_KEY: Final = re.compile(r"[0-9]{1,10}")
_NOT_ASKED: Final = (OrganisationKind.COMMUNE, OrganisationKind.EPCI)


Groups = list[tuple[str, list[tuple[str, str]]]]


def of_answer(shown: Answer) -> Groups:
    """Providers of the proposals, by ring, those that answer first."""
    groups: Groups = []
    seen: set[str] = set()
    for ring in shown.rings:
        lines = []
        for card in (*ring.adequate, *ring.contacts):
            slug = card.proposal.offer.provider_id
            if slug not in seen:
                seen.add(slug)
                mark = "" if card.proposal.adequate else " (contact)"
                lines.append((f"p:{slug}", f"{card.provider}{mark}"))
        if lines:
            groups.append((f"Proposés : {ring.label.lower()}", lines))
    return groups


def of_state(request: Request) -> Groups:
    """Préfecture, sous-préfectures and territorial service of the départements of the request;
    the sous-préfecture of its own arrondissement first.
    """
    keys = set(request.keys)
    departments = {key for key in keys if key.startswith("dep:")}
    found = [
        line
        for line in held.get()
        if line.generalist and line.slug.startswith(_STATE) and _inside(line, departments)
    ]
    found.sort(
        key=lambda line: (
            not (line.slug.startswith(_STATE[0]) and keys & set(line.perimeter)),
            next(n for n, start in enumerate(_STATE) if line.slug.startswith(start)),
        )
    )
    lines = [(f"p:{line.slug}", line.name) for line in found]
    return [("Services de l'État", lines)] if lines else []


def _inside(line: ProviderLine, departments: set[str]) -> bool:
    """True of a body of one of the départements, or of one of their arrondissements (24 + n)."""
    places = {key.removeprefix("dep:") for key in departments}
    return any(
        key in departments or (key.startswith("arr:") and key[4:-1] in places)
        for key in line.perimeter
    )


def of_parties(request: Request) -> Groups:
    """Bodies that take part in the request already (one query when they are not prefetched)."""
    parts = request.parties.select_related("organisation").filter(ended_at=None)
    bodies = {part.organisation_id: part.organisation for part in parts}
    lines = [(value_of(body), body.name) for body in bodies.values() if body.kind not in _NOT_ASKED]
    lines.sort(key=lambda one: one[1])
    return [("Prennent déjà part à la demande", lines)] if lines else []


def search(text: str) -> Groups:
    """Bodies whose name has a word beginning with each word of `text`: catalogue, then accounts."""
    needles = words(text)
    if not needles:
        return []
    catalogue = [
        (f"p:{line.slug}", line.name) for line in find_providers(ProviderFilters(text=text))[:FOUND]
    ]
    rows = Organisation.objects.filter(provider="").exclude(kind__in=_NOT_ASKED)
    others = [
        (value_of(body), body.name)
        for body in rows
        if all(f" {needle}" in f" {' '.join(words(body.name))}" for needle in needles)
    ]
    lines = [*catalogue, *others[:FOUND]]
    return [(f"Trouvés pour « {text} »", lines)] if lines else []


def value_of(body: Organisation) -> str:
    """The choice that names `body`."""
    return f"p:{body.provider}" if body.provider else f"o:{body.pk}"


def merged(*groups: Groups) -> Groups:
    """The same groups, each body at its first place only."""
    seen: set[str] = set()
    out: Groups = []
    for label, lines in (group for some in groups for group in some):
        new = [line for line in lines if line[0] not in seen]
        seen.update(value for value, _ in new)
        if new:
            out.append((label, new))
    return out


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a chosen body, to fill a form: its name, how to reach it, its quality."""

    name: str
    lead_kind: str
    phone: str = ""
    email: str = ""
    contact: str = ""
    body: Organisation | None = None


def known(value: str) -> Known | None:
    """What is known of the body of a choice; ``None`` when there is no such body."""
    body, slug = _read(value)
    provider = Provider.objects.published().filter(slug=slug).first() if slug else None
    if body is None and provider is None:
        return None
    return Known(
        name=body.name if body else provider.name,
        lead_kind=_lead_kind(body, provider),
        phone=body.phone if body else "",
        email=body.email if body else "",
        contact=provider.contact if provider else "",
        body=body,
    )


def refusal(body: Organisation | None, request: Request) -> str:
    """Why this body cannot answer `request`, in French; "" when it may. An intercommunalité may:
    it is often the first to help its communes.
    """
    if body is None:
        return ""
    if body.pk == request.applicant_id:
        return f"{body.name} est à l'origine de cette demande : choisissez un autre organisme."
    if body.kind == OrganisationKind.COMMUNE:
        return f"{body.name} ne peut pas répondre : une commune n'est pas un offreur d'ingénierie."
    if body.kind == OrganisationKind.ANCT:
        return "L'ANCT répond par l'appui national : demandez-le, si aucune offre locale ne répond."
    if body.mandates.filter(role=Role.OBSERVER).exists():
        return f"{body.name} réunit des élus, qui lisent les demandes sans y répondre."
    return ""


def _read(value: str) -> tuple[Organisation | None, str]:
    kind, _, key = value.partition(":")
    if kind == "p" and _SLUG.fullmatch(key):
        return Organisation.objects.filter(provider=key).first(), key
    if kind == "o" and _KEY.fullmatch(key):
        body = Organisation.objects.filter(pk=int(key)).first()
        return body, body.provider if body else ""
    return None, ""


def _lead_kind(body: Organisation | None, provider: Any) -> str:
    slug = provider.slug if provider else ""
    if slug.startswith(("sous-prefecture-", "prefecture-")):
        return LeadKind.SUBPREFECT
    if slug.startswith("ddt-"):
        return LeadKind.DDT
    if provider and provider.family == "state_operator":
        return LeadKind.OPERATOR
    if body and body.kind == OrganisationKind.PREFECTURE:
        return LeadKind.SUBPREFECT
    if body and body.kind == OrganisationKind.STATE:
        return LeadKind.DDT
    return LeadKind.LOCAL_PROVIDER


def body_of(value: str) -> Organisation:
    """The body of a choice, made at its first use (call it in a transaction that writes).

    Raises ``Organisation.DoesNotExist`` or ``Provider.DoesNotExist``.
    """
    kind, _, key = value.partition(":")
    if kind == "p":
        return desks.body_for_provider(key)
    return Organisation.objects.get(pk=int(key))
