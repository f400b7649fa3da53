"""The contract, version 1: reads only. Without an account, except for the desk's requests."""

import re
from collections.abc import Container
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from ninja import NinjaAPI, Path, Query
from ninja.errors import HttpError
from ninja.renderers import JSONRenderer

from maillage.api import catalogshapes as c
from maillage.api import errors, plans
from maillage.api import schemas as s
from maillage.api.catalog import offer_out, provider_out, row_of_snapshot
from maillage.api.changes import router as changes
from maillage.api.documentation import sections
from maillage.api.orientation import answer_out, read_text
from maillage.api.requests import router as requests
from maillage.api.strict import refuse_unknown
from maillage.api.territories import commune_out, place_out
from maillage.catalog.enums import AUDIENCES, COSTS, FAMILIES, KINDS, LEVELS, STATES
from maillage.catalog.forms.filters import LONGEST_TEXT, OfferFilters, clean
from maillage.catalog.listing import find
from maillage.catalog.models import Offer, Provider
from maillage.catalog.snapshot import shelf
from maillage.desk import orientation as desk
from maillage.engine.types import Need
from maillage.engine.vocabulary import LABELS, PHASES, THEMES
from maillage.territories.directory import directory
from maillage.territories.search import search

_SLUG: Final = re.compile(r"[-\w]{1,100}", re.ASCII)
_DESCRIPTION: Final = (
    "Une commune dit avec ses mots ce qu'elle veut faire ; l'API dit qui peut l'aider près de chez "
    "elle, qui peut financer et qui l'a déjà fait, avec les raisons.\n\nSans compte, sans clé, en "
    "lecture seule : rien de ce qui est envoyé n'est gardé. Seules les demandes déposées au "
    "guichet veulent que l'on soit connecté au site ; chacun y lit ce que ses mandats lui ouvrent."
)


class Renderer(JSONRenderer):
    """JSON with its accents as they are: a third shorter in French."""

    json_dumps_params = {"ensure_ascii": False}


class PublicApi(NinjaAPI):
    """An API open to all: the site asks everyone else to sign in."""

    @property
    def urls(self) -> tuple[list[Any], str, str]:
        """Addresses of the API, each marked as public."""
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            login_not_required(pattern.callback)
        return patterns, app_name, namespace


api = PublicApi(
    title="API de Maillage",
    version="1",
    description=_DESCRIPTION,
    urls_namespace="api",
    docs_url=None,
    renderer=Renderer(),
)
errors.install(api)
api.add_router("/requests", requests)
api.add_router("/changes", changes)
plans.install(api)
_REFUSED: Final = {422: s.Error}
_ABSENT: Final = {404: s.Error}


@api.post(
    "/orientation",
    response={200: s.OrientationOut, **_REFUSED},
    tags=["Orientation"],
    summary="Qui peut aider, qui peut financer, qui l'a fait",
    operation_id="orientation",
)
def orientation(request: HttpRequest, question: s.OrientationIn) -> s.OrientationOut:
    """Répond à un besoin dit avec des mots ordinaires, au plus près d'abord, avec les raisons."""
    text, cut = read_text(question.text)
    if not text and not question.types:
        raise HttpError(422, "Dites dans « text » ce que la commune veut faire, même en deux mots.")
    need = Need(
        text=text,
        audience=question.audience,
        types=_known_types(question.types),
        phase=question.phase.value if question.phase else None,
    )
    answer = desk.answer(need, _known_place(question.commune), localdate())
    return answer_out(answer, cut=cut)


def _known_place(code: str | None) -> str | None:
    """The code in force for the one that was given; refuses what is no territory's."""
    if not code or not code.strip():
        return None
    current = directory().resolve(code)
    if current is None:
        raise HttpError(
            422,
            f"Le code « {clean(code, 20)} » n'est celui d'aucune commune ni intercommunalité : "
            "donnez un code COG à cinq caractères ou un SIREN, que /communes?q=… sait trouver.",
        )
    return current


def _known_area(code: str, known: Container[str], none: str) -> str:
    asked = code.strip().upper()
    if asked and asked not in known:
        raise HttpError(422, f"Le code « {clean(code, 3)} » n'est celui d'{none}.")
    return asked


def _known_types(asked: list[str] | None) -> tuple[str, ...] | None:
    if asked is None:
        return None
    known = shelf().snapshot.type_number
    for slug in asked:
        if slug not in known:
            raise HttpError(
                422,
                f"« {clean(slug, 100)} » n'est pas un type de projet connu : /vocabulary en donne "
                "la liste.",
            )
    return tuple(dict.fromkeys(asked))


@api.get(
    "/communes",
    response={200: s.PlacesOut, **_REFUSED},
    tags=["Territoires"],
    summary="Trouver une commune ou une intercommunalité",
    operation_id="communes",
)
def communes(request: HttpRequest, asked: Query[s.PlacesAsked]) -> s.PlacesOut:
    """Propose des territoires pour ce qui est tapé, le plus probable d'abord."""
    refuse_unknown(request, s.PlacesAsked)
    text = clean(asked.q, 100)
    found = search(text, kind=asked.kind.value, limit=asked.limit) if text else []
    return s.PlacesOut(results=[place_out(place) for place in found])


