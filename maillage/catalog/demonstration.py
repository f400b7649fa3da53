"""The demonstration's pages: one that is kept, one that a desk holds, one that is claimed.

Everything is invented and marked, and done by the services as people would do it.
"""

from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate

from maillage.accounts.models import User
from maillage.catalog.models import Claim, Offer, Provider
from maillage.catalog.services import claims, entries, keeping
from maillage.common.models import DataVersion

_KEPT, _HELD, _CLAIMED = "demo24-atd", "demo24-sde", "demo24-caue"
_KEEPER, _AGENT = "offreur@exemple.test", "guichet@exemple.test"
#: Who claims a page: an address that exists nowhere.
CLAIMANT: Final = "accueil@caue.exemple.test"
#: Offers of the page that is kept: title, what else it says, verbs that it went through.
_OFFERS: Final[tuple[tuple[str, dict[str, Any], tuple[str, ...]], ...]] = (
    (
        "Accompagner le transfert de l'eau (démonstration)",
        {"summary": "Préparer la commune au transfert de la compétence eau.", "themes": ["eau"]},
        (),
    ),
    (
        "Adresser les rues et les hameaux (démonstration)",
        {
            "summary": "Nommer, numéroter et publier les adresses de la commune.",
            "themes": ["numerique"], "phases": ["travaux"],
            "contact": "Par l'accueil de l'agence",
        },
        ("publish", "suspend"),
    ),
)  # fmt: skip


@transaction.atomic
def load_demo_keeping() -> int:
    """Make the demonstration's page look kept, once; return how many offers it has.

    Nothing is done without the demonstration's people and pages (call it after them).
    """
    pages = Provider.objects.in_bulk([_KEPT, _HELD, _CLAIMED], field_name="slug")
    people = User.objects.filter(is_active=True).in_bulk([_KEEPER, _AGENT], field_name="email")
    if len(pages) < 3 or len(people) < 2:
        return 0
    keeper, agent = people[_KEEPER], people[_AGENT]
    page = pages[_KEPT]
    if not page.revisions.exists():
        _keep(page, keeper)
    if not pages[_HELD].revisions.exists():
        desk = agent.mandates.select_related("organisation").order_by("pk")[0].organisation
        keeping.hold(provider=pages[_HELD], desk=desk, by=agent)
    if not Claim.objects.filter(email=CLAIMANT).exists():
        _claim(pages[_CLAIMED])
    return Offer.objects.filter(provider=page).count()


def _keep(page: Provider, keeper: User) -> None:
    entries.edit(
        entry=page, by=keeper, body=page.name,
        values={
            "available": 12, "available_unit": "cases", "waiting_weeks": 5,
            "available_until": localdate() + timedelta(days=60),
            "contact": "Par l'accueil de l'agence (démonstration)",
        },
    )  # fmt: skip
    plain = {"kind": "engineering", "level": "department", "perimeter": page.perimeter,
             "audiences": ["commune", "epci"], "cost": "member"}  # fmt: skip
    for title, said, verbs in _OFFERS:
        offer = keeping.write_offer(
            offer=None, provider=page, values={"title": title, **plain, **said}, rates=[],
            conditions=[], by=keeper, body=page.name,
        )  # fmt: skip
        for verb in verbs:
            keeping.change(
                offer=offer, verb=verb, by=keeper, body=page.name,
                reason="L'équipe est complète jusqu'au printemps." if verb == "suspend" else "",
            )  # fmt: skip


def _claim(page: Provider) -> None:
    secret = claims.ask(
        provider=page, email=CLAIMANT, name="Camille Roche (démonstration)",
        position="Secrétaire du CAUE (inventée)",
        message="Bonjour, nous souhaitons tenir notre fiche à jour. (Message inventé.)",
    )  # fmt: skip
    if secret:
        claims.prove(secret=secret)


@transaction.atomic
def retire_demo_keeping() -> int:
    """Forget who claimed and held the demonstration's pages; return how many claims there were."""
    Provider.objects.filter(slug=_HELD).update(held_by=None)
    gone, _ = Claim.objects.filter(email=CLAIMANT).delete()
    DataVersion.objects.bump("catalogue")
    return gone
