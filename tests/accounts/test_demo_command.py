"""`maillage demo`."""

import io

import pytest
from django.core.management import call_command

from maillage.accounts.demonstration import DEMO_ACCOUNTS
from maillage.accounts.models import User


@pytest.mark.django_db
def test_it_makes_the_accounts_shows_them_and_may_be_run_again() -> None:
    out = io.StringIO()
    call_command("demo", stdout=out)
    call_command("demo", stdout=out)
    assert User.objects.filter(email__endswith="@exemple.test").count() == len(DEMO_ACCOUNTS)
    for account in DEMO_ACCOUNTS:
        assert out.getvalue().count(account.email) == 2
    assert "pas de mot de passe" in out.getvalue()
