from django.contrib import admin

from maillage.territories.models import LabelFile, Perimeter, ReferenceSet


class ReadOnly(admin.ModelAdmin):
    """What comes from files is looked at here, and changed by importing a file."""

    def has_add_permission(self, request: object) -> bool:
        return False

    def has_change_permission(self, request: object, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(LabelFile)
class LabelFileAdmin(ReadOnly):
    list_display = ("label", "carrier", "vintage", "source", "complete", "count", "current")
    list_filter = ("current", "label")


@admin.register(Perimeter)
class PerimeterAdmin(ReadOnly):
    list_display = ("name", "type", "approximate", "source")
    list_filter = ("type", "approximate")
    search_fields = ("name", "slug")


@admin.register(ReferenceSet)
class ReferenceSetAdmin(ReadOnly):
    list_display = ("name", "vintage", "loaded_at")
