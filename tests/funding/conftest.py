"""Who works on plans, for every test of the area."""

import pytest
from django.test import Client

from maillage.accounts.enums import Role
from maillage.accounts.models import User
from maillage.funding.models import Plan
from maillage.projects.services import share
from tests.desk.factories import make_prefecture, make_user
from tests.funding.plans import make_plan, make_project


@pytest.fixture
def mairie() -> User:
    """Someone of Bourrou, who carries the projects."""
    return make_user(Role.APPLICANT, name="Anne")


@pytest.fixture
def its(client: Client, mairie: User) -> Client:
    """Her browser."""
    client.force_login(mairie)
    return client


@pytest.fixture
def plan(mairie: User) -> Plan:
    """A plan that she made."""
    return make_plan(by=mairie)


@pytest.fixture
def shared(mairie: User) -> Plan:
    """A plan that she made, whose project is shared with the desk of the préfecture."""
    project = make_project(mairie)
    share(project=project, body=make_prefecture())
    return make_plan(project, by=mairie)


@pytest.fixture
def desk(shared: Plan) -> Client:
    """The browser of an agent of that desk."""
    browser = Client()
    browser.force_login(make_user(Role.AGENT))
    return browser
