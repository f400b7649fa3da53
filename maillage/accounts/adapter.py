"""How sign-in behaves: nobody opens an account alone; a code is sent to known addresses."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by a desk or an administrator, not by a visitor: nobody needs one
    to be told who can help.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No free registration."""
        return False
