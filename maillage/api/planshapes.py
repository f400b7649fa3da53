"""What the API of plans takes and gives. Amounts are texts such as ``"27300.50"``, in euros."""

import datetime
import json
from decimal import Decimal
from typing import Any, Self

from ninja import Field, Schema
from pydantic import BaseModel, PrivateAttr, model_validator

from maillage.engine.funding.types import (
    BearerKind,
    Fund,
    Nature,
    Spending,
    Status,
    Verdict,
)
from maillage.funding.document import MOST_LINES
from maillage.funding.planning import MOST_AIDS

Day = datetime.date | None
Amount = Decimal | None


# -- What is sent


class BearerIn(Schema):
    """Qui porte le projet. Ce qui n'est pas dit est « pas connu »."""

    insee: str = Field("", description="Commune : code officiel (INSEE). Le site remplit ce qu'il "
                       "sait : sorte, nom, département, population au recensement")  # fmt: skip
    siren: str = Field("", description="Commune ou intercommunalité : SIREN, au lieu de « insee »")
    kind: BearerKind = Field(BearerKind.COMMUNE, description="Commune, intercommunalité…")
    name: str = Field("", max_length=200, description="Son nom")
    department: str = Field("", description="Numéro du département : certaines règles en dépendent")
    population_dgf: int | None = Field(None, description="Population DGF, de la fiche de dotation")
    wealth: Decimal | None = Field(
        None, description="Potentiel financier par habitant, rapporté à la moyenne (1.3)"
    )
    recovers_vat: bool | None = Field(None, description="Récupère-t-il la TVA (FCTVA) ?")
    block: int | None = Field(
        None, description="Intercommunalité : habitants d'un seul tenant et sans enclave"
    )
    centre: int | None = Field(None, description="Intercommunalité : habitants du plus gros centre")
    density: Decimal | None = Field(None, description="Intercommunalité : habitants au km²")


class CostIn(Schema):
    """Une dépense."""

    id: str = Field("", max_length=200, description="Identifiant, unique ; « c1 » s'il manque")
    label: str = Field("", max_length=200, description="Ce que c'est")
    net: Amount = Field(None, description="Montant HT ; le TTC s'il manque")
    gross: Amount = Field(None, description="Montant TTC ; le HT s'il manque")
    spending: Spending = Field(
        Spending.INVESTMENT, description="Investissement, ingénierie ou fonctionnement"
    )
    nature: Nature = Field(
        Nature.WORKS, description="Études et terrains peuvent être signés avant la demande"
    )
    year: int | None = Field(None, description="Année de la dépense")
    signed_on: Day = Field(
        None, description="Jour (2000 à 2100) du premier engagement (devis signé, commande)"
    )


class PaymentIn(Schema):
    """De l'argent qui est venu."""

    on: datetime.date = Field(description="Son jour")
    amount: Decimal = Field(description="Son montant")


class ResourceIn(Schema):
    """Une ressource. Pour chercher le meilleur plan, c'est une aide possible, dont on dit le taux
    ou le forfait ; sans eux, elle devient une question à poser.
    """

    id: str = Field("", max_length=200, description="Identifiant, unique ; « r1 » s'il manque")
    label: str = Field("", max_length=200, description="Qui paie, ou quelle aide")
    fund: Fund = Field(Fund.OTHER_PUBLIC, description="D'où vient l'argent")
    amount: Amount = Field(None, description="Montant demandé")
    status: Status = Field(Status.CONSIDERED, description="Où elle en est ; refusée : pas comptée")
    scheme: str = Field("", max_length=200, description="Nom du dispositif, le même pour une même "
                        "aide : elle ne se demande pas deux fois")  # fmt: skip
    offer: str = Field("", max_length=200, description="Fiche du catalogue (/offers)")
    lines: list[str] = Field([], description="Dépenses qu'elle paie ; toutes si rien n'est dit")
    excludes: list[str] = Field(
        [], description="Ressources du plan (identifiants) avec lesquelles elle ne va pas"
    )
    needs: list[str] = Field(
        [], description="Ressources du plan : elle ne se donne qu'avec l'une d'elles au moins"
    )
    letter: bool = Field(False, description="A-t-on une lettre d'intention ?")
    filed_on: Day = Field(None, description="Jour du dépôt de la demande")
    received_on: Day = Field(None, description="Jour de l'accusé de réception de la demande")
    decided_on: Day = Field(None, description="Jour de la décision")
    granted: Amount = Field(None, description="Montant accordé (état « granted » ou « paid »)")
    paid: Amount = Field(None, description="Montant déjà versé")
    paid_on: Day = Field(None, description="Jour du dernier versement")
    payments: list[PaymentIn] = Field(
        [], max_length=MOST_LINES, description="Chaque versement, s'ils sont connus un par un"
    )
    closes: Day = Field(None, description="Dernier jour pour déposer")
    commission_on: Day = Field(None, description="Jour de la commission qui décide")
    advance: Decimal | None = Field(None, description="Part versée au départ, de 0 à 1")
    note: str = Field("", max_length=2_000, description="Note libre ; rien n'en est lu")
    rate: Decimal | None = Field(None, description="Recherche : part de 1 (0.4 pour 40 %)")
    cap: Amount = Field(None, description="Recherche : montant maximal")
    floor: Amount = Field(None, description="Recherche : montant minimal")
    flat: Amount = Field(None, description="Recherche : forfait, quel que soit le coût")
    chance: Decimal | None = Field(
        None, description="Recherche : chance de l'obtenir selon vous, de 0 à 1 ; 0.5 si rien"
    )
    days: int | None = Field(None, description="Recherche : jours avant que l'argent vienne")


