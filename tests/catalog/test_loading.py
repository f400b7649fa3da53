"""Loading: idempotent, all or nothing, what was edited here stays."""

import io
from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.management import CommandError, call_command

from maillage.catalog import files
from maillage.catalog.construction import Built
from maillage.catalog.files import CatalogueFileError, CatalogueFiles, Entry
from maillage.catalog.models import Offer, ProjectType, Provider, Rate, ThesaurusEntry
from maillage.catalog.services import entries
from maillage.catalog.services import loading as services
from maillage.common.models import DataVersion, Source
from tests.catalog.factories import offer_entry, provider_entry

pytestmark = pytest.mark.django_db
Load = Callable[..., dict[str, int]]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    """Load a small catalogue in place of the shipped one."""
    monkeypatch.setattr(services, "construct", Built)

    def loaded(
        providers: list[Entry], offers: list[Entry], types: tuple[Entry, ...] = ()
    ) -> dict[str, int]:
        content = CatalogueFiles(
            providers=providers,
            offers=offers,
            project_types=list(types),
            thesaurus=[{"expression": "bistrot d'essai", "terms": ["café"]}],
        )
        monkeypatch.setattr(files, "read", lambda: content)
        return services.load_catalogue()

    return loaded


def published() -> set[str]:
    return set(Offer.objects.published().values_list("slug", flat=True))


def test_loading_again_changes_nothing() -> None:
    def counts() -> list[int]:
        models = (Provider, Offer, Rate, ProjectType, ThesaurusEntry, Source)
        return [model._default_manager.count() for model in models]

    before, offers = counts(), published()
    loaded = services.load_catalogue()
    assert counts() == before
    assert published() == offers
    assert loaded["offers"] == len(offers)


def test_a_load_says_that_the_catalogue_has_changed(load: Load) -> None:
    before = DataVersion.objects.number("catalogue")
    load([provider_entry()], [offer_entry()])
    assert DataVersion.objects.number("catalogue") == before + 1


def test_what_has_left_the_files_is_withdrawn_and_can_come_back(load: Load) -> None:
    load([provider_entry()], [offer_entry("une"), offer_entry("deux")])
    load([provider_entry()], [offer_entry("une")])
    assert published() == {"une"}
    assert Offer.objects.get(slug="deux").withdrawn_at is not None
    load([provider_entry()], [offer_entry("une"), offer_entry("deux")])
    assert published() == {"une", "deux"}


def test_what_a_person_has_withdrawn_or_put_back_stays_so(load: Load) -> None:
    both = [offer_entry("une"), offer_entry("deux")]
    load([provider_entry()], both)
    entries.withdraw(entry=Offer.objects.get(slug="une"), by=None, reason="Doublon")
    load([provider_entry()], both)
    assert published() == {"deux"}
    entries.put_back(entry=Offer.objects.get(slug="une"), by=None)
    load([provider_entry()], [offer_entry("deux")])
    assert published() == {"une", "deux"}


def test_an_offer_is_brought_up_to_date(load: Load) -> None:
    load([provider_entry()], [offer_entry(title="Ancien", population_max=500)])
    load([provider_entry(level="region", perimeter=["reg:75"])], [offer_entry(title="Nouveau")])
    offer = Offer.objects.get(slug="offre-essai")
    assert (offer.title, offer.population_max) == ("Nouveau", None)
    assert (offer.level, offer.perimeter) == ("region", ["reg:75"])


def test_what_was_edited_here_stays(load: Load) -> None:
    rate = {"kind": "rate", "value": 40, "unit": "%", "source": "cgct"}
    load([provider_entry()], [offer_entry(rates=[rate])])
    Offer.objects.filter(slug="offre-essai").update(title="Corrigé ici", origin="edited")
    Rate.objects.update(value=55)
    load([provider_entry()], [offer_entry(title="Du fichier", rates=[rate])])
    offer = Offer.objects.get(slug="offre-essai")
    assert offer.title == "Corrigé ici"
    assert [r.value for r in offer.rates.all()] == [Decimal(55)]
    load([provider_entry()], [])
    assert "offre-essai" in published()


def test_figures_are_replaced_not_added(load: Load) -> None:
    rates = [{"kind": "cap", "value": 1234.5, "unit": "€", "source": "cgct", "base": "HT"}]
    for _ in range(2):
        load([provider_entry()], [offer_entry(rates=rates)])
    assert [r.in_words() for r in Rate.objects.filter(offer__slug="offre-essai")] == [
        "Plafond : 1\u202f234,5\u202f€ (HT)"
    ]


def test_words_edited_here_stay_and_those_gone_leave(load: Load) -> None:
    kind = {"id": "pont", "label": "Pont", "themes": ["mobilite"], "phases": ["travaux"],
            "vocabulary": ["ouvrage d'art"], "phrases": ["le pont tombe"]}  # fmt: skip
    load([provider_entry()], [], (kind,))
    ProjectType.objects.filter(slug="pont").update(label="Le pont", origin="edited")
    load([provider_entry()], [], (kind,))
    assert list(ProjectType.objects.values_list("label", flat=True)) == ["Le pont"]
    assert list(ThesaurusEntry.objects.values_list("expression", flat=True)) == ["bistrot d'essai"]


def test_a_problem_writes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> CatalogueFiles:
        raise CatalogueFileError(["a.toml, « x » : le champ « title » manque."])

    before = published()
    monkeypatch.setattr(files, "read", refuse)
    with pytest.raises(CommandError, match=r"a\.toml, « x »"):
        call_command("importer_catalogue")
    assert published() == before


def test_the_files_can_be_checked_without_writing() -> None:
    before, out = DataVersion.objects.number("catalogue"), io.StringIO()
    call_command("importer_catalogue", verifier=True, stdout=out)
    assert "Les fichiers sont bons" in out.getvalue()
    assert DataVersion.objects.number("catalogue") == before
