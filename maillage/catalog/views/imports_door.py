"""What every page of imports shares: who may come in, which imports they see."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404

from maillage.catalog.models import Import
from maillage.catalog.perms import may_import
from maillage.catalog.services import importing

View = Callable[..., HttpResponseBase]


def for_importers(view: View) -> View:
    """A view for those who may import; others are told why not."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        right = may_import(request.user)
        if not right:
            raise PermissionDenied(right.reason)
        return view(request, *args, **kwargs)

    return inner


def find(request: HttpRequest, pk: int) -> Import:
    """An import that this person may see. Raises ``Http404`` for another."""
    found: Import = get_object_or_404(importing.visible(request.user), pk=pk)
    return found
