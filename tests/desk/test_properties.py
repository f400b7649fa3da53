"""Random people do random things to a few requests: what must always be true stays true."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.utils.timezone import localdate, now

from maillage.accounts.models import Organisation, User
from maillage.common.transitions import TransitionRefused
from maillage.desk.enums import (
    Audience,
    Branch,
    ConsultationKind,
    ConsultationState,
    Ground,
    LeadKind,
    NeedLevel,
    Outcome,
    State,
    Verb,
    Verdict,
)
from maillage.desk.lifecycle import LIFE
from maillage.desk.models import Consultation, JournalEntry, Request
from maillage.desk.services import (
    consultations,
    exchanges,
    filing,
    local,
    national,
    qualifying,
    reminders,
)
from maillage.desk.services.core import Act, AlreadyDone, Conflict, Incomplete, NotAllowed
from maillage.engine.vocabulary import PHASES, THEMES
from maillage.notifications.models import Mail, Notification

from .acts import BISTRO, World, make_world, signed_file
from .factories import BOURROU
from .test_lifecycle import BY, assert_sound

pytestmark = pytest.mark.django_db

#: What a verb may raise, and nothing else.
DECLARED = (NotAllowed, TransitionRefused, Conflict, AlreadyDone, Incomplete)
STEPS = 160
#: Messages sent to who no longer takes part: they open nothing.
_WITHOUT_ACCESS = {"lead-released", "help-cancelled"}


_ENDING = {Verb.CLOSE, Verb.WITHDRAW, Verb.REORIENT}


class Play:
    """A world, a few requests, and dice."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice = world, Random(seed)
        self.requests: list[Request] = [self._draft(), self._draft(), world.request(State.RECEIVED)]
        self.done: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.once: list[UUID] = []
        self.sentences: list[str] = []

    def _draft(self) -> Request:
        mairie = self.world["mairie"]
        draft = filing.start_draft(by=mairie, need=BISTRO, code=BOURROU)
        return filing.save_draft(request=draft, by=mairie, contact_name="C", contact_phone="05")

    # -- Dice

    def _some(self, choices: Any) -> Any:
        return self.dice.choice(list(choices))

    def _likely(self, good: Any, bad: Any, chance: float = 0.85) -> Any:
        return good if self.dice.random() < chance else bad

    def _body(self) -> Organisation:
        w = self.world
        return self._some([w.agency, w.caue, w.ddt, w.neighbour, w.desk.organisation])

    def _user(self) -> User:
        return self.world[self._some(self.world.people)]

    def _act(self, request: Request, name: str) -> Act:
        once = UUID(int=self.dice.getrandbits(128))
        if self.once and self.dice.random() < 0.1:
            once = self._some(self.once)
        self.once.append(once)
        version = self._likely(request.version, self.dice.randrange(30))
        # Who can, most of the time; else anybody.
        able = BY.get(name, self._some(["agent", "delegate", "lead", "asked", "observer"]))
        return Act(
            by=self.world[self._likely(able, self._some(self.world.people))], once=once,
            version=self._some([None, version, version]),
            reason=self._likely("Parce que.", " "),
        )  # fmt: skip

    # -- What can be done

    def step(self) -> str:
        """Do one thing; return its name. Only declared refusals are caught."""
        index = self.dice.randrange(len(self.requests))
        request = Request.objects.get(pk=self.requests[index].pk)
        name, doing = self._choice(request)
        act = self._act(request, name)
        try:
            with transaction.atomic():
                doing(request, act)
        except DECLARED as refusal:
            self.refused[name] += 1
            self.sentences.append("" if isinstance(refusal, AlreadyDone) else str(refusal))
        else:
            self.done[name] += 1
        return name

    def _choice(self, request: Request) -> tuple[str, Callable[[Request, Act], object]]:
        doings = {**self._verbs(), **self._works()}
        # More often something that the state allows, and that does not end it: sequences go far.
        possible = [v for v in Verb if v in LIFE.possible(request.state) and v not in _ENDING]
        if self.dice.random() < 0.6 and possible:
            name = str(self._some(possible))
            return name, doings[name]
        name = self._some(doings)
        return name, doings[name]

    def _verbs(self) -> dict[str, Callable[[Request, Act], object]]:
        some, likely = self._some, self._likely
        lead = {"lead_kind": likely(some(LeadKind.values), "cousin")}
        return {
            Verb.FILE: lambda r, act: filing.file_request(request=r, act=act),
            Verb.ASK_INFORMATION: lambda r, act: qualifying.ask_information(
                request=r, act=act, question=likely("Où ?", "")
            ),
            Verb.GIVE_INFORMATION: lambda r, act: qualifying.give_information(
                request=r, act=act, text=likely("Là.", "")
            ),
            Verb.QUALIFY: lambda r, act: qualifying.qualify(
                request=r, act=act, themes=likely([some(THEMES)], ["rien"]),
                phase=likely(some(PHASES), ""), level=some(NeedLevel.values),
            ),
            Verb.PREPARE: lambda r, act: qualifying.prepare(
                request=r, act=act, branch=some(Branch.values),
                organisation=some([None, self._body()]),
            ),
            Verb.DESIGNATE: lambda r, act: local.designate(
                request=r, act=act, organisation=self._body(), **lead
            ),
            Verb.REPLACE_LEAD: lambda r, act: local.replace_lead(
                request=r, act=act, organisation=self._body(), **lead
            ),
            Verb.ACCEPT_LEAD: lambda r, act: local.accept_lead(request=r, act=act),
            Verb.DECLINE_LEAD: lambda r, act: local.decline_lead(request=r, act=act),
            Verb.OPEN_NATIONAL: lambda r, act: national.open_national(
                request=r, act=act, explanation=likely("Rare.", ""), none_found=likely(True, False),
                grounds=self.dice.sample(Ground.values, self.dice.randrange(4)),
            ),
            Verb.SUBMIT: lambda r, act: national.submit(request=r, act=act),
            Verb.ACCEPT_NATIONAL: lambda r, act: national.accept_national(request=r, act=act),
            Verb.REFUSE_NATIONAL: lambda r, act: national.refuse_national(request=r, act=act),
            Verb.RETURN_TO_LOCAL: lambda r, act: national.return_to_local(request=r, act=act),
            Verb.SIGN_CONVENTION: lambda r, act: national.sign_convention(
                request=r, act=act, signed_on=localdate() + timedelta(days=some([-1, 0, 1])),
                attachment=signed_file(some([r, r, self.requests[0]])),
            ),
            Verb.START_SUPPORT: lambda r, act: national.start_support(
                request=r, act=act, organisation=self._body(), **lead
            ),
            Verb.ENTRUST: lambda r, act: qualifying.entrust(
                request=r, act=act, organisation=some([None, self._body()])
            ),
            Verb.CLOSE: lambda r, act: qualifying.close(
                request=r, act=act, outcome=some(Outcome.values), text=likely("Voilà.", "")
            ),
            Verb.WITHDRAW: lambda r, act: qualifying.withdraw(request=r, act=act),
            Verb.REORIENT: lambda r, act: qualifying.reorient(request=r, act=act, to="Le CD"),
            Verb.REOPEN: lambda r, act: qualifying.reopen(request=r, act=act),
        }  # fmt: skip

    def _works(self) -> dict[str, Callable[[Request, Act], object]]:
        some, other = self._some, self._some(self.requests)
        question = self._question()
        day = localdate() + timedelta(days=self.dice.randrange(-5, 15))
        doings: dict[str, Callable[[Request, Act], object]] = {
            "ask": lambda r, act: consultations.ask(
                request=r, act=act, organisation=self._body(), kind=some(ConsultationKind.values),
                question="Un avis ?", due_on=some([None, day]),
            ),
            "group": lambda r, act: qualifying.group(request=r, act=act, with_request=other),
            "ungroup": lambda r, act: qualifying.ungroup(request=r, act=act),
            "assign": lambda r, act: qualifying.assign(
                requests=self.requests, by=act.by, to=some([None, self._user()])
            ),
            "examine": lambda r, act: national.examine(
                request=r, act=act, offer="une-offre", title="Offre", provider="CAUE",
                level="department", verdict=some(Verdict.values), why="Vu.",
            ),
            "post": lambda r, act: self._post(r, act),
            "convention": lambda r, act: national.save_convention(
                request=r, by=act.by, version=None, object="Appui"
            ),
            "confirm": lambda r, act: filing.confirm_author(request=r, act=act),
            "remind": lambda r, act: reminders.run(now().replace(hour=12)),
        }  # fmt: skip
        if question is not None:
            accept = self.dice.random() < 0.5
            doings |= {
                "answer": lambda r, act: consultations.answer_help(
                    consultation=question, act=act, accept=accept, text="Vu."
                ),
                "opinion": lambda r, act: consultations.give_opinion(
                    consultation=question, act=act, text="Oui."
                ),
                "date": lambda r, act: consultations.propose_date(
                    consultation=question, act=act, day=day
                ),
                "cancel": lambda r, act: consultations.cancel(consultation=question, act=act),
            }  # fmt: skip
        return doings

    def _question(self) -> Consultation | None:
        asked = list(Consultation.objects.order_by("-pk")[:6])
        return self._some(asked) if asked else None

    def _post(self, request: Request, act: Act) -> None:
        audience = self._some(Audience.values)
        exchanges.post_message(
            request=request, act=act, audience=audience, body="Bonjour.",
            partner=self._body() if audience == Audience.PARTNER else None,
        )  # fmt: skip


