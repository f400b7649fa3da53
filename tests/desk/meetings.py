"""Meetings of the CLCT for tests, as the services leave them."""

from datetime import date
from typing import Any

from maillage.accounts.models import User
from maillage.desk.models import CommitteeSession, Desk, Request
from maillage.desk.services import committee as services

HELD_ON = date(2026, 3, 2)


def plan(agent: User, **said: Any) -> CommitteeSession:
    return services.plan(desk=Desk.objects.get(), by=agent, **{"held_on": HELD_ON, **said})


def with_items(agent: User, *requests: Request) -> CommitteeSession:
    session = plan(agent)
    return services.save_agenda(
        session=session, by=agent, version=0, held_on=HELD_ON, place="",
        requests=[one.pk for one in requests], whys={},
    )  # fmt: skip


def decide(session: CommitteeSession, agent: User, decision: str, task: str = "") -> None:
    services.save_minutes(
        session=session, by=agent, version=session.version, present="La préfète", minutes="",
        items={item.pk: (decision, task) for item in session.items.all()},
    )  # fmt: skip
    session.refresh_from_db()


def order_of(session: CommitteeSession) -> list[str]:
    return [item.request.number for item in session.items.order_by("position")]
