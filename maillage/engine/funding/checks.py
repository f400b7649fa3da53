"""Does a plan hold? Each check says the rule, the numbers, and the smallest change that helps.

A check never corrects: it shows. What is not known gives « on ne peut pas dire », never a yes.
"""

import re
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Final

from maillage.engine.funding import eligibility, timing
from maillage.engine.funding.eligibility import is_refund
from maillage.engine.funding.flow import overflows
from maillage.engine.funding.matching import group_half, leader
from maillage.engine.funding.outcome import fails, holds, out, shortened, unknown
from maillage.engine.funding.rules import Law, UnknownRule
from maillage.engine.funding.shares import own_share, public_cap, state_cap
from maillage.engine.funding.types import (
    OWN,
    PUBLIC,
    STATE_CGCT,
    STATE_OTHER,
    WRITTEN,
    ZERO,
    BearerKind,
    Check,
    Figure,
    Fund,
    Plan,
    Resource,
    Rule,
    Status,
    Verdict,
)
from maillage.engine.funding.words import euros, named


def check_plan(plan: Plan, law: Law) -> tuple[Check, ...]:
    """Every check of a plan under the law of its day, in the order in which they are read."""
    return tuple(one for run in CHECKS for one in ran(run, plan, law))


def ran(run: "Run", plan: Plan, law: Law) -> tuple[Check, ...]:
    """What a check says; nothing when a rule that it reads has been ended."""
    try:
        return tuple(run(plan, law))
    except UnknownRule:
        return ()


def balance(plan: Plan, law: Law) -> Iterable[Check]:
    """Resources equal costs; and the lines add up to the total that the document states."""
    cost, brought = plan.cost, sum((r.amount for r in plan.counted), ZERO)
    figures = (Figure("Dépenses", cost), Figure("Ressources", brought))
    if plan.total is not None and plan.total != cost:
        gap = abs(plan.total - cost)
        yield fails(
            "total", law["balance"],
            f"Les lignes de dépense font {euros(cost)}, le total annoncé est {euros(plan.total)} : "
            f"{euros(gap)} d'écart.",
            (Figure("Total annoncé", plan.total), Figure("Somme des lignes", cost)),
            "Corrigez une ligne ou le total.", gap,
        )  # fmt: skip
    if not plan.costs:
        yield unknown("balance", law["balance"], "Il n'y a pas encore de dépense.", figures)
    elif brought == cost:
        yield holds(
            "balance", law["balance"],
            f"Les ressources égalent les dépenses : {euros(cost)}.", figures,
        )  # fmt: skip
    elif brought < cost:
        gap = cost - brought
        known = [r for r in plan.counted if r.amount]
        parts = " + ".join(euros(r.amount) for r in known[:6])
        more = " + …" if len(known) > 6 else ""
        sums = f"{parts}{more} = {euros(brought)}" if len(known) > 1 else euros(brought)
        yield fails(
            "balance", law["balance"], f"Il manque {euros(gap)} : {sums} pour {euros(cost)}.",
            figures, f"Trouvez {euros(gap)} de plus, ou réduisez d'autant la dépense.", gap,
        )  # fmt: skip
    else:
        gap = brought - cost
        yield fails(
            "balance", law["balance"],
            f"Il y a {euros(gap)} de trop : {euros(brought)} de ressources pour {euros(cost)} de "
            "dépenses.",
            figures, f"Retirez {euros(gap)} d'une ressource.", gap,
        )  # fmt: skip


def no_double(plan: Plan, law: Law) -> Iterable[Check]:
    """No line is paid twice: what is tied to some lines finds room in them. The same aid is not
    asked twice for the same spending.
    """
    rule = law["no-double"]
    known = frozenset(line.id for line in plan.costs)
    tied = ((r.lines & known, r.amount) for r in plan.counted if r.lines)
    price = {line.id: plan.amount(line) for line in plan.costs}
    beyond = overflows(((lines, amount) for lines, amount in tied if lines), price)
    paid = [
        fails(
            "no-double", rule,
            f"{euros(one.paid)} sont attachés à {_lines(plan, one.lines)} : {euros(one.room)}.",
            (Figure("Ressources attachées", one.paid), Figure("Coût", one.room)),
            f"Retirez {euros(one.excess)} ou attachez-les à d'autres lignes.", one.excess,
        )
        for one in beyond
    ]  # fmt: skip
    same = sorted(_asked_twice(plan, rule), key=lambda check: check.verdict is not Verdict.FAILS)
    yield from shortened(paid, "groupes de dépenses")
    yield from shortened(same, "aides demandées deux fois")
    if not paid and not same:
        yield holds("no-double", rule, "Aucune dépense n'est payée deux fois.")


