"""Letters that ask each co-funder for a written intention, each with a model answer (one ODT)."""

from collections.abc import Iterable
from typing import Any, Final

from maillage.common.odt import BLANK, Paper
from maillage.common.templatetags.maillage import lettres
from maillage.engine.funding.types import STATE_CGCT, STATE_OTHER, Fund, Status
from maillage.engine.funding.words import euros
from maillage.funding.document import Source
from maillage.funding.papers.amounts import asked_in_table, in_table, part
from maillage.funding.papers.deliberation import named
from maillage.funding.papers.naming import quoted
from maillage.funding.papers.plan import calendar, share
from maillage.funding.papers.subject import (
    Subject,
    amount_or_ask,
    asked,
    groups,
    held,
)

TITLE: Final = "Lettres aux financeurs"
#: Nobody can sign for the crowd.
_NOBODY: Final = frozenset({Fund.CROWD})
#: Whom to write to, by fund; the aid's own name for the others.
_ADDRESSEES: Final = {
    **dict.fromkeys(STATE_CGCT | STATE_OTHER, "Préfecture"),
    Fund.REGION: "Conseil régional",
    Fund.DEPARTMENT: "Conseil départemental",
    Fund.GROUP: "Intercommunalité",
    Fund.LEADER: "Groupe d'action locale (LEADER)",
}


def awaited(subject: Subject) -> list[Source]:
    """The funders from whom a written word is still needed."""
    return [
        s
        for s in asked(subject)
        if not s.letter and s.status is not Status.RECEIVED and s.fund not in _NOBODY
    ]


def letters_as_odt(subject: Subject) -> bytes:
    """All the letters, a page each, and their answers; says so when none is needed."""
    paper = Paper(TITLE, subject.today)
    paper.head(subject.project)
    waiting = awaited(subject)
    if waiting:
        paper.text(
            "Une lettre par financeur qui n'a encore rien écrit, et le modèle de réponse qu'il "
            "peut signer : effacez le titre de chaque page avant de l'imprimer. Une intention "
            "n'est ni un accord ni une promesse : la demande d'aide reste à déposer."
        )
        paper.bullets(f"{named(s)} : {amount_or_ask(s.amount)}" for s in waiting)
    else:
        known = asked(subject) or held(subject)
        paper.text(
            "Aucune lettre n'est à demander : chaque financeur s'est déjà prononcé, ou n'a pas à "
            "écrire." if known else "Ce plan n'a pas encore de financeur à qui écrire."
        )  # fmt: skip
    known = [s for s in held(subject) + asked(subject) if s not in waiting]
    if known:
        paper.heading("Ceux dont vous tenez déjà un écrit, ou qui n'ont pas à écrire", 2)
        paper.bullets(f"{named(s)} : {amount_or_ask(s.counted)}" for s in known)
    for source in waiting:
        _letter(paper, subject, source)
        _answer(paper, subject, source)
    return paper.octets()


def _letter(paper: Paper, subject: Subject, source: Source) -> None:
    paper.heading(f"Lettre : {source.label}", new_page=True)
    for line in filter(None, (subject.called.title, _reach(subject))):
        paper.text(line)
    to = subject.payer(source) or _ADDRESSEES.get(source.fund, source.label)
    for line in (
        to,
        f"À l'attention de {BLANK}",
        f"Adresse : {BLANK}",
        f"Le {lettres(subject.today)}",
    ):
        paper.text(line, "Addressee")
    paper.field("Objet", f"Demande de lettre d'intention pour {quoted(subject.project)}")
    paper.text("Madame, Monsieur,")
    the = f"{subject.called.the[0].upper()}{subject.called.the[1:]}"
    paper.text(f"{the} porte le projet {quoted(subject.project)}. [à décrire en deux phrases]")
    cost = subject.plan.cost
    total = f"{euros(cost)} {subject.money}" if cost else BLANK
    paper.text(f"Son coût est estimé à {total}. {_asks(subject, source)}")
    paper.text("Voici comment il serait financé :", "Kept")
    rows, bold = _resources(subject)
    paper.table(
        ("Ressources", f"Montant {subject.money}", "Taux", "État"), rows, (7, 4, 2, 4),
        right=(1, 2), totals=bold, together=True,
    )  # fmt: skip
    paper.field("Calendrier", "\n".join(_calendar(subject, source)))
    paper.text(
        "Pour que notre plan de financement soit solide, nous vous serions reconnaissants de nous "
        "dire par écrit si vous pensez pouvoir y participer, pour quel montant et à quelles "
        "conditions. Un modèle de réponse est joint. Il n'engage pas votre décision."
    )
    reach = _reach(subject)
    paper.field("Votre contact", f"{BLANK}, {reach}" if reach else BLANK)
    paper.text("Veuillez agréer, Madame, Monsieur, l'expression de nos salutations distinguées.")
    paper.text(f"{subject.head[0].upper()}{subject.head[1:]} : {BLANK}", "Addressee")


