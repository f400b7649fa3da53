"""Shares of public and of own money: participation of the bearer (F1, F2), caps (F8, F16).

These rules look at what is invested. A resource that is tied to no line may pay any of them, so a
plan that also runs something may be one that nobody can judge: it then says which lines to tie.
"""

import re
from collections.abc import Iterable
from decimal import Decimal

from maillage.engine.funding.outcome import fails, holds, out, unknown
from maillage.engine.funding.rules import Law
from maillage.engine.funding.types import (
    OWN,
    PRIVATE,
    PUBLIC,
    STATE_CGCT,
    STATE_OTHER,
    ZERO,
    BearerKind,
    Check,
    Euros,
    Figure,
    Fund,
    Plan,
    Resource,
    Spending,
)
from maillage.engine.funding.words import beside, down, euros, named, percent, up

Lines = frozenset[str]
_TIE = "Dites, pour chaque aide, quelles dépenses elle paie"


def invested(plan: Plan) -> Lines:
    """The lines that are not running costs."""
    return frozenset(x.id for x in plan.costs if x.spending is not Spending.OPERATION)


def paid_by(plan: Plan, one: Resource) -> Lines:
    """The lines that a resource may pay: all of them when it is tied to none."""
    return _paid(one, _every(plan))


def _every(plan: Plan) -> Lines:
    return frozenset(line.id for line in plan.costs)


def _paid(one: Resource, every: Lines) -> Lines:
    return one.lines & every or every


def cost_of(plan: Plan, lines: Lines) -> Euros:
    """What these lines cost, in the money of the plan."""
    return sum((plan.amount(line) for line in plan.costs if line.id in lines), ZERO)


def inside(plan: Plan, funds: frozenset[Fund], lines: Lines) -> Euros:
    """What these funds bring to `lines` and to nothing else."""
    every = _every(plan)
    counted = (r for r in plan.counted if r.fund in funds and _paid(r, every) <= lines)
    return sum((r.amount for r in counted), ZERO)


def touching(plan: Plan, funds: frozenset[Fund], lines: Lines) -> Euros:
    """What these funds bring, that may pay some of `lines`."""
    every = _every(plan)
    counted = (r for r in plan.counted if r.fund in funds and _paid(r, every) & lines)
    return sum((r.amount for r in counted), ZERO)


def surely_on(plan: Plan, funds: frozenset[Fund], lines: Lines) -> Euros:
    """The least that these funds pay of `lines`, however what is free is shared out."""
    tied = inside(plan, funds, lines)
    others = frozenset(line.id for line in plan.costs) - lines
    room = cost_of(plan, others) - inside(plan, frozenset(Fund), others) if others else ZERO
    return tied + max(touching(plan, funds, lines) - tied - max(room, ZERO), ZERO)


def own_share(plan: Plan, law: Law) -> Iterable[Check]:
    """F1, F2: at least a fifth of own money on own and public money; gifts are outside."""
    rule = law["own-share"]
    lines = invested(plan)
    if not plan.bearer.local_authority:
        yield out("own-share", rule, "Cette règle vise les collectivités : elle ne s'applique pas.")
        return
    if plan.bearer.department in law.codes("own-share-overseas", "departments"):
        yield out(
            "own-share", law["own-share-overseas"],
            "Ce territoire d'outre-mer n'est pas soumis à la participation minimale.",
        )  # fmt: skip
        return
    if not lines:
        only = "Cette règle ne vise que l'investissement et ses études."
        yield out("own-share", rule, only if plan.costs else "Il n'y a pas encore de dépense.")
        return
    own, public = touching(plan, OWN, lines), touching(plan, PUBLIC, lines)
    base, share = own + public, law.number("own-share", "share")
    figures = (
        Figure("Fonds propres et emprunt", own),
        Figure("Aides publiques", public),
        Figure("Part minimale", share * 100, "%"),
    )
    tied, most = inside(plan, PUBLIC, lines), _most_public(plan, lines, share)
    if base == 0:
        yield unknown("own-share", rule, "Aucun argent public n'est encore au plan.", figures)
    elif len(lines) < len(plan.costs) and tied > most:
        gap = up(tied - most)
        yield fails(
            "own-share", rule,
            f"Les aides attachées à l'investissement ({euros(tied)}) n'y laissent pas "
            f"{percent(share)} à la charge de la collectivité.",
            (*figures, Figure("Aides attachées à l'investissement", tied)),
            f"Remplacez-y {euros(gap)} de subventions par autant de fonds propres.", gap,
        )  # fmt: skip
    elif own >= share * base:
        more = _lead(law, own / base)
        yield holds(
            "own-share", rule,
            f"La collectivité garde {percent(own / base)} à sa charge ({euros(own)} sur "
            f"{euros(base)}) : au moins {percent(share)}.{more}", figures,
        )  # fmt: skip
    else:
        yield _too_little(plan, law, own, public, figures)


