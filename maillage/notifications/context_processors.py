"""What the header of every page says of messages."""

from functools import cache
from typing import Any

from django.http import HttpRequest

from maillage.notifications.models import Notification


def unread_messages(request: HttpRequest) -> dict[str, Any]:
    """The number of unread messages: one query, only where a page asks for it."""

    @cache
    def count() -> int:
        return Notification.objects.visible_to(request.user).unread().count()

    return {"unread_messages": count}