class Unchecked(BaseModel):
    """Keeps what is sent as it is: the plan itself says what is wrong in it, place by place."""

    _raw: Any = PrivateAttr(None)

    @model_validator(mode="wrap")
    @classmethod
    def _keep(cls, value: Any, handler: Any) -> Self:
        made = cls.model_construct()
        made._raw = _readable(value)
        return made

    @property
    def raw(self) -> Any:
        """What was sent."""
        return self._raw


def _readable(value: Any) -> Any:
    """The same, without the half characters that no text may hold."""
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
    return json.loads(text)


class PlanIn(Unchecked):
    """Un plan de financement. Montants en euros, sous forme de texte ("27300.50")."""

    date: Day = Field(None, description="Le droit est celui de ce jour ; aujourd'hui si rien")
    in_net: bool = Field(True, description="Plan établi en HT ; faux : en TTC")
    economic: bool | None = Field(None, description="Une entreprise en profite-t-elle ?")
    own_most: Amount = Field(
        None, description="Recherche : ce que le porteur peut apporter au plus"
    )
    total: Amount = Field(None, description="Total que le document annonce, s'il en annonce un")
    bearer: BearerIn | None = Field(None, description="Qui porte le projet ; une commune si rien")
    costs: list[CostIn] = Field([], max_length=MOST_LINES, description="Les dépenses")
    resources: list[ResourceIn] = Field([], max_length=MOST_LINES, description="Les ressources")
    notes: dict[str, str] = Field(
        {}, description="Notes libres. « territory » : code de la commune ou SIREN de "
        "l'intercommunalité, tel qu'un plan emporté le garde"
    )  # fmt: skip


class SearchIn(PlanIn):
    """Un plan dont on cherche les ressources parmi des aides possibles."""

    offers: list[str] = Field(
        [],
        max_length=MOST_AIDS,
        description="Identifiants d'aides du catalogue (/offers) à examiner aussi, avec leurs "
        "chiffres en vigueur",
    )


# -- What is answered


class Problem(Schema):
    """Ce qui ne peut pas être lu, et où."""

    place: str = Field(description="L'endroit : costs[2], bearer.kind… (la première ligne est 1)")
    said: str = Field(description="Ce qui ne va pas, en français")


class Problems(Schema):
    """Ce qui empêche de lire le plan."""

    detail: str = Field(description="Tout, en une phrase à montrer telle quelle")
    problems: list[Problem] = Field(description="Chaque point à corriger, dans l'ordre du plan")


class FigureOut(Schema):
    """Un nombre d'une vérification."""

    label: str
    value: Decimal
    unit: str


class RuleOut(Schema):
    """La règle, avec sa loi."""

    id: str
    title: str
    sentence: str = Field(description="La règle, en une phrase")
    scope: str = Field(description="À qui et à quoi elle s'applique")
    reference: str = Field(description="Le texte de loi")
    source: str = Field(description="Où nous l'avons lue")
    confirmed: bool = Field(description="Faux : règle à confirmer, à dire à qui la lit")
    valid_from: Day
    valid_to: Day


