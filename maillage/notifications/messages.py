"""What an area tells people: one class per message, in that area's `notifications.py`.

A subclass that gives its own `slug` is a message; one that does not is a base for others. Every
message can be previewed by the staff, from its `sample`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from django.db import transaction

from maillage.accounts.models import User
from maillage.notifications import letters, outbox, tasks
from maillage.notifications.enums import Frequency
from maillage.notifications.letters import Letter, absolute, is_local, one_line
from maillage.notifications.models import Notification, folded
from maillage.notifications.preferences import frequencies

#: Every message of the site, by slug.
REGISTRY: "dict[str, type[Message]]" = {}


class Message(ABC):
    """A message: its words, its one button, and to whom it is sent whatever they chose."""

    slug: ClassVar[str] = ""
    label: ClassVar[str] = ""
    #: Sent at once whatever the frequency chosen: receipts, codes, deadlines that are yours.
    essential: ClassVar[bool] = False
    #: Templates show the class itself, they do not make a message of it.
    do_not_call_in_templates: ClassVar[bool] = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "slug" not in cls.__dict__:
            return
        if cls.slug in REGISTRY:
            raise ValueError(f"two messages have the slug « {cls.slug} »")
        if not cls.slug or not cls.label:
            raise ValueError(f"{cls.__name__} has no slug or no label")
        REGISTRY[cls.slug] = cls

    @abstractmethod
    def subject(self) -> str:
        """The subject, on one line."""

    @abstractmethod
    def paragraphs(self) -> list[str]:
        """The text: plain French sentences. The greeting and the signature are added to it."""

    def action(self) -> tuple[str, str] | None:
        """The one button: its label, and a path of this site (``/demandes/…/``)."""
        return None

    def topic(self) -> str:
        """What a summary groups messages by; better the name of a request than the label."""
        return self.label

    @classmethod
    @abstractmethod
    def sample(cls) -> "Message":
        """An invented, plausible example, made without writing anything, for the preview."""

    def letter(self, *, has_account: bool = True) -> Letter:
        """The mail of this message, for a person who has an account or for a bare address."""
        action = self.action()
        why = letters.WHY_ESSENTIAL if self.essential else letters.WHY_MESSAGE
        return Letter(
            subject=one_line(self.subject()),
            paragraphs=tuple(self.paragraphs()),
            why=why if has_account else letters.WHY_ADDRESS,
            button=(action[0], absolute(action[1])) if action else None,
            has_account=has_account,
        )

    def notification(self) -> Notification:
        """What the application shows of this message: to nobody yet, and not written."""
        label, path = self.action() or ("", "")
        subject, text = one_line(self.subject()), "\n\n".join(self.paragraphs())
        return Notification(
            slug=self.slug,
            topic=one_line(self.topic(), 200),
            subject=subject,
            text=text,
            action_label=one_line(label, 80),
            action_path=path,
            folded=folded(subject, text),
        )

    @transaction.atomic
    def send(self, *, to: Iterable[User] = (), emails: Iterable[str] = (), key: str) -> None:
        """Tell the persons `to`, and the bare addresses `emails`, once for each `key`.

        Called in the transaction of what it tells: nothing is said if that is undone. A person
        named twice, or the same `key` sent again, is told once. The mails leave after the commit,
        each when the person's frequency says so. Raises ``ValueError`` for a message without a
        slug, or whose button leads out of the site.
        """
        if REGISTRY.get(self.slug) is not type(self):
            raise ValueError(f"{type(self).__name__} is not registered: it has no slug of its own")
        action = self.action()
        if action is not None and not is_local(action[1]):
            raise ValueError(f"the button of « {self.slug} » leads out of the site: {action[1]}")
        people = {user.pk: user for user in to if user.is_active}
        chosen = frequencies(people.values())
        at_once = {pk for pk in people if self.essential or chosen[pk] is Frequency.AT_ONCE}
        rows = []
        for pk in sorted(people):
            row = self.notification()
            row.user, row.key = people[pk], key
            row.awaits_digest = pk not in at_once and chosen[pk] is not Frequency.ESSENTIAL
            rows.append(row)
        Notification.objects.bulk_create(rows, ignore_conflicts=True)

        posted = {people[pk].email.lower(): self.letter() for pk in at_once}
        # Who has an account is written to as they chose, even where their address is given too.
        known = {user.email.lower() for user in people.values()}
        for address in {email.strip().lower() for email in emails} - known - {""}:
            posted[address] = self.letter(has_account=False)
        if posted:
            outbox.post(
                outbox.mail(letter, to=address, slug=self.slug, key=key)
                for address, letter in posted.items()
            )
            # In the same transaction: undone with it, seen by the worker when it is committed.
            tasks.deliver_mails.defer()
