"""An invented plan, with all that a paper must show: what `verifier documents` makes and reads."""

from datetime import date
from decimal import Decimal
from typing import Final

from maillage.engine.funding.types import (
    Bearer,
    BearerKind,
    CostLine,
    Fund,
    Nature,
    Spending,
    Status,
)
from maillage.funding.document import PlanDocument, Source
from maillage.funding.law import law_on
from maillage.funding.papers.subject import Subject
from maillage.funding.planning import checks

DAY: Final = date(2026, 11, 21)


def example(day: date = DAY) -> Subject:
    """The papers' subject of the invented plan, under the law of `day`. Every check holds or is
    settled; amounts have cents, names have accents and quotes.
    """
    document = PlanDocument(
        date=day,
        bearer=Bearer(
            BearerKind.COMMUNE, "Exempleville-l'Église", "24", population_dgf=140,
            recovers_vat=True,
        ),
        costs=(
            _cost("c1", "Travaux de l'ancienne école, dont charpente", "215300.50"),
            _cost("c2", "Équipement du bistrot et de l'épicerie", "42000"),
            _cost("c3", "Maîtrise d'œuvre et études", "23699.50", Spending.ENGINEERING,
                  Nature.STUDY),
            _cost("c4", "Achat du bâtiment", "20000", nature=Nature.LAND, vat="0"),
        ),
        resources=(
            Source("r1", "DETR 2027", Fund.DETR, Decimal("120400.00"), Status.RECEIVED,
                   filed_on=date(2026, 11, 2), received_on=date(2026, 11, 9)),
            Source("r2", "Région : contrat de ruralité", Fund.REGION, Decimal("45000.00"),
                   Status.GRANTED, letter=True, decided_on=date(2026, 10, 15),
                   granted=Decimal("43500.25")),
            Source("r3", "Fonds de concours « cœur de village »", Fund.GROUP,
                   Decimal("25000.00"), Status.TO_FILE, closes=date(2027, 3, 1)),
            Source("r4", "Fondation des villages", Fund.GIFT, Decimal("12000.00"),
                   Status.CONSIDERED),
            Source("r5", "Fonds vert", Fund.STATE, Decimal("30000.00"), Status.REFUSED,
                   decided_on=date(2026, 9, 30)),
            Source("r6", "Fonds propres", Fund.OWN, Decimal("60099.75")),
            Source("r7", "Emprunt sur quinze ans", Fund.LOAN, Decimal("40000.00")),
        ),
        economic=True,
    )  # fmt: skip
    return Subject(
        project="Rouvrir le bistrot et l'épicerie du village",
        document=document,
        checks=checks(document),
        law=law_on(day),
        today=day,
        body="Exempleville-l'Église",
        email="mairie@exemple.test",
        phone="05 53 00 00 01",
        need="Rouvrir le bistrot du village dans l'ancienne école, avec une petite épicerie.",
        phase="Faisabilité",
        starts_on=date(2027, 6, 1),
        ends_on=date(2028, 3, 31),
    )


def _cost(
    identifier: str,
    label: str,
    net: str,
    spending: Spending = Spending.INVESTMENT,
    nature: Nature = Nature.WORKS,
    vat: str = "0.20",
) -> CostLine:
    gross = (Decimal(net) * (1 + Decimal(vat))).quantize(Decimal("0.01"))
    return CostLine(identifier, label, Decimal(net), gross, spending, nature, 2027)
