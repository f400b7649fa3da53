"""The importer of labels: what it reads, what it refuses and why, what it would change."""

import gzip
import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from maillage.territories.enums import LABEL_NAMES
from maillage.territories.models import LabelAssignment, LabelFile
from maillage.territories.services import ImportRefused, LabelReport, import_labels, read_labels
from maillage.territories.services.labelformats import formats

from .conftest import EXAMPLES, Load, Write

WHEN = {"vintage": "2024-09", "source": "https://exemple.fr/labels.csv"}


def read(path: Path, label: str | None = "pvd", **options: object) -> LabelReport:
    (report,) = read_labels(path, label=label, **{**WHEN, **options})  # type: ignore[arg-type]
    return report


def test_the_example_is_read_and_old_codes_are_converted() -> None:
    report = read(EXAMPLES / "pvd.csv")
    assert report.problems == []
    assert set(report.assigned) == {"com:24037", "com:24372", "com:35236", "com:12218", "com:75056"}
    assert report.remapped == [("12076", "12218"), ("75112", "75056")]
    assert str(report.assigned["com:24372"][0].signed_on) == "2021-04-20"
    assert report.assigned["com:12218"][0].former_code == "12076"
    assert len(report.added) == 5


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_encodings_and_separators_are_recognised(
    write: Write, encoding: str, separator: str
) -> None:
    lines = [separator.join(row) for row in (["code", "libelle"], ["24061", "Été à Bourrou"])]
    report = read(write(*lines, encoding=encoding))
    assert report.assigned["com:24061"][0].name == "Été à Bourrou"


def test_a_compressed_file_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pvd.csv.gz"
    path.write_bytes(gzip.compress((EXAMPLES / "pvd.csv").read_bytes()))
    assert len(read(path).assigned) == 5


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("99999;a;;", "code inconnu « 99999 »"),
        (";a;;", "aucun code"),
        ("24061;a;;31/02/2024", "date illisible « 31/02/2024 »"),
        ("200040392;a;;", "est une intercommunalité"),
        (f"24061;{'x' * 121};;", "valeur trop longue (121 caractères"),
    ],
)
def test_a_wrong_line_is_told_with_its_number_and_nothing_is_written(
    write: Write, line: str, message: str
) -> None:
    path = write("code;valeur;libelle;date", "24037;b;;", line)
    report = read(path)
    (problem,) = report.problems
    assert problem.line == 3
    assert message in problem.message
    with pytest.raises(ImportRefused, match="1 ligne"):
        import_labels([report])
    assert not LabelFile.objects.exists()


def test_the_same_line_twice_is_refused(write: Write) -> None:
    report = read(write("code;valeur", "24061;a", "24061;a"))
    assert str(report.problems[0]) == "ligne 3 : « 24061 » déjà donné ligne 2"


def test_two_values_where_one_is_allowed_are_refused(write: Write) -> None:
    report = read(write("code;valeur", "24061;7", "24061;6"), "densite")
    assert "a déjà la valeur « 7 »" in str(report.problems[0])


def test_a_value_out_of_the_list_is_refused_with_the_list(write: Write) -> None:
    report = read(write("code;valeur", "24061;9"), "densite")
    assert "valeur inconnue « 9 » (attendu : 1, 2, 3, 4, 5, 6, 7)" in str(report.problems[0])


def test_a_badly_written_district_is_refused(write: Write) -> None:
    assert "mal formée" in str(read(write("code;valeur", "24037;123"), "qpv").problems[0])


def test_communes_merged_into_one_share_its_label(write: Write) -> None:
    report = read(write("code;valeur", "12076;a", "12114;a"))
    assert report.problems == []
    assert [a.value for a in report.assigned["com:12218"]] == ["a"]


def test_the_own_value_of_a_commune_wins_over_those_merged_into_it(write: Write) -> None:
    report = read(write("code;valeur", "12076;6", "12218;5"), "densite")
    assert [a.value for a in report.assigned["com:12218"]] == ["5"]
    assert report.problems == []
    assert "« 6 » est écartée" in str(report.warnings[0])


