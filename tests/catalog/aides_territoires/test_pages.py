"""The pages of the connector, its command, its work of the night."""

import io
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.catalog import tasks
from maillage.catalog.aides_territoires import run as runs
from maillage.catalog.aides_territoires.client import Address, Failed
from maillage.catalog.enums import ImportState, RunState
from maillage.catalog.imports import pipeline
from maillage.catalog.imports.cleaning import Cleaned
from maillage.catalog.models import ConnectorRun, Import, Offer
from tests.catalog.aides_territoires.acts import say
from tests.catalog.aides_territoires_server import TOKEN, Site, aid, serving
from tests.desk.conftest import enter, page
from tests.desk.factories import make_prefecture, make_town, make_user

pytestmark = pytest.mark.django_db
HOME = "/imports/connecteurs/"
ADDRESS = Address("https://aides.exemple.test", "1.6")


@pytest.fixture
def agent() -> User:
    return make_user(Role.AGENT, make_prefecture("dep:24"))


@pytest.fixture
def chief() -> User:
    return make_user(Role.ADMINISTRATOR)


def make_run(state: str = RunState.DONE, **said: Any) -> ConnectorRun:
    """A run without its aids."""
    parent = Import.objects.create(
        kind="aides", dataset=runs.dataset(ADDRESS), file_name="API", format="api",
        state=ImportState.WRITTEN, counts={"new": 3, "gone": 1}, options=runs._memory(False),
    )  # fmt: skip
    plain = {"pages": 2, "expected": 60, "read": 60, "address": ADDRESS.base, "version": "1.6"}
    return ConnectorRun.objects.create(
        dataset=parent.dataset, parent=parent, state=state, **{**plain, **said}
    )


def written(number: int) -> ConnectorRun:
    """A run that brought `number` aids into the catalogue, and did not understand some labels."""
    made = make_run(
        unknown={
            "perimetres": {"Pays de Nulle-Part : ce nom n'est pas connu": {
                "times": 12, "aids": [["900", "Aide <b>lointaine</b>", "https://aides.exemple.test/aides/a/"]],
            }},
            "categories": {f"Espace / Lune {n}": {"times": n, "aids": [["1", "Aide 1", ""]]}
                           for n in range(1, 60)},
        }
    )  # fmt: skip
    parent = made.parent
    assert parent
    values = {
        "title": "", "kind": "funding", "level": "region", "perimeter": ["reg:53"],
        "themes": ["eau"], "phases": [], "audiences": ["commune"], "summary": "Une aide.",
        "provider": {"slug": "region-53", "name": "Région", "family": "region"},
    }  # fmt: skip
    pipeline.stage(parent, [
        (n, {}, Cleaned(str(n), f"Aide {n}", {**values, "title": f"Aide {n}"}))
        for n in range(1, number + 1)
    ])  # fmt: skip
    pipeline.compare(parent)
    pipeline.write(parent)
    return made


# -- Who, and how it is set


def test_who_reads_and_who_starts(client: Client, agent: User, chief: User) -> None:
    assert client.get(HOME)["Location"].startswith("/compte/login")
    enter(client, make_user(Role.APPLICANT, make_town("24061")))
    refused = client.get(HOME)
    assert refused.status_code == 403
    assert "agents d’un guichet" in refused.content.decode().replace("&#x27;", "’").replace(
        "'", "’"
    )
    enter(client, agent)
    page(client, HOME)
    assert client.post(f"{HOME}lire/").status_code == 403
    enter(client, chief)
    page(client, HOME)
    assert client.get(f"{HOME}lire/").status_code == 405


def test_where_it_is_not_connected_it_says_how(client: Client, chief: User) -> None:
    enter(client, chief)
    text = page(client, HOME)
    assert "n'est pas connecté" in text
    assert "MAILLAGE_AIDES_TERRITOIRES_URL" in text
    assert "Lire maintenant" not in text
    answer = client.post(f"{HOME}lire/", follow=True)
    assert "pas connecté" in answer.content.decode()
    assert not ProcrastinateJob.objects.filter(task_name__contains="aides").exists()


def test_where_it_is_badly_set_it_says_what(
    client: Client, chief: User, settings: LazySettings
) -> None:
    say(settings, "http://ailleurs.exemple.test", "1.8", "tres-secret")
    enter(client, chief)
    text = page(client, HOME)
    assert "Le réglage ne convient pas" in text
    assert "https://" in text
    assert "tres-secret" not in text
    assert "Lire maintenant" not in text


