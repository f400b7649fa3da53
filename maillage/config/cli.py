"""`maillage`, the one command line. Help and messages are in French: agents read them."""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from difflib import get_close_matches

from maillage.config import database, paths

_TITLE = """Maillage : le guichet local de l'ingénierie.
Qui peut aider une commune, près de chez elle, et qui peut financer."""

_EXAMPLES = """Exemples :
  maillage run                                  mettre le site en service ici
  maillage orienter --commune 24061 "On voudrait rouvrir le bistrot"
  maillage plan verifier plan.json              dire si un plan de financement tient
  maillage importer labels pvd.csv --label pvd --vintage 2024-09 --source https://…
  maillage exporter offres --sortie offres.csv
  maillage manage shell                         toute autre commande de Django

L'aide d'une commande : maillage COMMANDE --help"""

#: What shells say of a program that wrote to nobody (128 + SIGPIPE).
_PIPE_CLOSED = 141


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (0 when all went well, 2 when it was misspelt)."""
    try:
        code = _called(argv)
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read has left (``| head``): the rest goes nowhere, the last flush included.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    return code


def _called(argv: Sequence[str] | None) -> int:
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else "--help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings.prod")
    if name in COMMANDS:
        handler, _ = COMMANDS[name]
        return handler(arguments[1:])
    if name in {"-h", "--help", "help", "aide"}:
        print(_help())
        return 0
    near = get_close_matches(name, COMMANDS, n=1)
    guess = f" Vouliez-vous dire « {near[0]} » ?" if near else ""
    print(f"« {name} » n'est pas une commande de maillage.{guess}\n", file=sys.stderr)
    print(_help(), file=sys.stderr)
    return 2


def _help() -> str:
    lines = [f"  {name:<10} {text}" for name, (_, text) in COMMANDS.items()]
    return "\n".join([_TITLE, "", "Usage : maillage COMMANDE …", "", *lines, "", _EXAMPLES])


def _run(rest: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="maillage run",
        description="Prépare la base, charge les données de référence et sert le site.",
    )
    parser.add_argument("--demo", action="store_true", help="avec les comptes de démonstration")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2, help="processus web")
    options = parser.parse_args(rest)
    from maillage.config import server  # starts Django: only when it serves

    return server.run(demo=options.demo, workers=max(1, options.workers))


def _manage(rest: list[str]) -> int:
    return _django(rest[0] if rest else "help", rest[1:])


def _family(verb: str, rest: list[str]) -> int:
    from django.core.management import get_commands

    database_free = not rest or rest[0] in {"-h", "--help"}
    if database_free:
        _setup()
        names = sorted(n.split("_", 1)[1] for n in get_commands() if n.startswith(f"{verb}_"))
        print(f"maillage {verb} QUOI … ; au choix : {', '.join(names)}")
        print(f"L'aide de chacun : maillage {verb} QUOI --help")
        return 0
    _setup(with_database=True)
    name = f"{verb}_{rest[0].replace('-', '_')}"
    if name not in get_commands():
        print(f"« {rest[0]} » ne peut pas être traité par « {verb} ».", file=sys.stderr)
        return _family(verb, []) or 2
    return _django(name, rest[1:])


def _setup(*, with_database: bool = False) -> None:
    if with_database:
        database.ensure()
    import django

    django.setup()


def _django(name: str, rest: Sequence[str]) -> int:
    # Commands that only look at the code must not start a database server.
    needs_database = name not in {"help", "collectstatic", "makemessages"}
    _setup(with_database=needs_database)
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(["maillage", name, *rest])
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 1
    return 0


def _check(rest: list[str]) -> int:
    scripts = {
        "tests": [sys.executable, "-m", "pytest"],
        "mesures": [sys.executable, "-m", "bench"],
        "images": [sys.executable, "-m", "tests.browser.screenshots"],
    }
    if rest[:1] in (["liens"], ["documents"]):
        return _django(f"verifier_{rest[0]}", rest[1:])
    if not rest or rest[0] not in scripts:
        print(f"maillage verifier QUOI ; au choix : {', '.join(scripts)}, liens, documents")
        return 0 if not rest else 2
    database.ensure()
    if rest[0] == "tests":
        os.environ["DJANGO_SETTINGS_MODULE"] = "maillage.config.settings.test"
    return subprocess.call([*scripts[rest[0]], *rest[1:]], cwd=paths.ROOT)


Handler = Callable[[list[str]], int]

COMMANDS: dict[str, tuple[Handler, str]] = {
    "run": (_run, "préparer ce qui manque puis servir le site (--demo : avec la démonstration)"),
    "demo": (
        lambda rest: _django("demo", rest),
        "créer les comptes de démonstration, inventés et marqués comme tels",
    ),
    "orienter": (
        lambda rest: _django("orienter", rest),
        "dire qui peut aider une commune pour un besoin dit avec ses mots",
    ),
    "mesurer": (
        lambda rest: _django("mesurer", rest),
        "mesurer la qualité des réponses sur des besoins jugés à la main",
    ),
    "catalogues": (
        lambda rest: _django("catalogues", rest),
        "lister les catalogues nommés, faits pour les mesures ; en supprimer un",
    ),
    "plan": (
        lambda rest: _family("plan", rest),
        "vérifier un plan de financement, en chercher de meilleurs (sans rien : la liste)",
    ),
    "importer": (
        lambda rest: _family("importer", rest),
        "importer territoires, catalogue, labels… (sans rien : la liste)",
    ),
    "exporter": (
        lambda rest: _family("exporter", rest),
        "exporter offres, offreurs, types de projet… (sans rien : la liste)",
    ),
    "manage": (_manage, "lancer une commande de Django (migrate, shell, createsuperuser…)"),
    "verifier": (
        _check,
        "liens du catalogue, documents ; tests, mesures ou images (pour qui écrit le code)",
    ),
}

if __name__ == "__main__":
    sys.exit(main())