@api.get(
    "/communes/{code}",
    response={200: s.CommuneOut, **_ABSENT},
    tags=["Territoires"],
    summary="Une commune : intercommunalité, programmes, zonages",
    operation_id="commune",
)
def commune(
    request: HttpRequest,
    code: str = Path(description="Code COG en vigueur ou ancien, ou SIREN de la commune"),
) -> s.CommuneOut:
    """Dit ce que l'on sait d'une commune ; un ancien code mène à la commune actuelle."""
    refuse_unknown(request)
    current = directory().resolve(code)
    if current is None or current not in directory().communes:
        raise Http404(
            f"Le code « {clean(code, 20)} » n'est celui d'aucune commune : /communes?q=… la "
            "trouve par son nom ou son code postal."
        )
    return commune_out(current, clean(code, 20))


@api.get(
    "/offers",
    response={200: c.OfferPage, **_REFUSED},
    tags=["Catalogue"],
    summary="Les offres d'ingénierie et les aides",
    operation_id="offers",
)
def offers(request: HttpRequest, asked: Query[c.OffersAsked]) -> c.OfferPage:
    """Liste les offres, filtrées comme sur la page du catalogue, les plus proches d'abord.

    Pour tenir une copie du catalogue à jour : /changes/offers, dont les pages ne bougent pas.
    """
    refuse_unknown(request, c.OffersAsked)
    facets = {
        "theme": asked.theme,
        "phase": asked.phase,
        "nature": asked.kind,
        "cout": asked.cost,
        "public": asked.audience,
        "echelon": asked.level,
        "famille": asked.family,
        "etat": asked.state,
    }
    code = _known_place(asked.commune)
    filters = OfferFilters(
        text=clean(asked.q, LONGEST_TEXT),
        chosen={name: tuple(v.value for v in values) for name, values in facets.items() if values},
        contacts=asked.contacts,
        code=code or "",
        department=_known_area(asked.departement, directory().departments, "aucun département"),
        region=_known_area(asked.region, directory().regions, "aucune région"),
        open_only=asked.open,
    )
    held = shelf()
    territory = directory().engine_territory(code) if code else None
    found = find(filters, held, territory, localdate()).numbers
    shown = found[(asked.page - 1) * asked.limit : asked.page * asked.limit]
    return c.OfferPage(
        count=len(found),
        page=asked.page,
        limit=asked.limit,
        results=[row_of_snapshot(held.snapshot.offers[number]) for number in shown],
    )


@api.get(
    "/offers/{offer_id}",
    response={200: c.OfferOut, **_ABSENT},
    tags=["Catalogue"],
    summary="Une offre, en entier",
    operation_id="offer",
)
def offer(
    request: HttpRequest, offer_id: str = Path(description="Identifiant de l'offre")
) -> c.OfferOut:
    """Donne une offre, ses chiffres datés et sa source."""
    refuse_unknown(request)
    rows = (
        Offer.objects.published()
        .with_provider()
        .select_related("source")
        .prefetch_related("rates__source", "conditions")
    )
    row = rows.filter(slug=offer_id).first() if _SLUG.fullmatch(offer_id) else None
    if row is None:
        raise Http404(f"Aucune offre « {clean(offer_id, 100)} » : /offers en donne la liste.")
    return offer_out(row, localdate())


@api.get(
    "/providers/{provider_id}",
    response={200: c.ProviderOut, **_ABSENT},
    tags=["Catalogue"],
    summary="Un organisme et ses offres",
    operation_id="provider",
)
def provider(
    request: HttpRequest, provider_id: str = Path(description="Identifiant de l'organisme")
) -> c.ProviderOut:
    """Donne un organisme et tout ce qu'il apporte."""
    refuse_unknown(request)
    rows = Provider.objects.published().select_related("source")
    row = rows.filter(slug=provider_id).first() if _SLUG.fullmatch(provider_id) else None
    if row is None:
        raise Http404(
            f"Aucun organisme « {clean(provider_id, 100)} » : chaque offre de /offers dit le sien."
        )
    return provider_out(row, Offer.objects.published().filter(provider=row))


@api.get(
    "/vocabulary",
    response=c.VocabularyOut,
    tags=["Vocabulaire"],
    summary="Les codes et leurs libellés",
    operation_id="vocabulary",
)
def vocabulary(request: HttpRequest) -> c.VocabularyOut:
    """Donne tous les codes que l'API emploie, avec leurs libellés en français."""
    refuse_unknown(request)
    return c.VocabularyOut(
        themes=_labelled(THEMES.items()),
        phases=_labelled(PHASES.items()),
        levels=_labelled(LEVELS),
        families=_labelled(FAMILIES),
        kinds=_labelled(KINDS),
        costs=_labelled(COSTS),
        audiences=_labelled(AUDIENCES),
        states=_labelled(STATES),
        labels=_labelled(LABELS.items()),
        project_types=[
            c.TypeRef(id=known.id, label=known.label) for known in shelf().snapshot.recogniser.types
        ],
    )


def _labelled(pairs: Any) -> list[s.Labelled]:
    return [s.Labelled(code=code, label=label) for code, label in pairs]


@api.get("/docs", include_in_schema=False, url_name="docs")
def docs(request: HttpRequest) -> HttpResponse:
    """The documentation, made from the contract itself: no script, nothing fetched elsewhere."""
    schema = api.get_openapi_schema()
    return render(request, "api/docs.html", {"info": schema["info"], "sections": sections(schema)})