class CheckOut(Schema):
    """Ce qu'une règle dit du plan."""

    id: str
    verdict: Verdict = Field(
        description="holds : respectée ; fails : non ; unknown : on ne peut pas dire ; out : sans "
        "objet"
    )
    sentence: str = Field(description="À montrer telle quelle")
    figures: list[FigureOut]
    change: str = Field(description="Le plus petit changement qui suffit ; vide s'il n'y en a pas")
    gap: Amount = Field(description="Ce changement en euros, quand c'en est un")
    rule: RuleOut


class BearerOut(Schema):
    """Le porteur tel qu'il est lu."""

    kind: BearerKind
    name: str
    department: str
    code: str = Field(description="Code de la commune ou SIREN de l'intercommunalité ; vide sinon")
    census: int | None = Field(description="Population au recensement, jamais plus que la DGF")


class ChecksOut(Schema):
    """Le plan tient-il ?"""

    holds: bool = Field(
        description="Vrai : il y a des dépenses et aucune règle n'est enfreinte, même s'il reste "
        "des points à préciser. Faux : une règle est enfreinte, ou il n'y a pas de dépense"
    )
    verdict: Verdict = Field(
        description="holds : tout est respecté ; unknown : rien n'est enfreint, mais un point au "
        "moins ne peut pas être dit ; fails : une règle est enfreinte"
    )
    unknown: int = Field(description="Nombre de points que l'on ne peut pas dire encore")
    headline: str = Field(description="Le verdict, à montrer tel quel")
    date: datetime.date = Field(description="Le jour dont le droit est appliqué")
    bearer: BearerOut = Field(description="Le porteur, avec ce que le site en sait")
    cost: Decimal
    resources: Decimal = Field(description="Somme des ressources qui ne sont pas refusées")
    checks: list[CheckOut]


class ShareOut(Schema):
    """Une ressource d'un plan trouvé."""

    id: str
    label: str
    fund: Fund
    amount: Decimal
    scheme: str
    lines: list[str] = Field(description="Dépenses qu'elle paie ; vide : toutes")


class LimitOut(Schema):
    """Ce qui tient le plan où il est, et ce qu'un pas de plus changerait."""

    rule: str
    label: str
    change: str = Field(description="Le pas : un point, ou 1 000 €")
    saved: Decimal = Field(description="Fonds propres que ce pas économise, seul")
    sentence: str = Field(description="À montrer telle quelle")


class BestOut(Schema):
    """Un plan trouvé."""

    kind: str = Field(description="own, few ou sure")
    label: str
    own: Decimal = Field(description="Fonds propres")
    dossiers: int = Field(description="Nombre de dossiers à déposer")
    resources: list[ShareOut]
    reasons: list[str]
    limits: list[LimitOut]
    together: Decimal = Field(description="Fonds propres que tous ces pas économisent ensemble")
    together_sentence: str
    proved: bool = Field(description="Faux : recherche arrêtée, un meilleur existe peut-être")
    checks: list[CheckOut] = Field(description="Les mêmes vérifications que /plans/check")


class SetAsideAidOut(Schema):
    """Une aide qu'aucun plan ne peut tenir."""

    id: str
    label: str
    reason: str
    question: bool = Field(description="Vrai : il ne manque qu'une réponse, à demander")


class ConflictOut(Schema):
    """Pourquoi aucun plan ne tient."""

    sentence: str = Field(description="À montrer telle quelle")
    rules: list[RuleOut] = Field(description="Les règles en cause")
    enough: list[list[str]] = Field(
        description="Groupes de règles ou de conditions : sans l'un de ces groupes, un plan "
        "serait possible"
    )
    nearest: BestOut | None = Field(description="Le plan le plus proche de ce qui est demandé")


class PlansOut(Schema):
    """Les meilleurs plans, ou pourquoi il n'y en a pas."""

    date: datetime.date = Field(description="Le jour dont le droit est appliqué")
    bearer: BearerOut = Field(description="Le porteur, avec ce que le site en sait")
    cost: Decimal
    plans: list[BestOut] = Field(
        description="Le moins d'argent propre ; le moins de dossiers ; le plus sûr et le plus tôt. "
        "Le même plan peut y être deux fois"
    )
    set_aside: list[SetAsideAidOut]
    conflict: ConflictOut | None
