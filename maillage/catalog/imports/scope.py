"""Who may import what, and where: the same for the command, the page and the connectors."""

from typing import Any

from maillage.accounts.enums import Role
from maillage.accounts.models import Organisation, User
from maillage.catalog.enums import DatasetKind, ImportKind
from maillage.catalog.models import Dataset, Import, NamedCatalogue
from maillage.catalog.owners import AGENTS
from maillage.catalog.perms import agent_bodies, is_administrator, may_cover, may_import
from maillage.common.rights import Allowed, Denied, Right


def may_import_into(
    by: User | None,
    body: Organisation | None,
    *,
    kind: str,
    dataset: Dataset | None = None,
    named: NamedCatalogue | str | None = None,
) -> Right:
    """May import a file of `kind` for `body`, into a dataset or a named catalogue.

    Nobody (`by` is ``None``: a command, a connector) may everything, and so does an administrator.
    """
    if by is None or is_administrator(by):
        return Allowed()
    right = may_import(by)
    if not right:
        return right
    if named is not None:
        return Denied("Seul l'administrateur de Maillage importe un catalogue nommé.")
    if body is None or body.pk not in {one.pk for one in by.bodies(*AGENTS, Role.PROVIDER)}:
        return Denied("Dites pour lequel de vos organismes vous importez.")
    if dataset is not None and dataset.organisation_id != body.pk:
        keeper = dataset.organisation.name if dataset.organisation else "l'administrateur"
        return Denied(
            f"Le jeu de données « {dataset.title} » est tenu par {keeper} : importez dans un jeu "
            "de votre organisme."
        )
    if own_provider(by, body) and kind == ImportKind.PROVIDERS:
        return Denied(
            "Un offreur n'importe que ses offres et ses aides : sa fiche se corrige depuis « Mes "
            "fiches »."
        )
    return Allowed()


def own_provider(by: User | None, body: Organisation | None) -> str:
    """The page of the provider for which one imports; "" for the agent of a desk, whose préfecture
    may have a page too.
    """
    if body is None or (by is not None and body.pk in {one.pk for one in agent_bodies(by)}):
        return ""
    return body.provider


def accepts(dataset: Dataset, kind: str) -> Right:
    """Whether a dataset takes files of `kind`: not those of a connector, nor offers among aids."""
    if dataset.kind == DatasetKind.CONNECTOR:
        return Denied(
            f"Le jeu de données « {dataset.title} » est rempli par un connecteur : choisissez-en "
            "un autre."
        )
    others = {ImportKind.OFFERS: ImportKind.AIDS, ImportKind.AIDS: ImportKind.OFFERS}
    other = others.get(ImportKind(kind))
    written = Import.objects.filter(dataset=dataset, kind=other, written_at__isnull=False)
    if other and written.exists():
        return Denied(
            f"Le jeu de données « {dataset.title} » contient des {other.label.lower()} : les "
            f"{ImportKind(kind).label.lower()} vont dans un autre jeu, sans quoi les unes "
            "passeraient pour disparues quand on importe les autres."
        )
    return Allowed()


class Scope:
    """What the lines of one import may touch: the départements of an agent, the offers of a body.

    ``problem`` of a perimeter is asked the permissions once.
    """

    def __init__(self, parent: Import) -> None:
        self._by = None if parent.by is None or is_administrator(parent.by) else parent.by
        self._own = own_provider(parent.by, parent.body)
        self._held: dict[tuple[str, ...], str] = {}

    def of_provider(self, slug: str, name: str) -> str:
        """Why an offer of this provider may not be written; "" when it may."""
        if self._by is None or not self._own or slug == self._own:
            return ""
        return (
            f"« {name} » n'est pas votre organisme : vous n'importez que vos offres. Laissez la "
            "colonne vide, ou retirez la ligne."
        )

    def of_perimeter(self, keys: Any) -> str:
        """Why an entry of this perimeter may not be written; "" when it may."""
        if self._by is None or self._own:
            return ""
        key = tuple(keys)
        if key not in self._held:
            right = may_cover(self._by, key)
            self._held[key] = "" if right else f"hors de votre département. {right.reason}"
        return self._held[key]
