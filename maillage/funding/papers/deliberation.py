"""The délibération that approves the plan and asks for the aids (ODT, to be finished by hand): who
met, what was seen, why, the articles, the vote, what makes it enforceable.

The sentences are ours; the articles of law come from the rules in force on the plan's date.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

from maillage.common.odt import BLANK, Paper
from maillage.engine.funding.types import (
    OWN,
    PUBLIC,
    STATE_CGCT,
    STATE_OTHER,
    ZERO,
    BearerKind,
    Fund,
    Rule,
    Verdict,
)
from maillage.engine.funding.words import euros
from maillage.funding.document import Source
from maillage.funding.papers.amounts import asked_in_table, in_table, part
from maillage.funding.papers.naming import Called, called, quoted
from maillage.funding.papers.plan import calendar, share
from maillage.funding.papers.subject import (
    Subject,
    asked,
    giver,
    groups,
    held,
)
from maillage.territories.directory import directory

_TO_CHECK: Final = "[à vérifier]"
_STATE: Final = STATE_CGCT | STATE_OTHER
#: The rules to quote, each when the plan has one of these funds; without funds, always.
_QUOTED: Final[tuple[tuple[str, frozenset[Fund]], ...]] = (
    ("council-power", frozenset()),
    ("council-groups", frozenset()),
    ("own-share", PUBLIC),
    ("state-cap", STATE_CGCT),
    ("public-cap", STATE_OTHER),
    ("no-start", _STATE),
    ("group-half", frozenset({Fund.GROUP})),
    ("leader", frozenset({Fund.LEADER})),
    ("display", PUBLIC),
)
#: Those that speak to collectivités only, or to some of them.
_LOCAL: Final = frozenset({"own-share", "group-half", "display"})
_SPEAK_TO: Final = {
    "council-power": frozenset({BearerKind.COMMUNE}),
    "council-groups": frozenset({BearerKind.EPCI, BearerKind.SYNDICATE}),
}
_NOUNS: Final = {
    BearerKind.COMMUNE: "commune", BearerKind.EPCI: "communauté", BearerKind.SYNDICATE: "syndicat",
    BearerKind.DEPARTMENT: "département", BearerKind.REGION: "région",
    BearerKind.ASSOCIATION: "association", BearerKind.COMPANY: "entreprise",
}  # fmt: skip
#: How a text of law is brought in.
_VIEWED: Final = (
    ("Code", "Vu le code"), ("Décret", "Vu le décret"), ("décret", "Vu le décret"),
    ("Loi", "Vu la loi"), ("loi", "Vu la loi"), ("circulaire", "Vu la circulaire"),
    ("Règlement", "Vu le règlement"), ("Programmation", "Vu la programmation"),
)  # fmt: skip


def deliberation_as_odt(subject: Subject) -> bytes:
    """The délibération; what only the meeting will tell is left « à compléter »."""
    paper = Paper(f"Délibération du {subject.assembly}", subject.today)
    paper.head(f"Approbation du plan de financement : {subject.project}")
    _warning(paper, subject)
    _meeting(paper, subject)
    paper.heading("Vu")
    paper.bullets(viewed(subject))
    paper.heading("Considérant")
    paper.bullets(_considered(subject))
    paper.heading("Décision")
    paper.text(f"Après en avoir délibéré, le {subject.assembly} {subject.called.of} :")
    _decisions(paper, subject)
    _vote(paper, subject)
    return paper.octets()


def viewed(subject: Subject) -> list[str]:
    """The texts of law to quote, « Vu le code… » each, for the funds of the plan."""
    funds = {resource.fund for resource in subject.plan.counted}
    out = {check.id for check in subject.checks if check.verdict is Verdict.OUT}
    if not subject.bearer.local_authority:
        out |= _LOCAL
    found = []
    for name, needed in _QUOTED:
        asked_by_a_fund = not needed or needed & funds
        spoken_to = subject.bearer.kind in _SPEAK_TO.get(name, frozenset(BearerKind))
        if asked_by_a_fund and spoken_to and name in subject.law and name not in out:
            found += _views(subject.law[name], funds)
    return [f"{said} ;" for said in dict.fromkeys(found)]


def _views(rule: Rule, funds: set[Fund]) -> list[str]:
    check = "" if rule.confirmed else f" {_TO_CHECK}"
    topic = rule.title[0].lower() + rule.title[1:] if not rule.title[:2].isupper() else rule.title
    said = []
    for text in rule.reference.split(" ; "):
        for start, viewed_as in _VIEWED:
            if text.startswith(start) and _concerns(rule, start, funds):
                said.append(f"{viewed_as}{text[len(start) :]} ({topic}){check}")
                break
    return said


def _concerns(rule: Rule, start: str, funds: set[Fund]) -> bool:
    """The prohibition to begin is in a text for the State's dotations, in another for the rest."""
    if rule.id != "no-start":
        return True
    return bool(funds & (STATE_CGCT if start == "Code" else STATE_OTHER))