def _most_public(plan: Plan, lines: Lines, share: Decimal) -> Euros:
    """The most that public aids tied to what is invested may bring: the rest is own or given."""
    return (1 - share) * (cost_of(plan, lines) - inside(plan, PRIVATE, lines))


def _lead(law: Law, share: Decimal) -> str:
    """F5: what is said of the fields that have a leader, under their own share."""
    if "lead-share" not in law or share >= law.number("lead-share", "share"):
        return ""
    least = percent(law.number("lead-share", "share"))
    return f" Dans un domaine à chef de file, ce serait {least}."


def _too_little(
    plan: Plan, law: Law, own: Euros, public: Euros, figures: tuple[Figure, ...]
) -> Check:
    """Less than the share on the whole: it fails, unless what is not known may save it."""
    rule, base, share = law["own-share"], own + public, law.number("own-share", "share")
    gap = up(share * base - own)
    said = (
        f"La collectivité garde {beside(own / base, share)} à sa charge ({euros(own)} sur "
        f"{euros(base)}) : il faut au moins {percent(share)}"
    )
    least = surely_on(plan, PUBLIC, invested(plan))
    if own >= share * (own + least):
        return unknown(
            "own-share", rule, f"{said} de l'investissement, fonctionnement mis à part.", figures,
            f"{_TIE} : ce qui ne paie que du fonctionnement ne compte pas.", gap,
        )  # fmt: skip
    lower = _lower(plan, law, own / base)
    if lower:
        ask = "Demandez à la préfecture si votre projet y entre."
        return unknown("own-share", law[lower], f"{said}, sauf exception. {law[lower].sentence}",
                       figures, ask, gap)  # fmt: skip
    where = "" if plan.bearer.department else ", sauf outre-mer (le département n'est pas dit)"
    change = _own_change(plan, own, public, share, gap)
    if "own-share-waiver" in law:
        change += " Une dérogation du préfet est possible dans quelques domaines, mais rare."
    return fails("own-share", rule, f"{said}{where}.", figures, change, gap)


def _lower(plan: Plan, law: Law, share: Decimal) -> str:
    """The exception (F2) that may let a bearer keep no more than `share`; "" when none may."""
    corsica = plan.bearer.kind is BearerKind.EPCI and plan.bearer.department in law.codes(
        "own-share-corsica", "departments"
    )
    if corsica and share >= law.number("own-share-corsica", "share"):
        return "own-share-corsica"
    if _named(plan, law.codes("own-share-renewal", "words")):
        return "own-share-renewal"
    interreg = _named(plan, law.codes("own-share-cooperation", "words"))
    if interreg and share >= law.number("own-share-cooperation", "share"):
        return "own-share-cooperation"
    return ""


def _named(plan: Plan, names: tuple[str, ...]) -> bool:
    """Whether a public aid bears one of these names."""
    public = (r for r in plan.counted if r.fund in PUBLIC and r.amount)
    said = (re.findall(r"\w+", f"{r.scheme} {r.label}".casefold()) for r in public)
    return any(not set(names).isdisjoint(words) for words in said)


