"""The convention d'appui opérationnel, made from the request, to be finished in a word processor.

Source: feuille de route de l'ANCT pour 2020, II.c: support is validated by the agency's comité de
suivi des projets and put in a convention with the bearers; the délégué keeps the follow-up.
The sentences are ours: no official model is copied.
"""

from datetime import date, timedelta
from typing import Any

from maillage.common.odt import BLANK, Paper
from maillage.common.templatetags.maillage import lettres, pluriel
from maillage.common.typeset import cut, paragraphs
from maillage.desk.enums import Verdict
from maillage.desk.models import Convention, Justification, Request
from maillage.engine.vocabulary import Audience

TITLE = "Convention d'appui opérationnel"
_SOURCE = "feuille de route de l'ANCT pour 2020, II.c"
_PROTOCOL = (
    "Le protocole de subsidiarité prévoit que l'appui national vient en complément de l'offre "
    "locale. La proposition d'accompagnement est validée par le comité de suivi des projets de "
    "l'ANCT, puis formalisée dans une convention d'appui opérationnel avec le ou les porteurs du "
    f"projet ; le délégué territorial en garde le suivi et le pilotage ({_SOURCE})."
)
_HEADS = {Audience.COMMUNE: "le ou la maire"}
_HEAD = "le président ou la présidente"
#: What the object keeps of a long need; the preamble has it whole.
LONGEST_OBJECT = 300


def default_convention(request: Request) -> dict[str, Any]:
    """Text of each field of a convention (`services.national.CONVENTION_FIELDS`) as it can be
    prefilled from the request; what is not known is left « à compléter ».
    """
    made = _justification(request)
    support = f"\nL'appui porte sur : {made.support}" if made and made.support else ""
    need = cut(" ".join(request.need.split()), LONGEST_OBJECT)
    contact = ", ".join(filter(None, (request.contact_name, request.contact_role))) or BLANK
    return {
        "parties": (
            "L'Agence nationale de la cohésion des territoires, représentée par "
            f"{BLANK}, ci-après « l'ANCT » ;\n"
            f"{request.asker}, ayant pour signataire {_head(request)}, {BLANK}, par délibération "
            f"du {BLANK}, ci-après « le porteur » ;\n"
            f"en présence du délégué territorial de l'ANCT, {_delegate(request)}."
        ),
        "object": (
            "L'ANCT apporte au porteur un appui en ingénierie pour le projet suivant : "
            f"« {need} »{support}"
        ),
        "starts": None,
        "months": None,
        "commitments_anct": (
            "Mobiliser l'appui décrit à l'article 1, par ses équipes, par un opérateur partenaire "
            "ou par un prestataire qu'elle choisit.\n"
            f"Prendre à sa charge : {BLANK}.\n"
            f"Nommer une personne qui suit le projet : {BLANK}.\n"
            "Remettre au porteur tout ce qui est produit, qu'il peut utiliser et partager."
        ),
        "commitments_bearer": (
            f"Désigner un élu et un agent qui suivent le projet : {contact}.\n"
            "Donner accès aux documents, aux lieux et aux personnes utiles.\n"
            "Dire sans attendre ce qui change : calendrier, budget, décision du conseil.\n"
            "Dire, à la fin, ce que l'appui a changé pour les habitants."
        ),
        "commitments_delegate": (
            "Suivre et piloter le projet pour le compte de l'ANCT, dans les conditions qu'il "
            "détermine.\n"
            "Associer les services de l'État et les partenaires locaux qui peuvent compléter "
            "l'appui.\n"
            "En rendre compte au comité local de cohésion territoriale."
        ),
        "follow_up": (
            "Le délégué territorial réunit les parties au démarrage, à mi-parcours et à la fin. "
            "Chaque réunion donne lieu à un relevé des décisions, versé à la demande "
            f"n° {request.number or BLANK}.\n"
            "La convention peut être modifiée par un accord écrit, et prend fin avant son terme si "
            "l'une des parties le demande par écrit, un mois à l'avance."
        ),
    }