def _warning(paper: Paper, subject: Subject) -> None:
    if not subject.document.costs:
        paper.text("[à régler avant le vote] Ce plan n'a pas encore de dépenses.")
    if not subject.failing:
        return
    paper.text(
        "[à régler avant le vote] Le plan ne tient pas encore. Effacez cette partie ensuite."
    )
    paper.bullets(" ".join(filter(None, (c.sentence, c.change))) for c in subject.failing)


def _meeting(paper: Paper, subject: Subject) -> None:
    paper.heading("Séance")
    local = subject.bearer.local_authority
    if local:
        paper.text(
            f"République française. {_where(subject)}{subject.called.title}. Extrait du registre "
            f"des délibérations du {subject.assembly}."
        )
    paper.text(
        f"L'an {BLANK}, le {BLANK} à {BLANK} heures, le {subject.assembly} {subject.called.of}, "
        f"dûment convoqué le {BLANK}, s'est réuni"
        f"{' au nombre prescrit par la loi' if local else ''}, à {BLANK}, sous la présidence de "
        f"{BLANK}."
    )
    for label in (
        "Délibération n°", "Membres en exercice", "Présents (noms)", "Absents et pouvoirs (noms)",
        "Votants", "Secrétaire de séance",
    ):  # fmt: skip
        paper.field(label, "")


def _where(subject: Subject) -> str:
    """The département, as registers write it; "" when it is not known."""
    known = directory().departments.get(subject.bearer.department)
    return f"Département : {known.name}. " if known else ""


def _considered(subject: Subject) -> list[str]:
    plan, document = subject.plan, subject.document
    net = sum((line.net for line in document.costs), ZERO)
    gross = sum((line.gross for line in document.costs), ZERO)
    said = [
        f"le projet {quoted(subject.project)}",
        f"que ce projet répond à l'intérêt suivant {_body(subject).of} : {BLANK}",
    ]
    if plan.costs:
        said.append(f"que son coût est estimé à {euros(net)} HT, soit {euros(gross)} TTC")
    else:
        said.append(f"que son coût est estimé à {BLANK}")
    said.append(f"que le calendrier prévu est le suivant : {calendar(subject) or BLANK}")
    if asked(subject) or held(subject):
        said.append("que ce projet ne peut être mené sans l'aide des financeurs nommés ci-après")
    return _closed(said)


def _closed(lines: Iterable[str]) -> list[str]:
    """A list in one sentence: « ; » after each line, a full stop after the last."""
    said = list(lines)
    return [f"{line} ;" for line in said[:-1]] + [f"{line}." for line in said[-1:]]


def _decisions(paper: Paper, subject: Subject) -> None:
    others = asked(subject)
    number = 0

    def article(title: str) -> None:
        nonlocal number
        number += 1
        paper.heading(f"Article {number} : {title}", 2)

    article("approbation de l'opération")
    cost = f"{euros(subject.plan.cost)} {subject.money}" if subject.plan.costs else BLANK
    paper.text(f"Approuve l'opération {quoted(subject.project)}, pour {cost}.")
    article("approbation du plan de financement")
    paper.text("Approuve le plan de financement suivant :", "Kept")
    tables(paper, subject)
    if others:
        article("demandes d'aide")
        paper.text("Sollicite :", "Kept")
        paper.bullets(_closed(_sought(source, subject) for source in others))
    if held(subject):
        article("aides déjà accordées")
        paper.text("Prend acte des aides accordées :", "Kept")
        paper.bullets(_closed(
            f"{named(source)} : {euros(source.counted)}" for source in held(subject)
        ))  # fmt: skip
    article(f"part {_body(subject).of}")
    paper.text(_own(subject))
    if any(s.fund in _STATE | {Fund.LEADER} and s.received_on is None for s in others):
        article("commencement")
        paper.text(
            "Dit que l'opération ne commencera pas, et que ni devis ni marché de travaux ne sera "
            "signé, avant la réception des demandes d'aide par les financeurs."
        )
    if subject.bearer.local_authority and subject.plan.brought(PUBLIC):
        article("information du public")
        paper.text(
            "Dit que le plan de financement sera publié et affiché dans les quinze jours du "
            "commencement, puis montré au public pendant les travaux."
        )
    article("pouvoirs")
    file_them = "déposer les demandes d'aide, à signer les conventions et " if others else "signer "
    paper.text(
        f"Autorise {subject.head} à {file_them}tout document utile à cette opération, et à en "
        f"rendre compte au {subject.assembly}."
    )


