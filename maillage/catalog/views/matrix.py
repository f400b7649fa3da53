"""« Qui fait quoi » : sixteen themes by five phases, for a territory."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@login_not_required
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """The whole of France."""
    return HttpResponse("à venir")
