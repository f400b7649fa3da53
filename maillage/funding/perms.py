"""Who may take away a plan, or one of its documents. All else is as the project (`projects`)."""

from typing import Final

from maillage.accounts.models import User
from maillage.common.rights import Allowed, Denied, Right
from maillage.funding.models import Attachment, Plan
from maillage.projects.perms import owns

_NOT_THEIR_PLAN: Final = (
    "Seule la collectivité qui porte le projet, ou qui a fait ce plan, peut le supprimer."
)
_NOT_THEIR_PIECE: Final = (
    "Seul celui qui a joint cette pièce, ou la collectivité qui porte le projet, peut la retirer."
)


def may_delete(user: User, plan: Plan) -> Right:
    """The owner of the project, and who made the plan: a desk does not delete the mairie's."""
    made = plan.created_by_id == user.pk
    return Allowed() if made or owns(user, plan.project) else Denied(_NOT_THEIR_PLAN)


def may_remove(user: User, attachment: Attachment, *, owner: bool) -> Right:
    """Who attached it, and the owner of the project (`owner`: this person acts for it)."""
    mine = attachment.added_by_id == user.pk
    return Allowed() if owner or mine else Denied(_NOT_THEIR_PIECE)
