from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from maillage.notifications.models import Mail, Preference


class ReadOnlyAdmin(admin.ModelAdmin):
    """To look at: these rows are written by services only."""

    list_per_page = 50

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Mail)
class MailAdmin(ReadOnlyAdmin):
    # What it says is between the sender and the one who receives it.
    fields = (
        *("to", "slug", "state", "attempts", "next_try_at", "last_error"),
        *("created_at", "sent_at", "erased_at"),
    )
    list_display = ("created_at", "to", "slug", "state", "attempts", "sent_at")
    list_filter = ("state", "slug")
    search_fields = ("to",)
    ordering = ("-pk",)


@admin.register(Preference)
class PreferenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "frequency")
    list_filter = ("frequency",)
    search_fields = ("user__email", "user__name")
    list_select_related = ("user",)