def test_the_token_is_never_shown(client: Client, chief: User, settings: LazySettings) -> None:
    say(settings, "https://aides.exemple.test", "1.8", "tres-secret")
    enter(client, chief)
    text = page(client, HOME)
    assert "réglé" in text
    assert "tres-secret" not in text
    assert "Rien n'a encore été lu" in text


# -- Starting


def test_the_administrator_starts_a_run_once(
    client: Client, agent: User, chief: User, settings: LazySettings
) -> None:
    say(settings, ADDRESS.base)
    enter(client, agent)
    assert "Lire maintenant" not in page(client, HOME)
    enter(client, chief)
    assert "Lire maintenant" in page(client, HOME)
    answer = client.post(f"{HOME}lire/", follow=True)
    assert "La lecture est demandée" in answer.content.decode()
    job = ProcrastinateJob.objects.get(task_name__endswith="read_aides_territoires")
    assert job.args == {"resume": False}
    answer = client.post(f"{HOME}lire/", follow=True)
    assert "déjà demandée" in answer.content.decode()


def test_a_run_that_was_cut_may_be_resumed(
    client: Client, chief: User, settings: LazySettings
) -> None:
    say(settings, ADDRESS.base)
    make_run(RunState.STOPPED, cursor="12", error="La page 12 n'a pas pu être lue.")
    enter(client, chief)
    text = page(client, HOME)
    assert "Reprendre à la page 12" in text
    assert "Interrompu, à reprendre" in text
    client.post(f"{HOME}lire/", {"reprendre": "1"})
    job = ProcrastinateJob.objects.get(task_name__endswith="read_aides_territoires")
    assert job.args == {"resume": True}


# -- Runs


def test_the_last_run_and_those_before(
    client: Client, agent: User, django_assert_max_num_queries: Any
) -> None:
    for n in range(45):
        make_run(read=n)
    make_run(RunState.FAILED, error="Le site renvoie vers une autre adresse.")
    enter(client, agent)
    with django_assert_max_num_queries(14):
        text = page(client, HOME)
    assert "Le site renvoie vers une autre adresse" in text
    assert "46\u00a0passages" in text
    assert "3\u00a0nouvelles" in text
    text = page(client, f"{HOME}?page=3")
    assert "page 3" in text
    answer = client.get(f"{HOME}?export=csv")
    assert len(b"".join(answer).decode().strip().splitlines()) == 47


def test_a_run_whose_process_is_lost_says_so(client: Client, agent: User) -> None:
    made = make_run(RunState.RUNNING, cursor="3")
    ConnectorRun.objects.filter(pk=made.pk).update(updated_at="2026-01-01T00:00:00Z")
    enter(client, agent)
    text = page(client, HOME)
    assert "Lecture en cours" in text
    assert "sans nouvelles depuis" in text


def test_what_a_run_changed(
    client: Client, agent: User, django_assert_max_num_queries: Any
) -> None:
    made = written(60)
    address = f"{HOME}passages/{made.pk}/"
    enter(client, agent)
    with django_assert_max_num_queries(16):
        text = page(client, address)
    assert "/catalogue/offres/aides-territoires-1/" in text
    assert "60\u00a0aides, page 1 sur 3" in text
    assert "Aucune aide ne correspond" in page(client, f"{address}?q=zorglub")
    assert "1\u00a0aide" in page(client, f"{address}?q=Aide 42&voir=new")
    page(client, f"{address}?voir=nimporte&page=99&q=%00")
    lines = b"".join(client.get(f"{address}?export=csv")).decode().strip().splitlines()
    assert len(lines) == 61
    assert client.get(f"{HOME}passages/999999/").status_code == 404


@pytest.mark.parametrize(
    ("state", "said"),
    [(RunState.STOPPED, "pas finie"), (RunState.RUNNING, "pas finie"), (RunState.FAILED, "échoue")],
)
def test_what_is_read_but_not_written_is_no_change(
    client: Client, agent: User, state: str, said: str
) -> None:
    made = make_run(state)
    Import.objects.filter(pk=made.parent_id).update(state=ImportState.READING, counts={})
    pipeline.stage(made.parent, [(1, {}, Cleaned("1", "Aide en attente", {}))])
    enter(client, agent)
    text = page(client, f"{HOME}passages/{made.pk}/")
    assert said in text
    assert "Aide en attente" not in text


