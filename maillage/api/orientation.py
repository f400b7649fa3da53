"""The answer as the API gives it; the command line prints the same."""

from collections.abc import Iterable, Mapping

from django.urls import reverse

from maillage.api import schemas as out
from maillage.catalog.models import Provider
from maillage.common.held import Held
from maillage.desk.forms.question import LONGEST_NEED
from maillage.desk.orientation import Answer, Card
from maillage.engine import types


def _provider_levels() -> Mapping[str, str]:
    return dict(Provider.objects.published().values_list("slug", "level"))


#: Level of each provider by id: an offer may be shown nearer or farther than its provider.
provider_levels: Held[Mapping[str, str]] = Held(_provider_levels, "catalogue")


def read_text(text: str) -> tuple[str, bool]:
    """Return the need that is read of `text`, and whether its end was cut.

    What is not a character (NUL, half of a pair) is left out.
    """
    text = text.replace("\x00", " ").encode("utf-8", "ignore").decode("utf-8").strip()
    return text[:LONGEST_NEED], len(text) > LONGEST_NEED


def answer_out(answer: Answer, *, cut: bool = False) -> out.OrientationOut:
    """Return `answer` as the API gives it. `cut`: the end of the text was not read."""
    found = answer.orientation
    # The entries of a named catalogue have no page here, nor their providers.
    levels = {} if answer.catalogue else provider_levels.get()
    place = answer.territory
    return out.OrientationOut(
        territory=out.TerritoryOut(code=place.code, name=place.name, population=place.population)
        if place
        else None,
        understood=_understood(found.understanding, cut),
        help=[_proposal(card, levels) for ring in answer.rings for card in ring.cards],
        funding=[_proposal(card, levels) for card in answer.funding],
        experiences=[_experience(match) for match in found.experiences],
        set_aside=[
            _set_aside(item, levels, paged=not answer.catalogue) for item in answer.set_aside
        ],
        set_aside_total=found.set_aside_total,
        set_aside_counts=[
            out.SetAsideCount(code=code, count=count) for code, count in found.set_aside_summary
        ],
        branch=out.BranchOut(
            code=found.branch.code,
            sentence=found.branch.sentence,
            grounds=list(found.branch.grounds),
            counts=found.branch.counts,
        ),
        desk=_proposal(answer.desk, levels) if answer.desk else None,
        demonstration=answer.demonstration,
    )


def offer_url(slug: str) -> str:
    """Page of the offer, from the root of the site."""
    return reverse("catalog:offer", args=[slug])


def provider_ref(offer: types.Offer) -> out.ProviderRef:
    """The provider of an offer of the snapshot."""
    return _provider(offer, provider_levels.get())


def _provider(offer: types.Offer, levels: Mapping[str, str]) -> out.ProviderRef:
    return out.ProviderRef(
        id=offer.provider_id,
        name=offer.provider_name,
        family=offer.family,
        level=levels.get(offer.provider_id, offer.level.code),
    )


def _understood(found: types.Understanding, cut: bool) -> out.UnderstoodOut:
    return out.UnderstoodOut(
        types=_types(found.types),
        suggestions=_types(found.suggestions),
        themes=list(found.themes),
        phase=found.phase,
        readings=[out.ReadingOut(said=r.said, read_as=list(r.read_as)) for r in found.readings],
        corrections=[
            out.CorrectionOut(written=c.written, corrected=c.corrected) for c in found.corrections
        ],
        amounts=list(found.amounts),
        years=list(found.years),
        confident=found.confident,
        empty=found.empty,
        cut=cut,
    )


def _types(found: Iterable[types.RecognisedType]) -> list[out.TypeOut]:
    return [
        out.TypeOut(
            id=t.id,
            label=t.label,
            confidence=t.confidence,
            words=list(t.words),
            first_step=t.first_step,
        )
        for t in found
    ]


def _reasons(reasons: Iterable[types.Reason]) -> list[out.ReasonOut]:
    return [out.ReasonOut(code=r.code, text=r.text) for r in reasons]


def _proposal(card: Card, levels: Mapping[str, str]) -> out.ProposalOut:
    proposal, offer, details = card.proposal, card.proposal.offer, card.details
    return out.ProposalOut(
        id=offer.id,
        title=offer.title,
        summary=offer.summary,
        provider=_provider(offer, levels),
        level=offer.level.code,
        kind=offer.kind,
        cost=offer.cost,
        score=proposal.score,
        adequate=proposal.adequate,
        sentence=proposal.sentence,
        reasons=_reasons(proposal.reasons),
        to_check=_reasons(proposal.to_check),
        figures=list(details.figures),
        closes=offer.closes,
        waiting_weeks=offer.waiting_weeks,
        contact=details.apply or details.contact,
        state=offer.state,
        checked_on=details.checked_on,
        url=card.url,
    )


def _experience(match: types.ExperienceMatch) -> out.ExperienceOut:
    known = match.experience
    return out.ExperienceOut(
        id=known.id,
        title=known.title,
        territory=known.territory_name,
        population=known.population,
        themes=sorted(known.themes),
        summary=known.summary,
        score=match.score,
        sentence=match.sentence,
        url=reverse("experiences:experience", args=[known.id]),
    )


def _set_aside(item: types.SetAside, levels: Mapping[str, str], *, paged: bool) -> out.SetAsideOut:
    offer = item.offer
    return out.SetAsideOut(
        id=offer.id,
        title=offer.title,
        provider=_provider(offer, levels),
        level=offer.level.code,
        kind=offer.kind,
        score=item.score,
        reason=out.ReasonOut(code=item.reason.code, text=item.reason.text),
        url=offer_url(offer.id) if paged else "",
    )