def _lines(plan: Plan, lines: frozenset[str]) -> str:
    said = named([line.label for line in plan.costs if line.id in lines])
    return f"{said}, qui {'coûte' if len(lines) == 1 else 'coûtent'}"


def _asked_twice(plan: Plan, rule: Rule) -> Iterable[Check]:
    """The same scheme surely is; the same grant of the State, or the same name, perhaps."""
    given = [r for r in plan.counted if r.amount and r.fund not in OWN]
    for first, second in combinations(given, 2):
        if not _share_a_line(first, second):
            continue
        both = f"« {first.label} » et « {second.label} »"
        if first.scheme and first.scheme == second.scheme:
            yield fails(
                "no-double", rule,
                f"La même aide est demandée deux fois pour la même dépense : {both}.", (),
                "Gardez une seule des deux lignes.",
            )  # fmt: skip
        elif first.fund is second.fund and (
            first.fund in STATE_CGCT or first.label.casefold() == second.label.casefold()
        ):
            yield unknown(
                "no-double", rule, f"Est-ce deux fois la même aide ? {both}.", (),
                "Gardez-en une, ou dites quelles dépenses chacune paie.",
            )  # fmt: skip


def forbidden_pairs(plan: Plan, law: Law) -> Iterable[Check]:
    """F34: aids that are not granted together, as « a|b » of schemes or funds. The State's list is
    not all here: the DETR with another of its grants is told apart only when it is known.
    """
    rule = law["pairs"]
    told = sorted(_together(plan, law, rule), key=lambda check: check.verdict is not Verdict.FAILS)
    yield from shortened(told, "couples d'aides")
    if told:
        return
    detr = any(r.fund is Fund.DETR and r.amount for r in plan.counted)
    if detr:
        yield holds("pairs", rule, "Aucune autre subvention de l'État que celles que l'on sait "
                                   "permises avec la DETR.")  # fmt: skip
    else:
        yield out(
            "pairs", rule, "Pas de DETR au plan, ni de couple d'aides que l'on sait interdit."
        )


def _together(plan: Plan, law: Law, rule: Rule) -> Iterable[Check]:
    allowed, forbidden = law.pairs("pairs", "allowed"), law.pairs("pairs", "forbidden")
    for first, second in combinations([r for r in plan.counted if r.amount], 2):
        if not _share_a_line(first, second):
            continue
        both = f"« {first.label} » et « {second.label} »"
        if any(_pair(_codes(first), _codes(second), *pair) for pair in forbidden):
            yield fails(
                "pairs", rule, f"{both} ne se cumulent pas.", (), "Choisissez l'une des deux.",
                min(first.amount, second.amount),
            )  # fmt: skip
        elif _detr_and_state(first, second) and not any(
            _pair(_names(first), _names(second), *pair) for pair in allowed
        ):
            yield unknown(
                "pairs", rule,
                f"{both} : certaines subventions de l'État ne se cumulent pas avec la DETR.", (),
                "Demandez à la préfecture, ou lisez l'annexe du guide DETR de votre département.",
            )  # fmt: skip


def _detr_and_state(first: Resource, second: Resource) -> bool:
    funds = {first.fund, second.fund}
    return Fund.DETR in funds and bool((funds - {Fund.DETR}) & (STATE_CGCT | STATE_OTHER))


def _pair(one: frozenset[str], other: frozenset[str], left: str, right: str) -> bool:
    return (left in one and right in other) or (right in one and left in other)


def _codes(one: Resource) -> frozenset[str]:
    return frozenset({one.scheme, one.fund.value})


def _names(one: Resource) -> frozenset[str]:
    """What an aid may be called: its codes, and every beginning of its identifier or its label
    (« fonds-vert-renovation-batiments » is of the « fonds-vert »).
    """
    found = set(_codes(one))
    for text in (one.scheme, one.label):
        words = re.findall(r"\w+", text.casefold())
        found |= {"-".join(words[:size]) for size in range(1, len(words) + 1)}
    return frozenset(found)