def test_a_run_whose_details_are_gone_still_has_its_page(client: Client, agent: User) -> None:
    made = make_run()
    enter(client, agent)
    assert "n'est pas gardé" in page(client, f"{HOME}passages/{made.pk}/")
    assert made.parent
    made.parent.delete()
    page(client, f"{HOME}passages/{made.pk}/")
    page(client, HOME)


def test_what_was_not_understood(
    client: Client, agent: User, django_assert_max_num_queries: Any
) -> None:
    made = written(2)
    address = f"{HOME}passages/{made.pk}/non-compris/"
    enter(client, agent)
    with django_assert_max_num_queries(12):
        text = page(client, address)
    assert "60\u00a0libellés, page 1 sur 2" in text
    assert "/catalogue/offres/aides-territoires-1/" in text, "an example that has a page here"
    text = page(client, f"{address}?quoi=perimetres")
    assert "https://aides.exemple.test/aides/a/" in text
    assert "Aide &lt;b&gt;lointaine" in text
    assert "1\u00a0libellé" in page(client, f"{address}?q=lune 42")
    assert "Aucun libellé" in page(client, f"{address}?q=zorglub")
    page(client, f"{address}?quoi=nimporte&page=x")
    lines = b"".join(client.get(f"{address}?export=csv")).decode().strip().splitlines()
    assert len(lines) == 61
    assert client.get(f"{address}?export=exe").status_code == 404
    home = page(client, HOME)
    assert "Thèmes et sous-thèmes" in home


# -- The night, the command


def test_the_night_does_nothing_where_it_is_not_connected() -> None:
    tasks.read_aides_territoires(0)
    assert not ConnectorRun.objects.exists()


def test_the_night_says_why_it_cannot(
    settings: LazySettings, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(settings, "pas-une-adresse")
    tasks.read_aides_territoires(0)
    assert "n'est pas celle d'un site" in caplog.text

    def busy(**said: Any) -> None:
        raise runs.Busy

    monkeypatch.setattr(runs, "run", busy)
    tasks.read_aides_territoires(0)


def test_the_night_reads(settings: LazySettings) -> None:
    with serving(Site(aids=[aid(1), aid(2, perimeter="Nulle part")])) as site:
        say(settings, site.address)
        tasks.read_aides_territoires(0)
    assert list(
        Offer.objects.filter(dataset="aides-territoires").values_list("title", flat=True)
    ) == ["Aide 1"]


def command(*arguments: str) -> str:
    out = io.StringIO()
    call_command("importer_aides_territoires", *arguments, stdout=out)
    return out.getvalue()


def test_the_command(settings: LazySettings) -> None:
    with pytest.raises(CommandError, match="n'est pas connecté"):
        command()
    with serving(Site(aids=[aid(1), aid(2, perimeter="Nulle part")])) as site:
        say(settings, site.address)
        tried = command("--essai")
        assert "2 aides lues en 1 page : 1 nouvelle" in tried.replace("\u00a0", " ")
        assert "rien n'a été écrit" in tried
        assert "Non compris, périmètres : 1 (1 fois)" in tried
        assert not Offer.objects.filter(dataset="aides-territoires").exists()
        with pytest.raises(CommandError, match="à reprendre"):
            command("--reprendre")
        with pytest.raises(CommandError, match="ne se reprend pas"):
            command("--reprendre", "--essai")
        command()
        assert Offer.objects.filter(dataset="aides-territoires").count() == 1
        site.trouble[1] = [403]
        with pytest.raises(CommandError, match="refuse de donner la page 1"):
            command()


def test_the_command_resumes(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs.Client.__init__, "__kwdefaults__", {
        **runs.Client.__init__.__kwdefaults__, "sleep": lambda seconds: None,
    })  # fmt: skip
    with serving(Site(version="1.8", aids=[aid(n) for n in range(1, 61)])) as site:
        say(settings, site.address, "1.8", TOKEN)
        site.trouble[2] = [503] * 4
        with pytest.raises(CommandError, match="Interrompu, à reprendre"):
            command()
        assert "60\u00a0aides lues en 2\u00a0pages" in command("--reprendre")
        assert site.pages.count(1) == 1


def test_a_refusal_is_said_in_french() -> None:
    assert str(Failed("Non.")) == "Non."
    assert "déjà en cours" in str(runs.Busy())
