"""Lines of the board as the page and its export show them: the entries read, with their scores."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any, Final

from django.urls import reverse

from maillage.accounts.models import User
from maillage.catalog.models import Offer, Provider
from maillage.catalog.perms import may_keep, may_oversee
from maillage.catalog.quality.board import OFFER, PROVIDER, Board
from maillage.catalog.quality.entries import freshness_of, score_of
from maillage.catalog.quality.freshness import Standing
from maillage.catalog.quality.looking import OWNERS, Scope
from maillage.catalog.quality.memory import Failing, failing
from maillage.catalog.quality.score import Score

_CHUNK: Final = 500
HEADER: Final = (
    "Nature", "Fiche", "Identifiant", "Offreur", "Famille", "Note sur 100", "Ce qui manque",
    "Fraîcheur", "Vérifiée le", "À revoir le", "Dernier jour", "Lien", "Erreurs signalées",
    "Responsable",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the page of quality."""

    kind: str
    entry: Provider | Offer
    provider: Provider
    score: Score
    standing: Standing
    link: Failing | None
    reports: int
    owner: str
    keeps: bool
    oversees: bool
    over: bool

    @property
    def key(self) -> str:
        """How forms name the entry: « offre:slug »."""
        return f"{self.kind}:{self.entry.slug}"

    @property
    def edit_address(self) -> str:
        """Where who keeps it corrects it."""
        return edit_address(self.entry)

    @property
    def hold_address(self) -> str:
        """Where a desk takes its page in charge."""
        return reverse("keeping:hold", args=[self.provider.slug])


def edit_address(entry: Provider | Offer) -> str:
    """Where who keeps an entry corrects it."""
    what = "offer_edit" if isinstance(entry, Offer) else "provider_edit"
    return reverse(f"keeping:{what}", args=[entry.slug])


def lines_of(
    numbers: Iterable[int],
    board: Board,
    scope: Scope,
    user: User,
    today: date,
    reports: Mapping[Any, int],
) -> Iterator[Line]:
    """The entries at these lines of the board; one that is no more is passed over. Two queries
    for each five hundred.
    """
    left = iter(numbers)
    while chunk := list(islice(left, _CHUNK)):
        keys = [board.keys[n] for n in chunk]
        offers = Offer.objects.with_provider().in_bulk([pk for kind, pk in keys if kind == OFFER])
        providers = Provider.objects.in_bulk([pk for kind, pk in keys if kind == PROVIDER])
        for number, key in zip(chunk, keys, strict=True):
            kind, pk = key
            entry = offers.get(pk) if kind == OFFER else providers.get(pk)
            if entry is None:
                continue
            provider = entry.provider if isinstance(entry, Offer) else entry
            address = provider.website
            if isinstance(entry, Offer):
                address = entry.link or provider.website
            yield Line(
                kind=kind,
                entry=entry,
                provider=provider,
                score=score_of(entry, today, has_rates=bool(board.priced[number])),
                standing=freshness_of(entry, today),
                link=failing(address),
                reports=reports.get(key, 0),
                owner=OWNERS[int(scope.owners[board.provider[number]])],
                keeps=bool(may_keep(user, provider)),
                oversees=bool(may_oversee(user, provider)),
                over=isinstance(entry, Offer) and entry.closes is not None
                and entry.closes < today,
            )  # fmt: skip


def export_rows(lines: Iterable[Line]) -> Iterator[Sequence[Any]]:
    """Rows of the export, in the order of `HEADER`."""
    for line in lines:
        entry = line.entry
        yield (
            "Offre" if line.kind == OFFER else "Offreur",
            str(entry),
            entry.slug,
            line.provider.name,
            line.provider.get_family_display(),
            line.score.value,
            ", ".join(one.label for one in line.score.missing),
            line.standing.sentence,
            entry.checked_on,
            entry.next_check,
            entry.closes if isinstance(entry, Offer) else None,
            line.link.detail if line.link else "",
            line.reports,
            line.owner,
        )
