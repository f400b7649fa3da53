"""Does a plan hold, and which are the best: the simulator for other programs. Nothing is kept."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from difflib import get_close_matches
from typing import Any, Final

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from ninja import NinjaAPI, Router
from ninja.errors import HttpError

from maillage.api import planshapes as s
from maillage.api.bearers import NUMBERS, placed
from maillage.api.schemas import Error
from maillage.api.strict import refuse_unknown
from maillage.engine.funding.answer import Answer, BestPlan, Conflict
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import ZERO, Bearer, Check, CostLine, Plan, Rule, Verdict
from maillage.funding.document import (
    TERRITORY,
    BadDocument,
    Payment,
    PlanDocument,
    Source,
    read,
)
from maillage.funding.examples import known
from maillage.funding.law import law_on
from maillage.funding.planning import MOST_AIDS, Busy, aids_of, best, census_of, checks
from maillage.funding.showing import report

#: The worked cases shown as examples: those of the guide whose figures say the most.
_SHOWN: Final = ("bourrou", "le-juch", "lormes", "kourou", "muttersholtz", "sud-lozere")
_LONGEST_SLUG: Final = 100
_REFUSED: Final = {400: Error, 413: Error, 422: s.Problems}
router = Router(tags=["Plans de financement"])


class Unreadable(Exception):
    """The plan cannot be read: ``problems`` are (place, what is wrong)."""

    def __init__(self, problems: Sequence[tuple[str, str]]) -> None:
        self.problems = problems
        super().__init__(problems)


def install(api: NinjaAPI) -> None:
    """Add the plans to `api`, and its answer to a plan that cannot be read."""
    api.add_router("/plans", router)

    @api.exception_handler(Unreadable)
    def unreadable(request: HttpRequest, error: Unreadable) -> HttpResponse:
        told = s.Problems(
            detail=" ".join(f"{place} : {what}" for place, what in error.problems),
            problems=[s.Problem(place=place, said=what) for place, what in error.problems],
        )
        return api.create_response(request, told.model_dump(), status=422)


def _examples(made: Mapping[str, tuple[str, Mapping[str, Any]]]) -> dict[str, Any]:
    """What OpenAPI calls the examples of a body: name → (title, body)."""
    examples = {name: {"summary": title, "value": dict(body)}
                for name, (title, body) in made.items()}  # fmt: skip
    return {"requestBody": {"content": {"application/json": {"examples": examples}}}}


def _worked() -> dict[str, tuple[str, Mapping[str, Any]]]:
    """The plans of the guide, its errors kept: the API finds them."""
    return {slug: (known()[slug].title, _plain(known()[slug].plan)) for slug in _SHOWN}


def _plain(plan: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (plan or {}).items() if name != "notes"}


def _searched() -> dict[str, tuple[str, Mapping[str, Any]]]:
    """Searches on the costs of the guide. Its rates where it prints them, else said to be made up
    for the example.
    """
    aids: dict[str, tuple[str, list[dict[str, Any]], dict[str, Any]]] = {
        "le-juch": ("la région à 70 %", [
            {"label": "Région Bretagne", "fund": "region", "rate": "0.70"},
        ], {}),
        "lormes": ("80 % du pays", [
            {"label": "Pays Nivernais Morvan (FNADT et LEADER)", "fund": "other_public",
             "rate": "0.80"},
        ], {}),
        "bourrou": ("taux inventés pour l'exemple, et une question", [
            {"label": "DETR", "fund": "detr", "rate": "0.40", "chance": "0.6", "days": 300},
            {"label": "Fonds de concours du Grand Périgueux", "fund": "group", "rate": "0.50",
             "cap": "60000", "chance": "0.8", "days": 150},
            {"label": "Département", "fund": "department", "rate": "0.25", "chance": "0.7"},
            {"label": "LEADER : taux à demander", "fund": "leader"},
        ], {"own_most": "120000"}),
        "kourou": ("ce qui est accordé, et l'ADEME", [
            {"label": "FEDER", "fund": "europe", "status": "granted", "granted": "2000000",
             "amount": "2000000"},
            {"label": "ADEME", "fund": "operator", "flat": "400000"},
            {"label": "FEADER", "fund": "europe", "flat": "352000"},
        ], {}),
    }  # fmt: skip
    for slug in ("muttersholtz", "sud-lozere"):
        plan = known()[slug].plan or {}
        aids[slug] = ("ses aides, chacune au plus pour le montant du guide",
                      [dict(one) for one in plan["resources"]], {})  # fmt: skip
    made: dict[str, tuple[str, Mapping[str, Any]]] = {}
    for slug, (what, resources, more) in aids.items():
        example = known()[slug]
        made[slug] = (f"{example.title} ({what})",
                      {**_plain(example.plan), "resources": resources, **more})  # fmt: skip
    return made


@router.post(
    "/check",
    response={200: s.ChecksOut, **_REFUSED},
    summary="Ce plan de financement tient-il ?",
    operation_id="plan_check",
    openapi_extra=_examples(_worked()),
)
def check(request: HttpRequest, plan: s.PlanIn) -> s.ChecksOut:
    """Vérifie un plan sous le droit de son jour : chaque règle, ses nombres, sa loi, et le plus
    petit changement qui suffit. Sans compte ; rien n'est gardé. 200 dépenses et 200 ressources au
    plus.
    """
    refuse_unknown(request)
    return checks_out(_read(plan, _names(PlanDocument)))


@router.post(
    "/best",
    response={200: s.PlansOut, **_REFUSED, 503: Error},
    summary="Les meilleurs plans possibles avec ces aides",
    operation_id="plan_best",
    openapi_extra=_examples(_searched()),
)
def search(request: HttpRequest, plan: s.SearchIn) -> s.PlansOut:
    """Cherche, parmi les ressources du plan prises comme des aides possibles, trois plans exacts :
    le moins d'argent propre, le moins de dossiers, le plus sûr et le plus tôt. Aucun n'enfreint une
    règle. D'une aide sans taux ni forfait, le montant (« amount ») est le plus que l'on espère ;
    sans lui, elle devient une question, jamais un montant inventé. 503 : réessayez. Ce qui est
    accordé (« granted ») est gardé. Sans compte ; rien n'est gardé.
    """
    refuse_unknown(request)
    document = _read(plan, {"offers", *_names(PlanDocument)})
    sources = [*document.resources, *_offers(plan, document)]
    try:
        return plans_out(document, best(document, sources, get_adapter().get_client_ip(request)))
    except Busy as refusal:
        raise HttpError(503, str(refusal)) from refusal


def _read(plan: s.PlanIn, parts: set[str]) -> PlanDocument:
    unknown = list(_unknown(plan.raw, parts))
    if unknown:
        raise Unreadable(unknown)
    try:
        return read(placed(plan.raw), localdate())
    except BadDocument as error:
        raise Unreadable(error.problems) from error


def _unknown(raw: Any, parts: set[str]) -> Iterable[tuple[str, str]]:
    """Names that no plan has: one that is misspelt would silently be left out."""
    if not isinstance(raw, Mapping):
        return
    yield from _misnamed("plan", raw, parts)
    yield from _misnamed("bearer", raw.get("bearer"), {*NUMBERS, *_names(Bearer)})
    for name, kind in (("costs", CostLine), ("resources", Source)):
        for number, row in enumerate(_list(raw, name), 1):
            place = f"{name}[{number}]"
            yield from _misnamed(place, row, _names(kind))
            for payment in _list(row, "payments"):
                yield from _misnamed(place, payment, _names(Payment))


def _list(held: Any, name: str) -> list[Any]:
    rows = held.get(name) if isinstance(held, Mapping) else None
    return rows if isinstance(rows, list) else []


def _names(kind: Any) -> set[str]:
    return {one.name for one in fields(kind)}


def _misnamed(place: str, said: Any, known_names: set[str]) -> Iterable[tuple[str, str]]:
    for name in said if isinstance(said, Mapping) else ():
        if name not in known_names:
            near = get_close_matches(name, known_names, n=1)
            guess = f" ; vouliez-vous dire « {near[0]} » ?" if near else "."
            yield place, f"« {str(name)[:40]} » n'est pas connu{guess}"


def _offers(plan: s.SearchIn, document: PlanDocument) -> list[Source]:
    """The aids of the catalogue that are named. Two queries, none without a name."""
    asked = plan.raw.get("offers") or []
    if not isinstance(asked, list) or not all(isinstance(one, str) for one in asked):
        raise Unreadable([("offers", "une liste d'identifiants d'offres est attendue.")])
    if len(asked) > MOST_AIDS:
        raise Unreadable([("offers", f"{MOST_AIDS} aides au plus.")])
    if not asked:
        return []
    known_ids = {one.id for one in document.resources}
    clean = [one[:_LONGEST_SLUG].replace("\x00", "") for one in asked]
    found = {one.id: one for one in aids_of(clean, localdate())}
    missing = [
        (f"offers[{n}]", f"« {name} » n'est pas une aide publiée du catalogue : voir /offers.")
        for n, name in enumerate(clean, 1)
        if name not in found
    ]
    if missing:
        raise Unreadable(missing)
    return [one for one in found.values() if one.id not in known_ids]


# -- Answers


def checks_out(document: PlanDocument) -> s.ChecksOut:
    """What the checks say of a document, as the API gives it; the command line prints the same."""
    law, plan = law_on(document.date), document.plan()
    found = checks(document)
    told = report(found, law)
    return s.ChecksOut(
        holds=told.holds,
        unknown=len(told.asking),
        headline=told.headline,
        verdict=Verdict(told.style),
        date=plan.date,
        bearer=_bearer(document),
        cost=plan.cost,
        resources=sum((r.amount for r in plan.counted), ZERO),
        checks=_checks(found, law),
    )


def _bearer(document: PlanDocument) -> s.BearerOut:
    who, census = document.bearer, census_of(document)
    return s.BearerOut(
        kind=who.kind,
        name=who.name,
        department=who.department,
        code=document.notes.get(TERRITORY, ""),
        census=census,
    )


def plans_out(document: PlanDocument, answer: Answer) -> s.PlansOut:
    """The best plans of a document, as the API gives them; the command line prints the same."""
    law = law_on(document.date)
    return s.PlansOut(
        date=document.date,
        bearer=_bearer(document),
        cost=document.plan().cost,
        plans=[_best(one, law) for one in answer.plans],
        set_aside=[
            s.SetAsideAidOut(
                id=one.candidate.id,
                label=one.candidate.label,
                reason=one.reason,
                question=one.question,
            )
            for one in answer.set_aside
        ],
        conflict=_conflict(answer.conflict, law) if answer.conflict else None,
    )


def _conflict(conflict: Conflict, law: Law) -> s.ConflictOut:
    return s.ConflictOut(
        sentence=conflict.sentence,
        rules=[_rule(law[name]) for name in conflict.rules if name in law],
        enough=[list(some) for some in conflict.enough],
        nearest=_best(conflict.nearest, law) if conflict.nearest else None,
    )


def _best(found: BestPlan, law: Law) -> s.BestOut:
    return s.BestOut(
        kind=found.kind,
        label=found.label,
        own=found.own,
        dossiers=found.dossiers,
        resources=_shares(found.plan),
        reasons=list(found.reasons),
        limits=[
            s.LimitOut(
                rule=one.rule,
                label=one.label,
                change=one.change,
                saved=one.saved,
                sentence=one.sentence,
            )
            for one in found.limits
        ],
        together=found.together,
        together_sentence=found.together_sentence,
        proved=found.proved,
        checks=_checks(found.checks, law),
    )


def _shares(plan: Plan) -> list[s.ShareOut]:
    return [
        s.ShareOut(
            id=one.id,
            label=one.label,
            fund=one.fund,
            amount=one.amount,
            scheme=one.scheme,
            lines=sorted(one.lines),
        )
        for one in plan.resources
    ]


def _checks(found: Iterable[Check], law: Law) -> list[s.CheckOut]:
    return [
        s.CheckOut(
            id=one.id,
            verdict=one.verdict,
            sentence=one.sentence,
            figures=[s.FigureOut(label=f.label, value=f.value, unit=f.unit) for f in one.figures],
            change=one.change,
            gap=one.gap,
            rule=_rule(law[one.rule]),
        )
        for one in found
    ]


def _rule(rule: Rule) -> s.RuleOut:
    return s.RuleOut(
        id=rule.id,
        title=rule.title,
        sentence=rule.sentence,
        scope=rule.scope,
        reference=rule.reference,
        source=rule.source,
        confirmed=rule.confirmed,
        valid_from=rule.valid_from,
        valid_to=rule.valid_to,
    )