def _own_change(plan: Plan, own: Decimal, public: Decimal, share: Decimal, gap: Decimal) -> str:
    """The least that is to be done: fill what is missing with own money, else take its place."""
    missing = plan.cost - sum((r.amount for r in plan.counted), ZERO)
    alone = up((share * public - (1 - share) * own) / (1 - share))
    if 0 < alone <= missing:
        return f"Ajoutez {euros(alone)} de fonds propres : il manque de toute façon de l'argent."
    return f"Remplacez {euros(gap)} de subventions par autant de fonds propres."


def state_cap(plan: Plan, law: Law) -> Iterable[Check]:
    """F8: with a grant of the CGCT, direct public aid stays under its share of what is eligible."""
    yield from _cap(plan, law, "state-cap", STATE_CGCT, "Pas de DETR, DSIL, DSID ni DPV au plan.")


def public_cap(plan: Plan, law: Law) -> Iterable[Check]:
    """F16: with another grant of the State, public aid stays under what is eligible."""
    yield from _cap(
        plan, law, "public-cap", STATE_OTHER, "Pas d'autre subvention de l'État au plan."
    )


def _cap(plan: Plan, law: Law, name: str, funds: frozenset[Fund], absent: str) -> Iterable[Check]:
    """Public aid on what these grants pay: each is looked at on its own lines, then the whole."""
    rule, lines = law[name], invested(plan)
    grants = [r for r in plan.counted if r.fund in funds and r.amount]
    bases = {paid_by(plan, r) & lines for r in grants} - {frozenset()}
    if not bases:
        only = "Elle ne paie ici que du fonctionnement : ce plafond vise l'investissement."
        yield out(name, rule, only if grants else absent)
        return
    share = law.number(name, "share")
    public, eligible = touching(plan, PUBLIC, lines), cost_of(plan, lines)
    # The base on which what is surely paid is the furthest above its cap, or the nearest under.
    tied, paid = max((inside(plan, PUBLIC, b) - share * cost_of(plan, b), sorted(b)) for b in bases)
    least = max(surely_on(plan, PUBLIC, b) - share * cost_of(plan, b) for b in bases)
    beyond = public - share * eligible
    if tied > 0 and len(paid) < len(plan.costs):
        base = frozenset(paid)
        eligible, public, beyond = cost_of(plan, base), inside(plan, PUBLIC, base), tied
    cap = down(share * eligible)
    figures = (
        Figure("Aides publiques", public),
        Figure("Dépense subventionnable", eligible),
        Figure("Plafond", cap),
    )
    rate = f"{beside(public / eligible, share)} de la dépense" if eligible else "sans dépense"
    if tied > 0 or (beyond > 0 and least > 0):
        gap = up(beyond if tied > 0 else min(beyond, least))
        change = f"Retirez {euros(gap)} d'aides publiques."
        within = [r for r in grants if not tied > 0 or paid_by(plan, r) & lines <= set(paid)]
        given = sum((r.amount for r in within), ZERO)
        if given < gap:  # without these grants, there is no such cap
            gap = given
            names = named([r.label for r in within])
            change = f"Renoncez à {names} ({euros(gap)}) : ce plafond ne s'appliquera plus."
        yield fails(
            name, rule,
            f"Les aides publiques font {euros(public)}, {rate} : le plafond est de "
            f"{percent(share)}, soit {euros(cap)}.", figures, change, gap,
        )  # fmt: skip
    elif beyond > 0 or _may_pass(plan, bases, share):
        yield unknown(
            name, rule,
            f"Les aides publiques font {euros(public)} et le plafond est de {percent(share)} de ce "
            "que l'État paie : tout dépend des dépenses que chacune paie.",
            figures, f"{_TIE}.", up(beyond) if beyond > 0 else None,
        )  # fmt: skip
    else:
        yield holds(
            name, rule,
            f"Les aides publiques font {euros(public)}, {rate} : au plus {percent(share)}.",
            figures,
        )  # fmt: skip


def _may_pass(plan: Plan, bases: Iterable[Lines], share: Decimal) -> bool:
    """Whether some way of sharing out what is free passes the cap on one of these bases."""
    costs = ((touching(plan, PUBLIC, base), cost_of(plan, base)) for base in bases)
    return any(min(public, cost) > share * cost for public, cost in costs)
