"""`maillage`, the one command line. Help and messages are in French: agents read them."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence

from maillage.config import database, paths

_DESCRIPTION = """Maillage : le guichet local de l'ingénierie.

Qui peut aider une commune, près de chez elle, et qui peut financer."""

_EPILOG = """Exemples :
  maillage run                                  mettre le site en service ici
  maillage orienter --commune 24061 "On voudrait rouvrir le bistrot"
  maillage importer labels pvd.csv --label pvd --vintage 2024-09 --source https://…
  maillage exporter offres --sortie offres.csv
  maillage manage shell                         toute autre commande de Django
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code (0 when all went well)."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = _parser()
    options, rest = parser.parse_known_args(arguments[:1])
    del rest
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings.prod")
    handler = {
        "run": _run,
        "demo": _demo,
        "orienter": lambda rest: _django("orienter", rest),
        "importer": lambda rest: _family("importer", rest),
        "exporter": lambda rest: _family("exporter", rest),
        "manage": _manage,
        "verifier": _check,
    }.get(options.command or "")
    if handler is None:
        parser.print_help()
        return 0 if options.command is None else 2
    return handler(arguments[1:])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="maillage",
        description=_DESCRIPTION,
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        add_help=False,
    )
    parser.add_argument("-h", "--help", action="store_true", help="montrer cette aide")
    commands = parser.add_subparsers(dest="command", title="commandes", metavar="COMMANDE")
    for name, text in (
        ("run", "installer ce qui manque puis servir le site (options : --demo, --help)"),
        ("demo", "charger la démonstration (comptes et offres inventés, marqués comme tels)"),
        ("orienter", "dire qui peut aider une commune pour un besoin dit avec ses mots"),
        ("importer", "importer territoires, catalogue, labels… (sans rien : la liste)"),
        ("exporter", "exporter offres, offreurs, types de projet… (sans rien : la liste)"),
        ("manage", "lancer une commande de Django (migrate, shell, createsuperuser…)"),
        ("verifier", "tests, mesures ou images (pour qui écrit le code)"),
    ):
        commands.add_parser(name, help=text, add_help=False)
    return parser


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


def _demo(rest: list[str]) -> int:
    return _django("demo", rest)


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
    if not rest or rest[0] not in scripts:
        print(f"maillage verifier QUOI ; au choix : {', '.join(scripts)}")
        return 0 if not rest else 2
    database.ensure()
    if rest[0] == "tests":
        os.environ["DJANGO_SETTINGS_MODULE"] = "maillage.config.settings.test"
    return subprocess.call([*scripts[rest[0]], *rest[1:]], cwd=paths.ROOT)


if __name__ == "__main__":
    sys.exit(main())
