"""The base of the pages of administration, and the sources that entries cite."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.http import HttpRequest

from maillage.common.fields import LinesField
from maillage.common.models import DataVersion, Source


class HeldDataAdmin(admin.ModelAdmin):
    """Administration of rows that processes hold in memory.

    Each change bumps the version of the set `held_as`, so that every process looks again. A row
    saved here is marked as edited: the next load of the shipped files leaves it alone. Lists of
    texts are typed one a line, lists of codes are ticked.
    """

    held_as = ""
    list_per_page = 50

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest | None, **kwargs: Any
    ) -> forms.Field | None:
        if isinstance(db_field, ArrayField):
            label = db_field.verbose_name
            if db_field.base_field.choices:
                return forms.MultipleChoiceField(
                    label=label,
                    required=not db_field.blank,
                    choices=db_field.base_field.choices,
                    widget=forms.CheckboxSelectMultiple,
                )
            return LinesField(
                label=label, required=not db_field.blank, help_text="Un élément par ligne."
            )
        if isinstance(db_field, models.URLField):
            kwargs["assume_scheme"] = "https"
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if hasattr(obj, "origin"):
            obj.origin = "edited"
        super().save_model(request, obj, form, change)
        DataVersion.objects.bump(self.held_as)

    def delete_model(self, request: HttpRequest, obj: models.Model) -> None:
        super().delete_model(request, obj)
        DataVersion.objects.bump(self.held_as)

    def delete_queryset(self, request: HttpRequest, queryset: models.QuerySet) -> None:
        super().delete_queryset(request, queryset)
        DataVersion.objects.bump(self.held_as)


@admin.register(Source)
class SourceAdmin(HeldDataAdmin):
    held_as = "catalogue"
    list_display = ("title", "publisher", "year", "slug")
    list_filter = ("year",)
    search_fields = ("slug", "title", "publisher")
    ordering = ("title",)

    def get_readonly_fields(self, request: HttpRequest, obj: Source | None = None) -> Any:
        """The identifier is the key: entries refer to it."""
        return ("slug",) if obj else ()
