from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.db import models, transaction
from django.http import HttpRequest

from maillage.catalog.models import Offer, ProjectType, Provider, Rate, ThesaurusEntry
from maillage.catalog.services import entries
from maillage.common.admin import HeldDataAdmin


class CatalogueAdmin(HeldDataAdmin):
    held_as = "catalogue"

    def get_readonly_fields(self, request: HttpRequest, obj: models.Model | None = None) -> Any:
        """The identifier is an address: it does not change once it is published."""
        return (*super().get_readonly_fields(request, obj), *(("slug",) if obj else ()))


class EntryAdmin(CatalogueAdmin):
    """Providers and offers: what can be withdrawn, and put back."""

    actions = ("withdraw", "put_back")
    readonly_fields = ("origin", "withdrawn_at", "created_at", "updated_at")

    @admin.action(description="Retirer du catalogue (la page le dira)")
    def withdraw(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        self._each(request, queryset, entries.withdraw, "retirées du catalogue")

    @admin.action(description="Remettre au catalogue")
    def put_back(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        self._each(request, queryset, entries.put_back, "remises au catalogue")

    def _each(
        self, request: HttpRequest, queryset: models.QuerySet, act: Callable[..., None], done: str
    ) -> None:
        rows = list(queryset)
        with transaction.atomic():
            for entry in rows:
                act(entry=entry, by=request.user, body="Administration du site")
        self.message_user(request, f"Fiches {done} : {len(rows)}.")

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Nothing is deleted: requests may refer to it. It is withdrawn."""
        return False


class RateInline(admin.TabularInline):
    model = Rate
    extra = 0
    autocomplete_fields = ("source",)


@admin.register(Provider)
class ProviderAdmin(EntryAdmin):
    list_display = ("name", "family", "level", "state", "origin", "generalist", "withdrawn_at")
    list_filter = ("family", "level", "state", "origin", "generalist")
    search_fields = ("slug", "name", "full_name")
    autocomplete_fields = ("source",)
    fieldsets = (
        (None, {"fields": ("name", "full_name", "slug", "family", "level", "perimeter")}),
        ("Ce qu'on en dit", {"fields": ("summary", "website", "contact", "generalist")}),
        (
            "D'où vient l'information",
            {
                "fields": (
                    "state",
                    "source",
                    "source_detail",
                    "vintage",
                    *EntryAdmin.readonly_fields,
                )
            },
        ),
    )


@admin.register(Offer)
class OfferAdmin(EntryAdmin):
    list_display = ("title", "provider", "kind", "level", "state", "closes", "origin")
    list_filter = ("kind", "cost", "level", "state", "origin", "generalist")
    list_select_related = ("provider",)
    search_fields = ("slug", "title", "provider__name")
    autocomplete_fields = ("provider", "source")
    date_hierarchy = "closes"
    inlines = (RateInline,)
    fieldsets = (
        (None, {"fields": ("provider", "title", "slug", "kind", "summary", "description")}),
        ("Sur quoi", {"fields": ("themes", "phases", "words")}),
        (
            "Pour qui",
            {
                "fields": (
                    *("audiences", "level", "perimeter", "population_min", "population_max"),
                    *("population_kind", "labels_any", "generalist"),
                )
            },
        ),
        ("Combien et quand", {"fields": ("cost", "cost_note", "opens", "closes", "waiting_weeks",
                                         "capacity")}),
        ("Comment demander", {"fields": ("apply", "contact", "link")}),
        (
            "D'où vient l'information",
            {
                "fields": (
                    *("state", "source", "source_detail", "vintage", "checked_on"),
                    *EntryAdmin.readonly_fields,
                )
            },
        ),
    )  # fmt: skip


@admin.register(ProjectType)
class ProjectTypeAdmin(CatalogueAdmin):
    list_display = ("label", "state", "origin", "updated_at")
    list_filter = ("state", "origin")
    search_fields = ("slug", "label", "phrases")
    readonly_fields = ("origin",)


@admin.register(ThesaurusEntry)
class ThesaurusEntryAdmin(HeldDataAdmin):
    held_as = "catalogue"
    list_display = ("expression", "terms", "origin")
    list_filter = ("origin",)
    search_fields = ("expression", "terms")
    readonly_fields = ("origin",)
