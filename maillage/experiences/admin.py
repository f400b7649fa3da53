from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from maillage.common.admin import HeldDataAdmin
from maillage.experiences.enums import PRINCIPLES
from maillage.experiences.forms import ExperienceForm
from maillage.experiences.models import Experience, ExperienceCost, ExperienceFunder


class CostInline(admin.TabularInline):
    model = ExperienceCost
    extra = 0


class FunderInline(admin.TabularInline):
    model = ExperienceFunder
    extra = 0


@admin.register(Experience)
class ExperienceAdmin(HeldDataAdmin):
    held_as = "experiences"
    form = ExperienceForm
    list_display = ("title", "territory_name", "population", "started", "origin")
    list_filter = ("territory_kind", "origin")
    search_fields = ("slug", "title", "territory_name")
    autocomplete_fields = ("source",)
    inlines = (CostInline, FunderInline)
    fieldsets = (
        (None, {"fields": ("title", "slug", "initiative", "summary", "what")}),
        (
            "Où et quand",
            {
                "fields": (
                    *("territory_name", "territory_kind", "territory_codes", "departments"),
                    *("started", "population", "population_note"),
                )
            },
        ),
        ("Sur quoi", {"fields": ("themes", "themes_printed", "words")}),
        ("Ce qu'on en retient", {"fields": ("partners", "results", "watch_points", "again")}),
        (
            "Principes du guide",
            {"fields": (*(f"principle_{code}" for code in PRINCIPLES), "crosses_total")},
        ),
        ("D'où vient l'information", {"fields": ("source", "page", "data_notes")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Experience | None = None) -> Any:
        """The identifier is an address: it does not change once it is published."""
        return ("slug",) if obj else ()
