"""Writes of the views that an agent keeps of the queue."""

from django.db import transaction

from maillage.accounts.models import User
from maillage.desk.models import SavedView


@transaction.atomic
def save_view(*, user: User, name: str, query: str) -> SavedView:
    """Keep the filters `query` (a query string) under `name`; it replaces one's view so named."""
    view, _ = SavedView.objects.update_or_create(user=user, name=name, defaults={"query": query})
    return view


@transaction.atomic
def delete_view(*, view: SavedView) -> None:
    """Forget a view."""
    view.delete()
