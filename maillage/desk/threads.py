"""The thread of a request, as one person reads it, and the places where they may write.

Who reads a message is said in the same words above it, before it is written, and on its button.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from django.db.models import Q

from maillage.accounts.models import Organisation
from maillage.desk import perms
from maillage.desk.enums import Audience, Capacity, State
from maillage.desk.forms.exchanges import MessageForm, TranscriptionForm
from maillage.desk.models import Message, Request
from maillage.desk.nextsteps import known_at
from maillage.desk.perms import Standing
from maillage.engine.text import words

#: Messages shown before « voir les précédents ».
SHOWN: Final = 30
#: Capacities of the bodies with which the desk has a thread of their own.
_PARTNERS: Final = frozenset({Capacity.LEAD, Capacity.ASKED, Capacity.COMMITTEE})
#: What `only` may be: code → (label, what is kept).
FILTERS: Final = {
    "mairie": ("Avec la mairie", Q(audience=Audience.APPLICANT)),
    "partenaires": ("Avec les organismes", Q(audience=Audience.PARTNER)),
    "interne": ("Notes internes", Q(audience=Audience.INTERNAL)),
    "remarques": ("Remarques", Q(audience=Audience.REMARK)),
}


@dataclass(frozen=True, slots=True)
class Post:
    """A message, who reads it in words, and the colour of its band (an audience)."""

    message: Message
    readers: str
    band: str
    mine: bool
    new: bool


@dataclass(frozen=True, slots=True)
class Writing:
    """A place to write: to whom (``key`` is posted as ``vers``), who will read, what is said."""

    key: str
    audience: str
    summary: str
    readers: str
    button: str
    partner: Organisation | None = None
    form: MessageForm = field(default_factory=MessageForm)

    @property
    def is_refused(self) -> bool:
        """True when it is shown again with what was typed in it."""
        return self.form.is_bound


@dataclass(frozen=True, slots=True)
class Thread:
    """What the template ``desk/request/_thread.html`` shows. ``earlier`` messages are not shown."""

    posts: tuple[Post, ...]
    writings: tuple[Writing, ...]
    earlier: int = 0
    only: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def refused(self) -> Writing | None:
        """The place whose form is shown again, if one is."""
        return next((writing for writing in self.writings if writing.is_refused), None)


def thread_of(
    who: Standing, *, only: str = "", whole: bool = False, posted: Writing | None = None
) -> Thread:
    """The thread that `who` reads, and where they may write (two queries; one more when
    there are many messages).

    `only` is a key of `FILTERS` (nothing else filters); `whole` shows every message; `posted` is a
    place to write whose form was refused: it takes the place of the empty one.
    """
    found = perms.messages(who).select_related("partner")
    if only in FILTERS:
        found = found.filter(FILTERS[only][1])
    rows = list(found if whole else found.order_by("-created_at", "-id")[: SHOWN + 1])
    earlier = 0
    if not whole:
        earlier = found.count() - SHOWN if len(rows) > SHOWN else 0
        rows = rows[SHOWN - 1 :: -1]
    writings = [
        posted if posted and posted.key == writing.key else writing for writing in places(who)
    ]
    return Thread(
        posts=tuple(_post(message, who) for message in rows),
        writings=tuple(writings),
        earlier=earlier,
        only=only if only in FILTERS else "",
        choices=tuple((code, label) for code, (label, _) in FILTERS.items()) if who.agent else (),
    )


def _post(message: Message, who: Standing) -> Post:
    known = known_at(who.request) if who.applicant and not who.agent else None
    is_new = known is not None and not message.from_applicant and message.created_at > known
    return Post(
        message=message,
        readers=readers(who, message.audience, message.partner),
        band=message.audience,
        mine=message.author_id == who.user.pk,
        new=is_new,
    )


def readers(who: Standing, audience: str, partner: Organisation | None = None) -> str:
    """Who reads what is written to `audience`, as `who` is told it."""
    if audience == Audience.PARTNER:
        return f"Lu par {partner} et le guichet"
    if audience == Audience.INTERNAL:
        return "Interne : la mairie ne le voit pas"
    if audience == Audience.REMARK:
        return "Remarque : lue par le guichet seulement"
    mairie = "vous" if who.applicant and not who.agent else "la mairie"
    lead = who.request.lead
    return f"Lu par {mairie}, le guichet et {lead}" if lead else f"Lu par {mairie} et le guichet"


def places(who: Standing) -> list[Writing]:
    """Where `who` may write on this request, the first one being the usual (one query)."""
    if who.request.is_draft:
        return []
    found: list[Writing] = []
    if who.agent:
        found += _of_agent(who)
    elif who.applicant:
        helped = "à mon interlocuteur et au guichet" if who.request.lead else "au guichet"
        # An answer to the desk's question goes by its own button: it gives the hand back.
        other = ", sur un autre sujet que sa question" * (
            who.request.state == State.INFORMATION_WANTED
        )
        found.append(_place(who, "mairie", Audience.APPLICANT, f"Écrire {helped}{other}", helped))
    elif who.lead:
        found.append(_place(who, "mairie", Audience.APPLICANT, "Écrire à la mairie", "à la mairie"))
    if not who.agent and (who.lead or who.asked or who.committee):
        found += [
            _place(who, f"organisme-{body.pk}", Audience.PARTNER, "Écrire au guichet",
                   "au guichet", body)
            for body in partners(who.request)
            if body.pk in who.bodies
        ]  # fmt: skip
    if (who.observer or who.informed) and not found:
        found.append(
            _place(who, "remarque", Audience.REMARK, "Remarque à l'attention du guichet",
                   "au guichet")
        )  # fmt: skip
    return found


def _of_agent(who: Standing) -> Iterable[Writing]:
    yield _place(who, "mairie", Audience.APPLICANT, "Écrire à la mairie", "à la mairie")
    for body in partners(who.request):
        yield _place(who, f"organisme-{body.pk}", Audience.PARTNER, f"Écrire à {body}",
                     f"à {body}", body)  # fmt: skip
    yield Writing(
        key="interne", audience=Audience.INTERNAL, summary="Note interne",
        readers=readers(who, Audience.INTERNAL), button="Garder cette note pour le guichet",
        form=MessageForm(key="interne"),
    )  # fmt: skip
    yield Writing(
        key="recu", audience=Audience.APPLICANT, summary="Noter ce que la mairie a dit",
        readers=readers(who, Audience.APPLICANT), button="Noter dans l'échange avec la mairie",
        form=TranscriptionForm(key="recu"),
    )  # fmt: skip


def _place(
    who: Standing,
    key: str,
    audience: str,
    summary: str,
    to: str,
    partner: Organisation | None = None,
) -> Writing:
    return Writing(
        key=key, audience=audience, summary=summary, readers=readers(who, audience, partner),
        button=f"Envoyer {to}", partner=partner, form=MessageForm(key=key),
    )  # fmt: skip


def partners(request: Request) -> list[Organisation]:
    """Bodies with which the desk has a thread of their own: asked, designated, the committee."""
    bodies = {
        part.organisation
        for part in request.parties.all()
        if part.ended_at is None and part.capacity in _PARTNERS
    }
    return sorted(bodies, key=lambda body: (words(body.name), body.pk))
