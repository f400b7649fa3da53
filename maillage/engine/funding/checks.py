"""Does a plan hold? Each check says the rule, the numbers, and the smallest change that helps.

A check never corrects: it shows. What is not known gives « on ne peut pas dire », never a yes.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Final

from maillage.engine.funding import eligibility, timing
from maillage.engine.funding.caps import public_cap, state_cap
from maillage.engine.funding.change import in_words, merged, taken
from maillage.engine.funding.eligibility import is_refund
from maillage.engine.funding.flow import Overflow, overflows
from maillage.engine.funding.matching import group_half, leader
from maillage.engine.funding.outcome import fails, holds, in_few, out, unknown
from maillage.engine.funding.own_share import own_share
from maillage.engine.funding.pairs import Pair, asked_twice, not_together
from maillage.engine.funding.rules import Law, UnknownRule
from maillage.engine.funding.terms import funder_terms
from maillage.engine.funding.types import (
    OWN,
    PUBLIC,
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
            figures, f"Retirez {in_words(taken(plan.counted, gap))}.", gap,
        )  # fmt: skip


def no_double(plan: Plan, law: Law) -> Iterable[Check]:
    """No line is paid twice: what is tied to some lines finds room in them. The same aid is not
    asked twice for the same spending.
    """
    rule = law["no-double"]
    known = frozenset(line.id for line in plan.costs)
    tied: dict[frozenset[str], list[Resource]] = {}
    for one in plan.counted:
        if one.lines & known:
            tied.setdefault(one.lines & known, []).append(one)
    asked = ((lines, sum((r.amount for r in some), ZERO)) for lines, some in tied.items())
    price = {line.id: plan.amount(line) for line in plan.costs}
    beyond = overflows(asked, price)

    def paid_beyond(one: Overflow) -> Check:
        parts = (part for lines, amount in one.left for part in taken(tied[lines], amount))
        too_much = merged(parts, plan)
        return fails(
            "no-double", rule,
            f"{euros(one.paid)} sont attachés à {_lines(plan, one.lines)} : {euros(one.room)}.",
            (Figure("Ressources attachées", one.paid), Figure("Coût", one.room)),
            f"Retirez {in_words(too_much)}, ou attachez-les à d'autres lignes.", one.excess,
        )  # fmt: skip

    given = [r for r in plan.counted if r.amount]
    same = asked_twice(given)
    yield from in_few(beyond, paid_beyond, "groupes de dépenses")
    yield from in_few(same, partial(_twice, given, rule), "aides demandées deux fois")
    if not beyond and not same:
        yield holds("no-double", rule, "Aucune dépense n'est payée deux fois.")


def _lines(plan: Plan, lines: frozenset[str]) -> str:
    said = named([line.label for line in plan.costs if line.id in lines])
    return f"{said}, qui {'coûte' if len(lines) == 1 else 'coûtent'}"


def _twice(given: Sequence[Resource], rule: Rule, pair: Pair) -> Check:
    both = _both(given, pair)
    if pair.sure:
        return fails(
            "no-double", rule,
            f"La même aide est demandée deux fois pour la même dépense : {both}.", (),
            "Gardez une seule des deux lignes.",
        )  # fmt: skip
    return unknown(
        "no-double", rule, f"Est-ce deux fois la même aide ? {both}.", (),
        "Gardez-en une, ou dites quelles dépenses chacune paie.",
    )  # fmt: skip


def _both(given: Sequence[Resource], pair: Pair) -> str:
    return f"« {given[pair.first].label} » et « {given[pair.second].label} »"


def forbidden_pairs(plan: Plan, law: Law) -> Iterable[Check]:
    """F34: aids that are not granted together, or of which nobody here can tell."""
    rule = law["pairs"]
    given = [r for r in plan.counted if r.amount]
    apart = not_together(given, law)
    yield from in_few(apart, partial(_apart, given, rule), "couples d'aides")
    if apart:
        return
    if any(r.fund is Fund.DETR for r in given):
        yield holds("pairs", rule, "Aucune autre subvention de l'État que celles que l'on sait "
                                   "permises avec la DETR.")  # fmt: skip
    else:
        yield out(
            "pairs", rule, "Pas de DETR au plan, ni de couple d'aides que l'on sait interdit."
        )


def _apart(given: Sequence[Resource], rule: Rule, pair: Pair) -> Check:
    both = _both(given, pair)
    if pair.sure:
        return fails(
            "pairs", rule, f"{both} ne se cumulent pas.", (), "Choisissez l'une des deux.",
            min(given[pair.first].amount, given[pair.second].amount),
        )  # fmt: skip
    return unknown(
        "pairs", rule,
        f"{both} : certaines subventions de l'État ne se cumulent pas avec la DETR.", (),
        "Demandez à la préfecture, ou lisez l'annexe du guide DETR de votre département.",
    )  # fmt: skip


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
    eligibility.dpv,
    eligibility.running_costs,
    timing.no_start,
    timing.last_days,
    group_half,
    leader,
    no_double,
    forbidden_pairs,
    funder_terms,
    eligibility.vat,
    eligibility.fctva_as_grant,
    state_aid,
    crowdfunding,
    letters,
)