def _body(subject: Subject) -> Called:
    """The bearer in a common noun: « la commune », « l'association »."""
    kind = subject.bearer.kind
    return called(kind, "métropole" if "métropol" in subject.assembly else _NOUNS[kind])


def tables(paper: Paper, subject: Subject) -> None:
    """The expenses, then the resources by group, with their totals."""
    plan, document = subject.plan, subject.document
    rows: list[tuple[Any, ...]] = [
        (line.label, in_table(line.net), in_table(line.gross)) for line in document.costs
    ]
    net = sum((line.net for line in document.costs), ZERO)
    gross = sum((line.gross for line in document.costs), ZERO)
    rows.append(("Total des dépenses", in_table(net), in_table(gross)))
    paper.table(
        ("Dépenses", "Montant HT", "Montant TTC"), rows, (4, 2, 2), right=(1, 2),
        totals=(len(rows) - 1,), together=True,
    )  # fmt: skip
    lines: list[tuple[Any, ...]] = []
    bold = []
    brought = Decimal(0)
    for group in groups(subject):
        lines += [
            (row.label, asked_in_table(row.amount), _part(row.amount, plan.cost), row.state)
            for row in group.rows
        ]
        if group.summed and not group.alone:
            bold.append(len(lines))
            title = f"Sous-total : {group.title[0].lower()}{group.title[1:]}"
            lines.append((title, in_table(group.total), part(group.total, plan.cost), ""))
        brought += group.total
        if group.last:
            bold.append(len(lines))
            public = plan.brought(PUBLIC)
            lines.append(
                ("Total des aides publiques", in_table(public), part(public, plan.cost), "")
            )
    bold.append(len(lines))
    lines.append(("Total des ressources", in_table(brought), part(brought, plan.cost), ""))
    paper.table(
        ("Ressources", f"Montant {subject.money}", "Taux", "État"), lines, (8, 4, 2, 3),
        right=(1, 2), totals=bold, together=True,
    )  # fmt: skip


def named(source: Source) -> str:
    """An aid with who gives it: « DETR 2027 (État) »."""
    who = giver(source)
    return f"{source.label} ({who})" if who else source.label


def _part(amount: Decimal, cost: Decimal) -> str:
    return part(amount, cost) if amount else ""


def _sought(source: Source, subject: Subject) -> str:
    if not source.amount:
        return f"{named(source)} : {BLANK}"
    of_cost = share(source.amount, subject.plan.cost)
    more = f", soit {of_cost} du coût" if of_cost else ""
    return f"{named(source)} : {euros(source.amount)}{more}"


def _own(subject: Subject) -> str:
    own = subject.plan.brought(OWN)
    loan = subject.plan.brought(frozenset({Fund.LOAN}))
    how = f", dont {euros(loan)} par emprunt" if loan else ""
    body = _body(subject)
    years = sorted({line.year for line in subject.document.costs if line.year})
    when = f"{'exercices' if len(years) > 1 else 'exercice'} {', '.join(map(str, years))}"
    where = [when] if years else []
    if subject.bearer.local_authority:
        where.append(f"chapitre et article : {BLANK}")
    budget = f" ({', '.join(where)})" if where else ""
    rest = (
        f" Si une aide est refusée ou réduite, {body.the} prend la différence à sa charge, ou un "
        f"nouveau plan de financement est soumis au {subject.assembly}."
        if asked(subject)
        else ""
    )
    return (
        f"S'engage à prendre en charge ce que les aides ne couvrent pas, soit "
        f"{euros(own) if own else BLANK}{how}, et à inscrire les crédits nécessaires au budget "
        f"{body.of}{budget}.{rest}"
    )


def _vote(paper: Paper, subject: Subject) -> None:
    paper.heading("Vote")
    for label in ("Pour", "Contre", "Abstentions", "N'ont pas pris part au vote"):
        paper.field(label, "")
    paper.text(f"Fait et délibéré à {BLANK}, les jour, mois et an ci-dessus.", "Kept")
    paper.table(
        (f"{subject.head[0].upper()}{subject.head[1:]}", "Secrétaire de séance"),
        [(BLANK, BLANK)], tall=True, kept=subject.bearer.local_authority,
    )  # fmt: skip
    if subject.bearer.local_authority:
        paper.note(
            f"Acte transmis au représentant de l'État le {BLANK}, publié le {BLANK}, exécutoire "
            "à la plus tardive de ces deux dates. Il peut être contesté dans les deux mois devant "
            f"le tribunal administratif de {BLANK}."
        )
