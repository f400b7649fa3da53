"""What the catalogue tells people, by subject. Importing the package registers every message."""

from maillage.catalog.notifications.alerts import AlertNews, AlertToConfirm
from maillage.catalog.notifications.keeping import (
    ClaimAccepted,
    ClaimLink,
    ClaimRefused,
    ClaimToCheck,
    KeeperInvited,
)
from maillage.catalog.notifications.quality import (
    ConfirmationAsked,
    EntriesSetAside,
    EntriesToConfirm,
    ErrorReported,
    LinksBroken,
    ReportAnswered,
)

__all__ = [
    "AlertNews",
    "AlertToConfirm",
    "ClaimAccepted",
    "ClaimLink",
    "ClaimRefused",
    "ClaimToCheck",
    "ConfirmationAsked",
    "EntriesSetAside",
    "EntriesToConfirm",
    "ErrorReported",
    "KeeperInvited",
    "LinksBroken",
    "ReportAnswered",
]
