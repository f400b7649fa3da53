from maillage.catalog.enums import ImportKind
from maillage.catalog.imports.command import ImportCommand


class Command(ImportCommand):
    called = "importer offres"
    kind = ImportKind.OFFERS
    help = (
        "Importe des offres d'ingénierie depuis un tableau (CSV, ODS, XLSX ou JSON Lines). "
        "Montre d'abord la différence, sans rien écrire ; --ecrire l'applique, tout ou rien. Ce "
        "qui a été corrigé ici est gardé ; ce qui n'est plus dans le fichier est retiré, pas "
        "effacé."
    )