def _answer(paper: Paper, subject: Subject, source: Source) -> None:
    paper.heading(f"Modèle de réponse : {source.label}", new_page=True)
    paper.note("À recopier sur papier à en-tête du financeur, et à adapter.")
    paper.field("Objet", f"Lettre d'intention pour {quoted(subject.project)}")
    paper.text("Madame, Monsieur,")
    amount = euros(source.amount) if source.amount else BLANK
    cost = subject.plan.cost
    total = f"{euros(cost)} {subject.money}" if cost else BLANK
    paper.text(
        f"Nous avons pris connaissance du projet {quoted(subject.project)}, porté par "
        f"{subject.called.the}, dont le coût est estimé à {total}."
    )
    paper.text(
        f"Il nous paraît pouvoir être aidé au titre de {quoted(named(source))}, pour un montant "
        f"envisagé de {amount}, sous réserve du dépôt d'un dossier complet, des crédits "
        "disponibles et de la décision de notre instance compétente."
    )
    paper.field("Conditions et dépenses retenues", "")
    paper.field("Instance et date de décision prévue", _commission(source))
    paper.field("Personne à contacter", "")
    paper.text(
        "Cette lettre exprime une intention. Elle n'est ni un accord, ni une autorisation de "
        "commencer les travaux."
    )
    paper.text(f"Fait à {BLANK}, le {BLANK}.", "Kept")
    paper.table(("Nom, qualité, signature",), [(BLANK,)], tall=True)


def _asks(subject: Subject, source: Source) -> str:
    if not source.amount:
        return "Nous souhaitons savoir si vous pourriez y participer, et pour quel montant."
    share_of = share(source.amount, subject.plan.cost)
    of_cost = f", soit {share_of} du coût" if share_of else ""
    done = source.status is Status.FILED
    verb = "Nous vous avons demandé" if done else "Nous pensons vous demander"
    return f"{verb} {euros(source.amount)}{of_cost}."


def _calendar(subject: Subject, source: Source) -> Iterable[str]:
    when = calendar(subject)
    yield f"Réalisation : {when or BLANK}."
    if source.closes:
        yield f"Dernier jour pour déposer notre demande auprès de vous : {lettres(source.closes)}."
    if source.commission_on:
        yield f"Commission : {lettres(source.commission_on)}."


def _commission(source: Source) -> str:
    return f"{BLANK}, {lettres(source.commission_on)}" if source.commission_on else ""


def _reach(subject: Subject) -> str:
    return ", ".join(filter(None, (subject.phone, subject.email)))


def _resources(subject: Subject) -> tuple[list[tuple[Any, ...]], list[int]]:
    """Every resource, then the total; the rows in bold."""
    cost = subject.plan.cost
    rows: list[tuple[Any, ...]] = []
    brought = cost * 0
    for group in groups(subject):
        brought += group.total
        rows += [
            (row.label, asked_in_table(row.amount), part(row.amount, cost) if row.amount else "",
             row.state or group.title)
            for row in group.rows
        ]  # fmt: skip
    rows.append(("Total", in_table(brought), part(brought, cost), ""))
    return rows, [len(rows) - 1]
