"""Tables of the desk, by subject."""

from maillage.desk.models.committee import AgendaItem, CommitteeSession
from maillage.desk.models.desks import Desk, FilingLink, SavedView
from maillage.desk.models.exchanges import Attachment, Consultation, Message, Task
from maillage.desk.models.national import Convention, Examination, Justification
from maillage.desk.models.requests import JournalEntry, Party, Request

__all__ = [
    "AgendaItem",
    "Attachment",
    "CommitteeSession",
    "Consultation",
    "Convention",
    "Desk",
    "Examination",
    "FilingLink",
    "JournalEntry",
    "Justification",
    "Message",
    "Party",
    "Request",
    "SavedView",
    "Task",
]