def convention_as_odt(convention: Convention) -> bytes:
    """Return the convention as an editable ODT; what is not known is shown « à compléter »."""
    request = convention.request
    paper = Paper(TITLE)
    paper.head(f"{request.asker}, demande n° {request.number or BLANK}")
    paper.heading("Entre")
    paper.text(convention.parties)
    _preamble(paper, request)
    paper.heading("Article 1 : objet")
    paper.text(convention.object)
    paper.heading("Article 2 : durée")
    paper.text(duration(convention.starts, convention.months))
    for number, (title, text) in enumerate(
        (
            ("engagements de l'ANCT", convention.commitments_anct),
            ("engagements du porteur", convention.commitments_bearer),
            ("engagements du délégué territorial", convention.commitments_delegate),
        ),
        3,
    ):
        paper.heading(f"Article {number} : {title}")
        paper.bullets(paragraphs(text))
    paper.heading("Article 6 : suivi")
    paper.text(convention.follow_up)
    paper.heading("Signatures")
    paper.text(f"Fait à {BLANK}, le {BLANK}, en autant d'exemplaires que de signataires.", "Kept")
    paper.table(
        ("Pour l'ANCT", "Pour le porteur", "Le délégué territorial"),
        [(BLANK, f"{request.asker}\n{BLANK}", BLANK)],
        tall=True,
    )
    return paper.octets()


def duration(starts: date | None, months: int | None) -> str:
    """How long it lasts, in words.

    >>> duration(date(2027, 1, 1), 12)
    'Elle dure 12\\xa0mois, du 1er janvier 2027 au 31 décembre 2027.'
    """
    lasts = pluriel(months, "mois,mois") if months else f"{BLANK} mois"
    if starts is None:
        return f"Elle dure {lasts}, à compter de sa signature par toutes les parties."
    ends = lettres(_after(starts, months) - timedelta(days=1)) if months else BLANK
    return f"Elle dure {lasts}, du {lettres(starts)} au {ends}."


def _after(start: date, months: int) -> date:
    """The same day `months` later; the first of the next month when that one is too short."""
    years, month = divmod(start.month - 1 + months, 12)
    try:
        return date(start.year + years, month + 1, start.day)
    except ValueError:
        return date(start.year + years, month + 2, 1)


def _preamble(paper: Paper, request: Request) -> None:
    """What is known of the request and of why the national support was opened."""
    made = _justification(request)
    paper.heading("Préambule")
    people = f" ({pluriel(request.population, 'habitant,habitants')})" if request.population else ""
    paper.text(
        f"{request.asker}{people} a demandé de l'aide au guichet local de l'ingénierie le "
        f"{lettres(request.received_on) or BLANK}, pour le besoin suivant :"
    )
    paper.quote(request.need)
    if made is not None:
        paper.text("Le délégué territorial a demandé l'appui national pour ces motifs :")
        paper.bullets(made.ground_labels)
        paper.text(made.explanation)
        _examined(paper, made)
    paper.text(_PROTOCOL)
    decided = lettres(made.decided_at) if made else ""
    paper.text(
        f"Le comité de suivi des projets de l'ANCT a validé cet appui le {decided or BLANK}."
    )


def _examined(paper: Paper, made: Justification) -> None:
    lines = [line for line in made.examined if line.get("verdict") != Verdict.ANSWERS]
    if not lines:
        paper.text("Aucune offre locale adaptée à ce besoin n'a été trouvée.")
        return
    paper.text("Les offres locales suivantes ont été examinées, et ne suffisent pas :")
    paper.table(
        ("Offre", "Organisme", "Pourquoi elle ne suffit pas"),
        [(line.get("title", ""), line.get("provider", ""), line.get("why", "")) for line in lines],
        (3, 2, 4),
    )


def _justification(request: Request) -> Justification | None:
    """The last one."""
    return max(request.justifications.all(), key=lambda made: (made.created_at, made.pk),
               default=None)  # fmt: skip


def _head(request: Request) -> str:
    return _HEADS.get(Audience(request.bearer_kind), _HEAD)


def _delegate(request: Request) -> str:
    return f"préfet ({request.desk.organisation.name})" if request.desk else BLANK
