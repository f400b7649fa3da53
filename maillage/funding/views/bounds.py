"""A form of the editor with more lines than a plan may have is refused before it is read."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from maillage.funding.document import MOST_LINES
from maillage.funding.forms.editor import too_long

View = Callable[..., HttpResponse]


def bounded(view: View) -> View:
    """The same view; what is sent to it with too many lines is refused at once, in a sentence. The
    editor itself lets nobody go so far.
    """

    @wraps(view)
    def within(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and too_long(request.POST):
            return render(request, "funding/editor/too_long.html", {"most": MOST_LINES}, status=422)
        return view(request, *args, **kwargs)

    return within