def test_a_commune_partly_concerned_carries_the_label_and_it_is_said(write: Write) -> None:
    report = read(write("code;valeur", "12076;C", "12114;NC"), "zrr")
    assert "com:12218" in report.assigned
    assert "une partie seulement" in str(report.warnings[0])


def test_a_first_zero_eaten_by_a_spreadsheet_is_given_back(write: Write) -> None:
    report = read(write("code;valeur", "1001;a"))
    assert set(report.assigned) == {"com:01001"}
    assert report.remapped == []


def test_a_quoted_cell_on_two_lines_does_not_shift_the_numbers(write: Write) -> None:
    report = read(write("code;libelle", '24061;"sur', 'deux lignes"', "99999;x"))
    assert [problem.line for problem in report.problems] == [4]


@pytest.mark.parametrize(
    ("label", "message"),
    [
        (None, "--label"),
        ("inconnu", "Label inconnu"),
        ("frr_plus", "se lit dans les valeurs du label « frr »"),
        ("rural", "se lit dans les valeurs du label « densite »"),
    ],
)
def test_a_label_that_cannot_be_imported_is_refused(label: str | None, message: str) -> None:
    with pytest.raises(ImportRefused, match=message):
        read(EXAMPLES / "pvd.csv", label)


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["nom;valeur", "a;b"], "Colonnes non reconnues"),
        ([""], "est vide"),
        (["code\0;valeur"], "n'est pas un fichier CSV"),
    ],
)
def test_a_file_that_is_not_one_is_refused(write: Write, lines: list[str], message: str) -> None:
    with pytest.raises(ImportRefused, match=message):
        read(write(*lines))


def test_vintage_and_source_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ImportRefused, match="--vintage"):
        read(EXAMPLES / "pvd.csv", vintage="")
    with pytest.raises(ImportRefused, match="--source"):
        read(EXAMPLES / "pvd.csv", source="")
    with pytest.raises(ImportRefused, match="ne peut pas être lu"):
        read(tmp_path / "absent.csv")


def test_a_new_file_shows_what_it_changes_then_replaces_the_former(
    load: Load, write: Write
) -> None:
    load(write("code;valeur", "24037;a", "24372;b", name="un.csv"), "pvd")
    report = read(write("code;valeur", "24037;a2", "24061;c", name="deux.csv"))
    assert (report.added, report.removed, report.changed) == (
        ["com:24061"], ["com:24372"], ["com:24037"],
    )  # fmt: skip
    assert LabelAssignment.objects.count() == 2
    import_labels([report])
    former, current = LabelFile.objects.order_by("pk")
    assert (former.current, current.current) == (False, True)
    assert set(current.assignments.values_list("territory", "value")) == {
        ("com:24037", "a2"), ("com:24061", "c"),
    }  # fmt: skip
    assert not former.assignments.exists()


def test_the_same_file_again_changes_nothing(load: Load) -> None:
    load(EXAMPLES / "pvd.csv", "pvd")
    assert import_labels([read(EXAMPLES / "pvd.csv")]) == 0
    assert LabelFile.objects.count() == 1


def test_tolerated_lines_are_left_out_and_absence_means_nothing_any_more(
    load: Load, write: Write
) -> None:
    load(write("code;valeur", "24037;a", "99999;b"), "pvd", tolerate=True)
    file = LabelFile.objects.get()
    assert file.count == 1
    assert file.complete is False


def test_a_published_file_is_recognised_and_gives_all_its_labels(write: Write) -> None:
    path = write(
        "programme,id,libelle,date_signature,communes",
        "pvd,pvd-1,Exemple,2021-05-28,Bergerac (24037)",
        'acv,acv-1,"Exemple double",,"Bergerac (24037), Périgueux (24322)"',
        "va,va-1,Exemple,,Bourrou (24061)",
        "autre,x,Exemple,,Redon (35236)",
    )
    reports = {r.label: r for r in read_labels(path)}
    assert set(reports) == {"pvd", "acv", "va", "fabrique", "manufacture"}
    assert set(reports["acv"].assigned) == {"com:24037", "com:24322"}
    assert reports["pvd"].vintage == "2024-09"
    assert reports["fabrique"].assigned == {}