@pytest.mark.parametrize("seed", range(5))
def test_whatever_people_do_the_invariants_hold(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    # The engine's proposals are tried elsewhere: here, nothing is proposed.
    monkeypatch.setattr(national, "to_examine", lambda *_: [])
    play = Play(make_world(), seed)
    told = 0
    seen: dict[UUID, int] = {}
    for n in range(STEPS):
        name = play.step()
        try:
            for request in Request.objects.all():
                if seen.get(request.pk) != request.version or n == STEPS - 1:
                    invariants(request)
                    seen[request.pk] = request.version
            told = assert_readable(told)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}, step {n}: {name}") from error
    numbers = [r.number for r in Request.objects.filter(number__isnull=False)]
    assert len(numbers) == len(set(numbers))
    assert len(play.done) > 12, play.done
    assert sum(play.refused.values()) > 20
    assert all(said.lstrip("« ")[:1].isupper() for said in play.sentences if said)
    # No mail twice to the same address for the same message and the same key.
    assert Mail.objects.count() == len(set(Mail.objects.values_list("key", flat=True)))


def invariants(request: Request) -> None:
    """What is true of a request, always."""
    if request.is_draft:
        assert not request.journal.exists()
        assert request.number is None
        return
    assert_sound(request)
    assert request.number
    assert request.desk is not None
    assert request.journal.filter(verb=Verb.FILE).count() <= 1
    if request.state in {State.NATIONAL, State.COMMITTEE, State.ACCEPTED, State.CONVENTION,
                         State.REFUSED}:  # fmt: skip
        assert request.branch == Branch.NATIONAL
        last = request.journal.filter(verb=Verb.OPEN_NATIONAL).last()
        assert last is not None
        assert last.data["grounds"]
    if request.state in {State.LOCAL, State.ACCOMPANIED}:
        assert request.lead is not None
        assert request.lead_kind
    if request.lead is None:
        assert (request.lead_person, request.lead_phone, request.lead_email) == ("", "", "")
    waiting = [c for c in request.consultations.all() if c.is_open and c.as_lead]
    assert len(waiting) <= 1
    if waiting:
        assert request.state == State.LOCAL
        assert waiting[0].organisation_id == request.lead_id
    assert request.duplicate_of_id != request.pk
    assert request.duplicate_of is None or request.duplicate_of.duplicate_of_id is None
    for answered in request.consultations.exclude(state__in=_UNANSWERED):
        assert answered.answered_at is not None


_UNANSWERED = (
    ConsultationState.WAITING, ConsultationState.CANCELLED, ConsultationState.INFORMED,
)  # fmt: skip


def assert_readable(known: int) -> int:
    """Nobody is told of a request that they cannot read. Return the last message seen."""
    fresh = Notification.objects.filter(pk__gt=known).order_by("pk").select_related("user")
    for notice in fresh:
        known = notice.pk
        if notice.slug in _WITHOUT_ACCESS:
            assert not notice.action_path
            continue
        if notice.slug == "requests-assigned":
            continue  # it opens the queue
        pk = notice.action_path.split("/")[2]
        assert Request.objects.visible_to(notice.user).filter(pk=pk).exists(), (
            f"{notice.user} is told « {notice.slug} » and cannot read it"
        )
    return known


def test_a_passage_is_never_rewritten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(national, "to_examine", lambda *_: [])
    play = Play(make_world(), 99)
    kept: dict[int, tuple[Any, ...]] = {}
    for _ in range(60):
        play.step()
        rows = {
            row[0]: row
            for row in JournalEntry.objects.values_list(
                "pk", "rank", "verb", "from_state", "to_state", "by_label", "reason", "at"
            )
        }
        assert kept.items() <= rows.items()
        kept = rows
