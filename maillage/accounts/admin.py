from django.contrib import admin

from maillage.accounts.models import Mandate, Organisation, User


class MandateInline(admin.TabularInline):
    model = Mandate
    extra = 0
    autocomplete_fields = ("organisation",)


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    list_display = ("email", "name", "is_staff", "is_active", "last_login")
    search_fields = ("email", "name")
    list_filter = ("is_staff", "is_active")
    fields = ("email", "name", "is_active", "is_staff", "is_superuser", "groups")
    inlines = (MandateInline,)


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    list_display = ("name", "kind", "siren", "territory")
    list_filter = ("kind",)
    search_fields = ("name", "siren")
