"""The views that a person keeps: filters under a name, opened by a plain address."""

from django.contrib import messages as notices
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from maillage.desk.forms.queue import SavedViewForm
from maillage.desk.models import SavedView
from maillage.desk.queue import Scope
from maillage.desk.services import views as services
from maillage.desk.views.queue.shared import for_desk, in_words


@require_http_methods(["GET", "HEAD", "POST"])
@for_desk
def saved_views(request: HttpRequest, scope: Scope) -> HttpResponseBase:
    """One's views: the list, and a form to keep the filters that one comes from."""
    query = request.POST.get("query", request.GET.get("filtres", ""))
    form = SavedViewForm(request.POST or None, initial={"query": query}, user=request.user)
    if request.method == "POST" and form.is_valid():
        view = services.save_view(
            user=request.user, name=form.cleaned_data["name"], query=form.cleaned_data["query"]
        )
        notices.success(request, f"La vue « {view.name} » est enregistrée.")
        return redirect(address_of(view))
    context = {
        "form": form,
        "saved": list(request.user.views.all()),
        "kept": in_words(scope, QueryDict(query)) if query else [],
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "desk/queue/views.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@for_desk
def delete_view(request: HttpRequest, scope: Scope, pk: int) -> HttpResponse:
    """Ask, then delete one of one's views. Raises ``Http404`` for another's."""
    view = get_object_or_404(request.user.views, pk=pk)
    if request.method == "POST":
        name = view.name
        services.delete_view(view=view)
        notices.success(request, f"La vue « {name} » est supprimée.")
        return redirect("queue:views")
    return render(request, "desk/queue/view_delete.html", {"view": view})


def address_of(view: SavedView) -> str:
    """The plain address of a view."""
    return f"{reverse('queue:list')}?{view.query}"