def _share_a_line(first: Resource, second: Resource) -> bool:
    return not first.lines or not second.lines or bool(first.lines & second.lines)


def state_aid(plan: Plan, law: Law) -> Iterable[Check]:
    """F33: if an enterprise benefits, the rules on State aid are to be looked at by a jurist."""
    rule = law["state-aid"]
    public, cap = plan.brought(PUBLIC), law.number("state-aid", "de_minimis")
    if not public:
        yield out("state-aid", rule, "Pas d'argent public au plan.")
    elif plan.economic is None and plan.bearer.kind is not BearerKind.COMPANY:
        yield unknown(
            "state-aid", rule,
            "Une entreprise ou un commerce utilisera-t-il le bâtiment ou l'équipement (bar, "
            "épicerie, atelier, bureaux loués) ?", (),
            "Répondez à cette question.",
        )  # fmt: skip
    elif not plan.economic and plan.bearer.kind is not BearerKind.COMPANY:
        yield out("state-aid", rule, "Aucune entreprise n'en profite.")
    else:
        under = "reste sous" if public <= cap else "dépasse"
        yield unknown(
            "state-aid", rule,
            f"Une entreprise en profite : l'argent public ({euros(public)}) {under} la limite "
            f"européenne la plus simple (« de minimis »), {euros(cap)} sur trois ans, à compter "
            "avec ce qu'elle a déjà reçu.",
            (
                Figure("Aides publiques", public),
                Figure("Plafond de minimis", cap),
                Figure("Service d'intérêt général", law.number("state-aid", "general_interest")),
                Figure("Agriculture", law.number("state-aid", "agriculture")),
            ),
            "Faites vérifier le régime d'aide par la région ou la préfecture.",
        )  # fmt: skip


def crowdfunding(plan: Plan, law: Law) -> Iterable[Check]:
    """F31: a collectivité collects money from people for some public services only."""
    given = plan.brought(frozenset({Fund.CROWD}))
    if given and plan.bearer.local_authority:
        yield unknown(
            "crowdfunding", law["crowdfunding"],
            "Une collectivité collecte par une plateforme qu'elle mandate, pour un service public "
            "culturel, éducatif, social ou solidaire.", (Figure("Collecte", given),),
            "Demandez au comptable public si votre projet y entre.",
        )  # fmt: skip


def letters(plan: Plan, law: Law) -> Iterable[Check]:
    """Each funder has written something: a letter, a receipt or a decision. What is missing is to
    be asked: no law says that a plan fails without it.
    """
    rule = law["letters"]
    others = [r for r in plan.counted if r.fund not in OWN and r.amount and not is_refund(r)]
    silent = [r for r in others if not r.letter and r.status not in WRITTEN]
    filed = [r.label for r in silent if r.status is Status.FILED]
    asked = [r.label for r in silent if r.status is not Status.FILED]
    amount = sum((r.amount for r in silent), ZERO)
    if not others:
        yield out("letters", rule, "Aucun financeur n'est encore au plan.")
    elif silent:
        said = [f"On attend l'accusé de réception de {named(filed)}."] if filed else []
        said += [f"Des écrits restent à demander : {named(asked)}."] if asked else []
        yield unknown(
            "letters", rule, " ".join(said), (Figure("Sans écrit", amount),),
            "Demandez à chacun une lettre d'intention."
            if asked
            else "Notez l'accusé de réception quand vous l'aurez.",
        )  # fmt: skip
    else:
        yield holds("letters", rule, "Chaque financeur a écrit.")


Run = Callable[[Plan, Law], Iterable[Check]]
CHECKS: Final[tuple[Run, ...]] = (
    balance,
    own_share,
    state_cap,
    public_cap,
    eligibility.detr,
    eligibility.detr_rate,
    eligibility.dsil,
    eligibility.dsid,
    eligibility.running_costs,
    timing.no_start,
    group_half,
    leader,
    no_double,
    forbidden_pairs,
    eligibility.vat,
    eligibility.fctva_as_grant,
    state_aid,
    crowdfunding,
    letters,
)
