"""Does a plan hold? Each check says the rule, the numbers, and the smallest change that helps.

A check never corrects: it shows. What is not known gives « on ne peut pas dire », never a yes.
"""

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import combinations
from typing import Final

from maillage.engine.funding import eligibility, timing
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
    Figure,
    Fund,
    Plan,
    Resource,
    Spending,
    Status,
)
from maillage.engine.funding.words import down, euros, percent, up

#: Sets of lines beyond which only each set and their union are looked at (no double payment).
_MOST_SETS: Final = 10
_WRITTEN: Final = frozenset({Status.RECEIVED, Status.GRANTED, Status.PAID})


def check_plan(plan: Plan, law: Law) -> tuple[Check, ...]:
    """Every check of a plan under the law of its day, in the order in which they are read."""
    return tuple(one for run in CHECKS for one in run(plan, law))


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
        parts = " + ".join(euros(r.amount) for r in known[:6]) or euros(ZERO)
        more = " + …" if len(known) > 6 else ""
        yield fails(
            "balance", law["balance"],
            f"Il manque {euros(gap)} : {parts}{more} = {euros(brought)} pour {euros(cost)}.",
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


def own_share(plan: Plan, law: Law) -> Iterable[Check]:
    """F1, F2: at least a fifth of own money on own and public money; gifts are outside."""
    rule = law["own-share"]
    if not plan.bearer.local_authority:
        yield out("own-share", rule, "Cette règle vise les collectivités : elle ne s'applique pas.")
        return
    if plan.bearer.department in law.codes("own-share-overseas", "departments"):
        yield out(
            "own-share", law["own-share-overseas"],
            "Ce territoire d'outre-mer n'est pas soumis à la participation minimale.",
        )  # fmt: skip
        return
    running = {line.id for line in plan.costs if line.spending is Spending.OPERATION}
    if len(running) == len(plan.costs):
        yield out("own-share", rule, "Cette règle ne vise que l'investissement et ses études.")
        return
    counted = [r for r in plan.counted if not (r.lines and r.lines <= running)]
    own = sum((r.amount for r in counted if r.fund in OWN), ZERO)
    public = sum((r.amount for r in counted if r.fund in PUBLIC), ZERO)
    base, share = own + public, law.number("own-share", "share")
    figures = (
        Figure("Fonds propres et emprunt", own),
        Figure("Aides publiques", public),
        Figure("Part minimale", share * 100, "%"),
    )
    if base == 0:
        yield unknown("own-share", rule, "Aucun argent public n'est encore au plan.", figures)
    elif own >= share * base:
        yield holds(
            "own-share", rule,
            f"La collectivité garde {percent(own / base)} à sa charge ({euros(own)} sur "
            f"{euros(base)}) : au moins {percent(share)}.", figures,
        )  # fmt: skip
    else:
        gap = up(share * base - own)
        yield fails(
            "own-share", rule,
            f"La collectivité ne garde que {percent(own / base)} à sa charge ({euros(own)} sur "
            f"{euros(base)}) : il faut au moins {percent(share)}.",
            figures, _own_change(plan, own, public, share, gap), gap,
        )  # fmt: skip


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
    rule = law[name]
    if not any(r.fund in funds and r.amount for r in plan.counted):
        yield out(name, rule, absent)
        return
    public = plan.brought(PUBLIC)
    eligible = plan.spent_on(Spending.INVESTMENT, Spending.ENGINEERING)
    share = law.number(name, "share")
    figures = (
        Figure("Aides publiques", public),
        Figure("Dépense subventionnable", eligible),
        Figure("Plafond", down(share * eligible)),
    )
    rate = f"{percent(public / eligible)} de la dépense" if eligible else "sans dépense éligible"
    if public <= share * eligible:
        yield holds(
            name, rule,
            f"Les aides publiques font {euros(public)}, {rate} : au plus {percent(share)}.",
            figures,
        )  # fmt: skip
        return
    gap = up(public - share * eligible)
    yield fails(
        name, rule,
        f"Les aides publiques font {euros(public)}, {rate} : le plafond est de {percent(share)}, "
        f"soit {euros(down(share * eligible))}.",
        figures, f"Retirez {euros(gap)} d'aides publiques.", gap,
    )  # fmt: skip


def group_half(plan: Plan, law: Law) -> Iterable[Check]:
    """F20: a fonds de concours is at most half of what remains, FCTVA taken off."""
    rule = law["group-half"]
    given = plan.brought(frozenset({Fund.GROUP}))
    if not given:
        yield out("group-half", rule, "Pas de fonds de concours au plan.")
        return
    if plan.bearer.kind not in (BearerKind.COMMUNE, BearerKind.EPCI):
        yield fails(
            "group-half", rule,
            "Un fonds de concours va d'une intercommunalité à sa commune, ou l'inverse : pas à ce "
            "porteur.",
            (Figure("Fonds de concours", given),),
            f"Retirez les {euros(given)} de fonds de concours.", given,
        )  # fmt: skip
        return
    back = ZERO
    if not plan.in_net:
        if plan.bearer.recovers_vat is None:
            yield unknown(
                "group-half", rule,
                "Le plan est en TTC : dites si la TVA est remboursée (FCTVA), qui se retire du "
                "reste à payer.", (Figure("Fonds de concours", given),),
                "Dites si la collectivité récupère la TVA.",
            )  # fmt: skip
            return
        if plan.bearer.recovers_vat:
            back = down(law.number("fctva", "rate") * plan.spent_on(Spending.INVESTMENT))
    others = plan.brought((PUBLIC | PRIVATE) - {Fund.GROUP})
    rest = plan.cost - others - back
    limit = down(max(law.number("group-half", "share") * rest, ZERO))
    figures = (
        Figure("Fonds de concours", given),
        Figure("Reste sans lui (subventions et FCTVA retirés)", rest),
        Figure("Plafond", limit),
    )
    if given <= limit:
        yield holds(
            "group-half", rule,
            f"Le fonds de concours ({euros(given)}) ne dépasse pas la moitié de ce qui reste "
            f"({euros(rest)}).", figures,
        )  # fmt: skip
        return
    gap = given - limit
    yield fails(
        "group-half", rule,
        f"Le fonds de concours ({euros(given)}) dépasse la moitié de ce qui reste : "
        f"{euros(limit)}.", figures, f"Réduisez-le de {euros(gap)}, à {euros(limit)}.", gap,
    )  # fmt: skip


def leader(plan: Plan, law: Law) -> Iterable[Check]:
    """F21: LEADER calls national public money, and leaves the bearer its part."""
    given = plan.brought(frozenset({Fund.LEADER}))
    if not given or "leader" not in law:
        if "leader" in law:
            yield out("leader", law["leader"], "Pas de LEADER au plan.")
        return
    rule, share = law["leader"], law.number("leader", "share")
    own = plan.brought(OWN)
    national = plan.brought(PUBLIC - {Fund.LEADER, Fund.EUROPE})
    counterpart = national + (own if plan.bearer.local_authority else ZERO)
    limit = down(counterpart * share / (1 - share))
    figures = (
        Figure("LEADER", given),
        Figure("Contrepartie publique nationale", counterpart),
        Figure("LEADER possible avec elle", limit),
    )
    if given > limit:
        gap = up(given * (1 - share) / share - counterpart)
        yield fails(
            "leader", rule,
            f"LEADER ({euros(given)}) demande {euros(up(given * (1 - share) / share))} d'argent "
            f"public national ; il y en a {euros(counterpart)}.",
            figures,
            f"Trouvez {euros(gap)} d'argent public national de plus, ou demandez {euros(limit)} à "
            "LEADER.", gap,
        )  # fmt: skip
    else:
        yield holds(
            "leader", rule,
            f"{euros(counterpart)} d'argent public national suffisent à appeler {euros(given)} de "
            "LEADER.", figures,
        )  # fmt: skip
    least = up(law.number("leader", "own") * plan.cost)
    parts = (Figure("Part du porteur", own), Figure("Part minimale", least))
    if own >= least:
        yield holds(
            "leader-own", rule, f"Le porteur garde {euros(own)}, au moins {euros(least)}.", parts
        )
    else:
        yield fails(
            "leader-own", rule,
            f"Avec LEADER, le porteur garde au moins {euros(least)} ; il apporte {euros(own)}.",
            parts, f"Ajoutez {euros(least - own)} de fonds propres.", least - own,
        )  # fmt: skip


def no_double(plan: Plan, law: Law) -> Iterable[Check]:
    """No line is paid twice: what is tied to some lines does not pass what they cost."""
    rule = law["no-double"]
    price = {line.id: plan.amount(line) for line in plan.costs}
    names = {line.id: line.label for line in plan.costs}
    tied = [r for r in plan.counted if r.lines]
    sets = sorted(
        {frozenset(r.lines & price.keys()) for r in tied}, key=lambda s: (len(s), sorted(s))
    )
    sizes = range(1, len(sets) + 1) if len(sets) <= _MOST_SETS else (1, len(sets))
    unions = {frozenset().union(*some) for size in sizes for some in combinations(sets, size)}
    found = False
    for lines in sorted(unions, key=lambda s: (len(s), sorted(s))):
        paid = sum((r.amount for r in tied if r.lines & price.keys() <= lines), ZERO)
        cost = sum((price[line] for line in lines), ZERO)
        if paid > cost:
            found = True
            said = ", ".join(names[line] for line in sorted(lines))
            yield fails(
                "no-double", rule,
                f"{euros(paid)} sont attachés à « {said} », qui coûte {euros(cost)}.",
                (Figure("Ressources attachées", paid), Figure("Coût", cost)),
                f"Retirez {euros(paid - cost)} ou attachez-les à d'autres lignes.", paid - cost,
            )  # fmt: skip
            break
    for first, second in combinations([r for r in plan.counted if r.scheme], 2):
        if first.scheme == second.scheme and _share_a_line(first, second):
            found = True
            yield fails(
                "no-double", rule,
                f"La même aide est demandée deux fois pour la même dépense : « {first.label} » et "
                f"« {second.label} ».", (), "Gardez une seule des deux lignes.",
            )  # fmt: skip
    if not found:
        yield holds("no-double", rule, "Aucune dépense n'est payée deux fois.")


def forbidden_pairs(plan: Plan, law: Law) -> Iterable[Check]:
    """F34: aids that are not granted together, as « a|b » of schemes or funds."""
    if "pairs" not in law:
        return
    rule, found = law["pairs"], False
    for pair in law.codes("pairs", "forbidden"):
        left, _, right = pair.partition("|")
        for first, second in combinations(plan.counted, 2):
            named = [{first.scheme, first.fund.value}, {second.scheme, second.fund.value}]
            both = (left in named[0] and right in named[1]) or (
                right in named[0] and left in named[1]
            )
            if both and _share_a_line(first, second):
                found = True
                yield fails(
                    "pairs", rule,
                    f"« {first.label} » et « {second.label} » ne se cumulent pas.", (),
                    "Choisissez l'une des deux.", min(first.amount, second.amount),
                )  # fmt: skip
    if not found:
        yield holds("pairs", rule, "Aucun couple d'aides que l'on sait interdit.")


def _share_a_line(first: Resource, second: Resource) -> bool:
    return not first.lines or not second.lines or bool(first.lines & second.lines)


def state_aid(plan: Plan, law: Law) -> Iterable[Check]:
    """F33: if an enterprise benefits, the rules on State aid are to be looked at by a jurist."""
    rule = law["state-aid"]
    if plan.economic is None:
        yield unknown(
            "state-aid", rule,
            "Une entreprise en profitera-t-elle (bar, épicerie, atelier, bureaux loués) ?", (),
            "Répondez à cette question.",
        )  # fmt: skip
    elif not plan.economic:
        yield out("state-aid", rule, "Aucune entreprise n'en profite.")
    else:
        public, cap = plan.brought(PUBLIC), law.number("state-aid", "de_minimis")
        under = "reste sous" if public <= cap else "dépasse"
        yield unknown(
            "state-aid", rule,
            f"Une entreprise en profite : l'argent public ({euros(public)}) {under} le plafond "
            f"« de minimis » de {euros(cap)} sur trois ans, à compter avec ce qu'elle a déjà reçu.",
            (Figure("Aides publiques", public), Figure("Plafond de minimis", cap)),
            "Faites vérifier le régime d'aide par la région ou la préfecture.",
        )  # fmt: skip


def letters(plan: Plan, law: Law) -> Iterable[Check]:
    """Each funder has written something: a letter, a receipt or a decision.

    Before anything is filed, letters are to be asked; once filed without one, they are missing.
    """
    rule = law["letters"]
    others = [r for r in plan.counted if r.fund not in OWN and r.amount]
    silent = [r for r in others if not r.letter and r.status not in _WRITTEN]
    names = ", ".join(f"« {r.label} »" for r in silent)
    amount = sum((r.amount for r in silent), ZERO)
    figures = (Figure("Sans écrit", amount),)
    change = "Demandez à chacun une lettre d'intention."
    if not others:
        yield out("letters", rule, "Aucun financeur n'est encore au plan.")
    elif any(r.status is Status.FILED for r in silent):
        yield fails(
            "letters", rule, f"Sans écrit : {names}, soit {euros(amount)}.", figures, change, amount
        )
    elif silent:
        said = f"Des écrits restent à demander : {names}, soit {euros(amount)}."
        yield unknown("letters", rule, said, figures, change)
    else:
        yield holds("letters", rule, "Chaque financeur a écrit.")


CHECKS: Final[tuple[Callable[[Plan, Law], Iterable[Check]], ...]] = (
    balance,
    own_share,
    state_cap,
    public_cap,
    eligibility.detr,
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
    letters,
)
