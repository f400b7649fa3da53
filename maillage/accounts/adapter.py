"""How sign-in behaves: nobody opens an account alone; a code is sent to known addresses."""

import logging
import smtplib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.http import HttpRequest

logger = logging.getLogger(__name__)


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are opened by a desk or an administrator, not by a visitor: nobody needs one
    to be told who can help.
    """

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No free registration."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send the code; a mail server that is away is said to the person, not turned into a 500.

        A code is of no use later: unlike the other messages, it is not kept to be sent again.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (smtplib.SMTPException, OSError):
            logger.exception("a sign-in code could not be sent")
            messages.error(
                self.request,
                "Le courriel n'est pas parti : notre messagerie ne répond pas. Demandez un "
                "nouveau code dans quelques minutes, ou appelez le guichet.",
            )
