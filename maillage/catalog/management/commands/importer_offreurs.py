from maillage.catalog.enums import ImportKind
from maillage.catalog.imports.command import ImportCommand


class Command(ImportCommand):
    called = "importer offreurs"
    kind = ImportKind.PROVIDERS
    help = (
        "Importe des offreurs (organismes) depuis un tableau (CSV, ODS, XLSX ou JSON Lines). "
        "Montre d'abord la différence, sans rien écrire ; --ecrire l'applique, tout ou rien. Ce "
        "qui a été corrigé ici est gardé ; ce qui n'est plus dans le fichier est retiré, pas "
        "effacé."
    )
