"""Rights of the area."""

from maillage.accounts.models import User
from maillage.common.rights import Allowed, Denied, Right


def may_supervise_mails(user: User) -> Right:
    """Seeing the messages' words and the state of the sendings: the administrators."""
    if user.is_staff:
        return Allowed()
    return Denied("Cette page est réservée aux administrateurs.")
