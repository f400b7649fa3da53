"""Who may choose a plan, take it away, or one of its documents. All else is as the project
(`projects`).
"""

from typing import Final

from maillage.accounts.models import User
from maillage.common.rights import Allowed, Denied, Right
from maillage.funding.models import Attachment, Plan
from maillage.projects.models import Project
from maillage.projects.perms import owns

_NOT_THEIR_PLAN: Final = (
    "Seule la collectivité qui porte le projet, ou qui a fait ce plan, peut le supprimer."
)
_HERS: Final = (
    "La collectivité a retenu ce plan, ou y a écrit : elle seule peut le supprimer. Faites une "
    "copie si vous voulez proposer autre chose."
)
_NOT_THEIR_CHOICE: Final = (
    "C'est la collectivité qui retient un plan : dites qui vous l'a demandé, et comment."
)
_NOT_THEIR_PIECE: Final = (
    "Seul celui qui a joint cette pièce, ou la collectivité qui porte le projet, peut la retirer."
)


def may_choose(user: User, project: Project, told: str = "") -> Right:
    """The owner of the project; someone else only when they say who told them so (`told`)."""
    return Allowed() if told.strip() or owns(user, project) else Denied(_NOT_THEIR_CHOICE)


def may_delete(user: User, plan: Plan) -> Right:
    """The owner of the project, and who proposed the plan as long as the owner has neither chosen
    it, even once, nor written in it: a desk does not delete the mairie's.
    """
    if owns(user, plan.project):
        return Allowed()
    if plan.created_by_id != user.pk:
        return Denied(_NOT_THEIR_PLAN)
    hers = plan.revisions.filter(on_behalf_of="").exists() or (
        plan.attachments.filter(on_behalf_of="").exists()
    )
    return Denied(_HERS) if hers or not plan.proposed else Allowed()


def may_remove(user: User, attachment: Attachment, *, owner: bool) -> Right:
    """Who attached it, and the owner of the project (`owner`: this person acts for it)."""
    mine = attachment.added_by_id == user.pk
    return Allowed() if owner or mine else Denied(_NOT_THEIR_PIECE)
