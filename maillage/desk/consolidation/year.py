"""The consolidation of one desk for a year."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from django.db.models import Q
from django.utils.timezone import localdate

from maillage.common.templatetags.maillage import lettres, pluriel
from maillage.desk.consolidation import facts as f
from maillage.desk.consolidation.facts import Facts, Period
from maillage.desk.consolidation.places import (
    GROUPS,
    SEVERAL,
    STRATA,
    UNKNOWN,
    arrondissement_of,
    days_of,
    epci_of,
    stratum,
)
from maillage.desk.consolidation.report import (
    Consolidation,
    Section,
    definition,
    number,
    percents,
    share_of,
    share_sentence,
)
from maillage.desk.enums import (
    Channel,
    ConsultationKind,
    Ground,
    LeadKind,
    SessionState,
    State,
    Verb,
)
from maillage.desk.models import AgendaItem, Consultation, Desk, Request
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.territories.directory import directory


def consolidation_of(desk: Desk, year: int) -> Consolidation:
    """The consolidation of `desk` for `year` (six queries)."""
    period = f.period_of(year)
    facts = f.facts_of([desk], period)
    received = [one for one in facts if one.received_in_year]
    share = share_of(facts, year)
    delays = _delays(received, desk, period)
    designated = _passages(facts, {Verb.DESIGNATE, Verb.REPLACE_LEAD, Verb.START_SUPPORT})
    unseen, communes = _unseen(desk, period)
    sentences = [
        *_received_sentences(received, period),
        share_sentence(share, year),
        delays.sentence,
        f"{pluriel(len(designated), 'interlocuteur désigné,interlocuteurs désignés')} dans "
        "l'année.",
        f"{pluriel(unseen, 'commune,communes')} du département sur {communes} "
        f"{'n’a' if unseen < 2 else 'n’ont'} jamais déposé de demande.",
    ]
    sections = [
        *_received_sections(received, desk, period),
        delays.section,
        Section(
            "Interlocuteurs uniques désignés dans l'année, par nature",
            ("Qualité", "Désignations"),
            _counted(LeadKind.choices, Counter(p.data["lead_kind"] or "" for p in designated)),
            "Changements d'interlocuteur compris, y compris pour des demandes reçues avant.",
            bars=True,
        ),
        *_national_sections(facts),
        *_committee_sections(desk, period),
        Section(
            "Communes jamais vues au guichet",
            ("Communes du département", "Nombre"),
            (("Ont déjà déposé une demande", communes - unseen), ("Jamais vues", unseen)),
            f"Depuis l'ouverture du guichet, jusqu'au {lettres(period.last_day)}. Les demandes "
            "portées par une intercommunalité ne comptent pas pour ses communes.",
            bars=True,
        ),
    ]
    return Consolidation(year, desk.name, sentences, sections, share, definition())


def _received_sentences(received: Sequence[Facts], period: Period) -> list[str]:
    places = len({one.code for one in received})
    count = f.fates(received)
    day = lettres(period.last_day)
    first = f"En {period.year}, le guichet a reçu {pluriel(len(received), 'demande,demandes')}"
    if not received:
        return [f"{first}."]
    whence = pluriel(places, "commune ou intercommunalité,communes ou intercommunalités")
    return [
        f"{first}, de {whence}.",
        f"Au {day}, parmi elles : {count[f.LOCAL]} avec une réponse locale, {count[f.NATIONAL]} "
        f"avec un appui national, {count[f.UNANSWERED]} sans réponse trouvée, {count[f.OPEN]} en "
        f"cours, {count[f.ENDED]} terminées autrement, {count[f.CIRCUIT]} suivies par le circuit "
        "existant.",
    ]  # fmt: skip


def _received_sections(received: Sequence[Facts], desk: Desk, period: Period) -> list[Section]:
    known = directory()
    day = lettres(period.last_day)
    by_theme = Counter(theme for one in received for theme in one.themes or [""])
    year = period.year

    def table(title: str, head: str, rows: tuple[tuple[Any, ...], ...], note: str = "") -> Section:
        return Section(f"{title}, demandes reçues en {year}", (head, "Demandes"), rows, note, True)

    return [
        table(
            "Ce qu'elles sont devenues", f"Au {day}",
            _counted(f.FATES.items(), f.fates(received), zeros=True),
        ),
        table(
            "Où elles en étaient", f"État au {day}",
            _counted(State.choices, Counter(one.state for one in received)),
        ),
        table(
            "Thèmes", "Thème", _counted([*THEMES.items(), ("", "Pas encore qualifiée")], by_theme),
            "Une demande peut avoir plusieurs thèmes : la somme dépasse alors leur nombre.",
        ),
        table(
            "Étapes du projet", "Étape",
            _counted(
                [*PHASES.items(), ("", "Pas encore qualifiée")],
                Counter(one.phase for one in received),
            ),
        ),
        table(
            "Taille des communes", "Strate de population",
            _counted(
                [(s, s) for s in (*(label for label, _ in STRATA), GROUPS, UNKNOWN)],
                Counter(stratum(one) for one in received),
            ),
        ),
        table("Façon d'arriver", "Arrivée", _counted(
            Channel.choices, Counter(one.channel for one in received)
        )),
        table("Intercommunalités", "Intercommunalité", _ranked(
            Counter(epci_of(one) for one in received),
            {epci.siren: epci.name for epci in known.epcis.values()},
        )),
        table("Arrondissements", "Arrondissement", _ranked(
            Counter(arrondissement_of(one) for one in received), known.arrondissements
        )),
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Delays:
    sentence: str
    section: Section


def _delays(received: Sequence[Facts], desk: Desk, period: Period) -> _Delays:
    """How long a first answer took, in working days of the desk's département."""
    mine = [one for one in received if not one.circuit]
    answered = [one for one in mine if one.first_answer]
    days = [days_of(one, desk.department) for one in answered]
    late = [one for one in mine if one.due and (one.first_answer or period.last_day) > one.due]
    waiting = len(mine) - len(answered)
    in_time = sum(one.due is None or one.first_answer <= one.due for one in answered)
    judged = in_time + len(late)
    share = percents(100 * in_time // judged) if judged else "sans objet"
    middle = number(median(days)) if days else "sans objet"
    sentence = (
        f"Première réponse : en {middle} {'jour ouvré' if median(days) < 2 else 'jours ouvrés'} "
        f"(médiane), dans le délai du guichet pour {in_time} demandes sur {judged}."
        if days
        else "Aucune première réponse n'a encore été donnée."
    )
    section = Section(
        f"Délai de la première réponse, demandes reçues en {period.year}",
        ("Mesure", "Valeur"),
        (
            ("Demandes qui ont eu une première réponse", len(answered)),
            ("Demandes qui l'attendent encore", waiting),
            ("Délai médian, en jours ouvrés", middle),
            ("Dans le délai annoncé", in_time),
            ("Hors délai, ou en attente au-delà du délai", len(late)),
            ("Part dans le délai", share),
        ),
        "Les samedis, les dimanches et les jours fériés du département ne comptent pas. Le délai "
        "est celui qui a été annoncé à chaque mairie le jour de son dépôt.",
    )
    return _Delays(sentence, section)


def _national_sections(facts: Sequence[Facts]) -> list[Section]:
    opened = _passages(facts, {Verb.OPEN_NATIONAL})
    grounds = Counter(ground for p in opened for ground in p.data["grounds"] or ())
    verbs = Counter(p.verb for one in facts for p in one.passages)
    names = {one.pk: one for one in facts}
    refused = _passages(facts, {Verb.REFUSE_NATIONAL})
    return [
        Section(
            "Appui national, dans l'année",
            ("Étape", "Nombre"),
            (
                ("Demandé par le délégué, justifié", verbs[Verb.OPEN_NATIONAL]),
                ("Transmis au comité de l'ANCT", verbs[Verb.SUBMIT]),
                ("Accepté", verbs[Verb.ACCEPT_NATIONAL]),
                ("Refusé", verbs[Verb.REFUSE_NATIONAL]),
                ("Conventions d'appui opérationnel signées", verbs[Verb.SIGN_CONVENTION]),
                ("Accompagnements commencés", verbs[Verb.START_SUPPORT]),
            ),
            bars=True,
        ),
        Section(
            "Motifs de l'appui national",
            ("Motif", "Demandes"),
            _counted(Ground.choices, grounds),
            "Une demande peut avoir plusieurs motifs.",
            bars=True,
        ),
        Section(
            "Refus du comité de l'ANCT, et leurs raisons",
            ("Demande", "Demandeur", "Le", "Raison"),
            tuple(
                (names[p.request].number, names[p.request].name, lettres(p.day), p.reason)
                for p in refused
            ),
        ),
    ]


def _committee_sections(desk: Desk, period: Period) -> list[Section]:
    opinions = Consultation.objects.filter(
        request__desk=desk, kind=ConsultationKind.OPINION,
        created_at__gte=period.start, created_at__lt=period.end,
    ).values_list("due_on", "answered_at")  # fmt: skip
    asked = given = late = 0
    for due, answered_at in opinions:
        answered = localdate(answered_at) if answered_at and answered_at < period.end else None
        asked += 1
        given += answered is not None
        late += bool(due and (answered or period.last_day) > due)
    told = AgendaItem.objects.filter(
        ~Q(decision=""), session__desk=desk, session__state=SessionState.CLOSED,
        session__closed_at__gte=period.start, session__closed_at__lt=period.end,
    ).values_list("session_id", flat=True)  # fmt: skip
    sessions = list(told)
    return [
        Section(
            "Avis demandés à des services, dans l'année",
            ("Avis", "Nombre"),
            (("Demandés", asked), ("Rendus", given), ("Rendus ou attendus en retard", late)),
            bars=True,
        ),
        Section(
            "Comité local de cohésion territoriale, dans l'année",
            ("Comité", "Nombre"),
            (("Séances tenues", len(set(sessions))), ("Demandes examinées", len(sessions))),
            bars=True,
        ),
    ]


def _unseen(desk: Desk, period: Period) -> tuple[int, int]:
    """Communes of the département that have never filed, and how many communes there are."""
    known = directory()
    communes = {c.code for c in known.communes.values() if c.department == desk.department}
    bearers = (
        Request.objects.filed()
        .filter(received_on__lte=period.last_day)
        .filter(keys__contains=[desk.territory])
    )
    seen = {known.resolve(code) for code in bearers.values_list("bearer", flat=True).distinct()}
    return len(communes - seen), len(communes)


def _passages(facts: Iterable[Facts], verbs: set[Verb]) -> list[f.Passage]:
    return [p for one in facts for p in one.passages if p.verb in verbs]


def _counted(
    choices: Iterable[tuple[str, str]], counter: Counter[str], *, zeros: bool = False
) -> tuple[tuple[Any, ...], ...]:
    """Rows in the order of `choices`; those of zero are left out unless `zeros`."""
    return tuple((str(label), counter[code]) for code, label in choices if counter[code] or zeros)


def _ranked(counter: Counter[str], names: dict[str, str]) -> tuple[tuple[Any, ...], ...]:
    """Rows from the largest count, named."""
    named = {SEVERAL: "Toute une intercommunalité", "": "Aucun"} | names
    rows = [(named.get(code, code), count) for code, count in counter.items()]
    return tuple(sorted(rows, key=lambda row: (-row[1], row[0])))