def test_a_list_of_sirens_gives_epci_and_leaves_communes_aside(write: Write) -> None:
    path = write(
        "programme,id,libelle,groupement,sirens",
        "ti,ti-1,Exemple,,200040392|243500741|212400618",
    )
    (report,) = read_labels(path, label="ti")
    assert set(report.assigned) == {"epci:200040392", "epci:243500741"}
    assert report.problems == []
    assert report.complete is False


def test_a_file_listing_all_communes_leaves_unknown_those_it_forgets(write: Write) -> None:
    path = write("code,statut", "24061,C", "24037,NC")
    (report,) = read_labels(path)
    assert report.label == "zrr"
    assert "24372" in report.silent
    assert not {"24061", "24037", "97801"} & set(report.silent)


def test_only_signed_conventions_count(write: Write) -> None:
    path = write(
        "code_commune,epci,statut,signee,date_signature",
        "24037,x,1. Commune ACV,Signée,2019-12-13",
        "24322,x,1. Commune ACV,Non signée,",
    )
    (report,) = read_labels(path)
    assert {k: v[0].value for k, v in report.assigned.items()} == {"com:24037": "Commune ACV"}


def test_every_label_has_its_documented_shape() -> None:
    standard, shapes = formats()
    assert set(standard) == set(LABEL_NAMES)
    assert all(rule.label in LABEL_NAMES for shape in shapes for rule in shape.rules)
    readme = (EXAMPLES.parent / "README.md").read_text("utf-8")
    assert [label for label in LABEL_NAMES if f"`{label}`" not in readme] == []


def test_the_command_writes_nothing_unless_told(write: Write) -> None:
    path = write("code;valeur", "24061;a", "12076;b")
    options = {"label": "pvd", **WHEN}
    out = io.StringIO()
    call_command("importer_labels", str(path), stdout=out, **options)
    assert "ajoutés : 2" in out.getvalue()
    assert "12076 devient 12218" in out.getvalue()
    assert "Rien n'a été écrit" in out.getvalue()
    assert not LabelFile.objects.exists()
    call_command("importer_labels", str(path), ecrire=True, stdout=out, **options)
    assert "Écrit : 2 affectation(s)" in out.getvalue()
    assert LabelAssignment.objects.count() == 2


def test_the_command_says_what_is_refused_then_stops(write: Write) -> None:
    path = write("code;valeur", "99999;a")
    out = io.StringIO()
    with pytest.raises(CommandError, match="rien n'a été écrit"):
        call_command("importer_labels", str(path), label="pvd", ecrire=True, stdout=out, **WHEN)
    assert "ligne 2 : code inconnu « 99999 »" in out.getvalue()


def test_the_command_of_territories_says_that_all_is_there() -> None:
    out = io.StringIO()
    call_command("importer_territoires", stdout=out)
    assert out.getvalue() == "Territoires déjà à jour : 34969 communes.\n"


def test_a_file_cut_after_its_header_changes_nothing(write: Write, load: Load) -> None:
    load(EXAMPLES / "pvd.csv", "pvd")
    before = LabelAssignment.objects.count()
    with pytest.raises(ImportRefused, match="à aucun territoire"):
        import_labels([read(write("code;valeur;libelle;date"))])
    assert LabelAssignment.objects.count() == before


def test_half_a_file_is_refused_unless_the_losses_are_meant(write: Write, load: Load) -> None:
    load(EXAMPLES / "pvd.csv", "pvd")
    report = read(write("code", "24037"))
    with pytest.raises(ImportRefused, match=r"retirerait .* à 4 territoires sur 5"):
        import_labels([report])
    assert import_labels([report], accept_losses=True) == 1
