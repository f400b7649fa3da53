"""People who keep pages, for tests: those of a body, an agent, an administrator; and a browser."""

from typing import Any

from django.conf import settings
from django.test import Client
from django.utils.timezone import now

from maillage.accounts.enums import OrganisationKind, Role
from maillage.accounts.models import Organisation, User
from maillage.catalog.models import Claim, Offer, Provider
from tests.catalog.factories import make_offer, make_provider
from tests.desk.factories import make_prefecture, make_user

_BACKEND = settings.AUTHENTICATION_BACKENDS[0]


def local_page(slug: str = "atd-essai", **said: Any) -> Provider:
    """A page of the Dordogne, that lacks nothing."""
    plain: dict[str, Any] = {
        "name": "Agence d'essai", "family": "department", "level": "department",
        "perimeter": ["dep:24"], "summary": "Aide les communes.", "contact": "L'accueil",
        "website": "https://atd.exemple.test", "state": "confirmed",
    }  # fmt: skip
    return make_provider(slug, **{**plain, **said})


def local_offer(page: Provider, slug: str = "amo-essai", **said: Any) -> Offer:
    """An offer that could be published."""
    plain: dict[str, Any] = {
        "title": "Aider à rénover", "perimeter": ["dep:24"], "contact": "L'accueil",
        "level": "department", "state": "confirmed",
    }  # fmt: skip
    return make_offer(slug, page, **{**plain, **said})


def keeper(page: Provider, **said: Any) -> User:
    """Someone of the body of a page."""
    body, _ = Organisation.objects.get_or_create(
        provider=page.slug, defaults={"name": page.name, "kind": OrganisationKind.PROVIDER}
    )
    return make_user(Role.PROVIDER, body, **said)


def agent(department: str = "24", **said: Any) -> User:
    """An agent of the desk of a département."""
    return make_user(Role.AGENT, make_prefecture(f"dep:{department}"), **said)


def signed_in(user: User | None = None) -> Client:
    """A browser in which `user` is signed in; a visitor's without."""
    client = Client()
    if user is not None:
        client.force_login(user, backend=_BACKEND)
    return client


def offer_form(**said: Any) -> dict[str, Any]:
    """A complete form of an offer, as a browser posts it."""
    return {
        "title": "Aider à rénover", "kind": "engineering", "level": "department",
        "summary": "Une aide pour les essais.", "description": "", "themes": ["eau"],
        "phases": ["travaux"], "words": "", "audiences": ["commune"],
        "perimeter": "Département : Dordogne (24)", "population_min": "", "population_max": "",
        "population_kind": "municipal", "cost": "free", "cost_note": "", "opens": "", "closes": "",
        "available": "", "available_unit": "cases", "available_until": "", "waiting_weeks": "",
        "capacity": "", "apply": "", "contact": "L'accueil", "link": "",
        "taux-TOTAL_FORMS": "0", "taux-INITIAL_FORMS": "0", **said,
    }  # fmt: skip


def page_form(page: Provider, **said: Any) -> dict[str, Any]:
    """A complete form of a page, as a browser posts it."""
    return {
        "name": page.name, "full_name": "", "summary": page.summary, "contact": page.contact,
        "website": page.website, "perimeter": "Département : Dordogne (24)", "available": "",
        "available_unit": "cases", "available_until": "", "waiting_weeks": "", "capacity": "",
        **said,
    }  # fmt: skip


def kept_arguments(name: str) -> dict[str, dict[str, Any]]:
    """A page kept by the body of this name, its offer, who claims it: arguments by address."""
    page = local_page()
    offer = local_offer(page)
    body = Organisation.objects.get(name=name)
    Organisation.objects.filter(pk=body.pk).update(provider=page.slug)
    claim = Claim.objects.create(
        provider=page, email="a@exemple.test", name="A", position="B", confirmed_at=now()
    )
    own = {"slug": offer.slug, "verb": "suspend"}
    names = ("offer", "preview", "offer_edit", "offer_verb")
    return {f"keeping:{one}": own for one in names} | {
        "keeping:claim_link": {"secret": "secret"},
        "keeping:claim_decide": {"pk": claim.pk},
        "keeping:*": {"slug": page.slug, "pk": body.mandates.get().pk},
    }
