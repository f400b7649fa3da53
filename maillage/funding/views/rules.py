"""The rules in force on a day, each with its law; a vintage written by the staff."""

from datetime import date
from itertools import groupby
from typing import Any, Final

from django.contrib import messages as notices
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.timezone import localdate
from django.views.decorators.http import require_http_methods, require_safe

from maillage.catalog.perms import is_administrator
from maillage.common.paging import page_asked, page_numbers
from maillage.common.tables import export
from maillage.common.templatetags.maillage import lettres
from maillage.engine.funding.rules import Law, periods
from maillage.engine.funding.types import Rule
from maillage.engine.text import words
from maillage.funding.forms.rules import RuleFilters, VintageForm
from maillage.funding.law import held, law_on, rule_of, rules
from maillage.funding.models import RuleVintage
from maillage.funding.numbers import numbers_of
from maillage.funding.services.vintages import add_vintage, end_vintage
from maillage.funding.themes import LABELS, place_of, theme_of
from maillage.funding.validity import said

PER_PAGE: Final = 20
_HEADER: Final = (
    "Règle", "Titre", "Ce qu'elle dit", "À qui et à quoi", "Nombres", "Texte de loi", "Source",
    "État", "Du", "Au", "Appliquée",
)  # fmt: skip


@login_not_required
@require_safe
def rule_list(request: HttpRequest) -> HttpResponseBase:
    """The rules in force on a day by subject, those that are not law apart; search, export."""
    filters = RuleFilters.read(request.GET, localdate())
    law = law_on(filters.day)
    wanted = set(words(filters.text))
    found = [
        rule
        for rule in sorted(law.rules.values(), key=place_of)
        if _answers(rule, wanted) and filters.theme in ("", theme_of(rule))
    ]
    off = [
        rule
        for rule in _not_law(law)
        if _answers(rule, wanted) and filters.theme in ("", theme_of(rule))
    ]
    if "export" in request.GET:
        rows = [_cells(rule) for rule in (*found, *off)]
        name = f"maillage-regles-{filters.day:%Y-%m-%d}"
        return export(name, _HEADER, rows, request.GET["export"])
    page = Paginator(found, PER_PAGE).get_page(page_asked(request.GET))
    context = {
        "filters": filters,
        "page": page,
        "pages": page_numbers(page),
        "sections": [(LABELS[code], list(some)) for code, some in groupby(page, key=theme_of)],
        "off": off,
    }
    return render(request, "funding/rules/list.html", context, status=422 if filters.wrong else 200)


def _answers(rule: Rule, wanted: set[str]) -> bool:
    """Whether every word asked is in the rule."""
    if not wanted:
        return True
    text = " ".join((rule.id, rule.title, rule.sentence, rule.scope, rule.reference, rule.source))
    held_words = words(text)
    return all(any(one.startswith(word) for one in held_words) for word in wanted)


def _not_law(law: Law) -> list[Rule]:
    """Rules that are shown and never applied (a bill), on this day."""
    off = {rule.id: rule for rule in rules() if not rule.active and rule.id not in law
           and _in_force(rule, law.day)}  # fmt: skip
    return list(off.values())


def _in_force(rule: Rule, day: date) -> bool:
    return (rule.valid_from or date.min) <= day <= (rule.valid_to or date.max)


def _cells(rule: Rule) -> tuple[Any, ...]:
    numbers = " ; ".join(f"{label} : {value}" for label, value in numbers_of(rule))
    return (
        rule.id, rule.title, rule.sentence, rule.scope, numbers, rule.reference, rule.source,
        "Vérifiée" if rule.confirmed else "À confirmer",
        rule.valid_from.isoformat() if rule.valid_from else None,
        rule.valid_to.isoformat() if rule.valid_to else None,
        "oui" if rule.active else "non",
    )  # fmt: skip


@login_not_required
@require_safe
def rule(request: HttpRequest, rule: str) -> HttpResponse:
    """A rule with all its vintages, the one in force today named."""
    today = localdate()
    # Of two that begin on the same day, the one that is applied stays the first.
    vintages = sorted(
        (one for one in rules() if one.id == rule), key=lambda r: r.valid_from or date.min,
        reverse=True,
    )  # fmt: skip
    if not vintages:
        raise Http404("Cette règle n'existe pas.")
    law = law_on(today)
    present = law.rules.get(rule)
    staff = request.user.is_authenticated and is_administrator(request.user)
    context = {
        "rule": present or vintages[0],
        "present": present,
        "vintages": [
            (one, numbers_of(one), one is present, said(spans, today))
            for one, spans in zip(vintages, periods(vintages), strict=True)
        ],
        "staff": staff,
        "written": RuleVintage.objects.filter(rule=rule) if staff else [],
    }
    return render(request, "funding/rules/rule.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def vintage(request: HttpRequest) -> HttpResponse:
    """Write a vintage of a rule: typed, then looked at with what it changes, then saved; or take
    one away, after a question. For the administrators.
    """
    if not is_administrator(request.user):
        raise PermissionDenied("Seul l'administrateur de Maillage écrit les règles.")
    if "retirer" in request.GET:
        return _end(request)
    today = localdate()
    name = request.GET.get("regle", "")
    known = {one.id: one for one in reversed(rules())}
    known |= dict(law_on(today).rules)
    if name not in known:
        choices = sorted(((one.id, one.title) for one in known.values()), key=lambda c: c[1])
        return render(request, "funding/rules/choose.html", {"choices": choices})
    base = known[name]
    form = VintageForm(base, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        row = form.vintage()
        if request.POST.get("faire") == "enregistrer":
            add_vintage(row, request.user)
            held.forget()
            notices.success(request, "Ce millésime est enregistré : les plans de ces dates le "
                                     "suivent dès maintenant.")  # fmt: skip
            return redirect("rules:rule", name)
        day = row.valid_from or today
        before = law_on(day).rules.get(name, base)
        context = {
            "form": form, "base": base, "changes": _changes(before, row),
            "same_words": _same_words(before, row),
        }  # fmt: skip
        return render(request, "funding/rules/vintage.html", context)
    context = {"form": form, "base": base}
    return render(
        request, "funding/rules/vintage.html", context, status=422 if form.errors else 200
    )


def _end(request: HttpRequest) -> HttpResponse:
    asked = request.GET["retirer"]
    row = get_object_or_404(RuleVintage, pk=asked if asked.isdecimal() else 0)
    if request.method == "POST":
        end_vintage(row)
        held.forget()
        notices.success(request, "Ce millésime est retiré.")
        return redirect("rules:rule", row.rule)
    return render(request, "funding/rules/end.html", {"vintage": row})


def _changes(base: Rule, row: RuleVintage) -> list[tuple[str, str, str]]:
    """(what, before, after) of everything that the vintage changes."""
    after = rule_of(row)
    before = dict(zip(_HEADER, _cells(base), strict=True))
    then = dict(zip(_HEADER, _cells(after), strict=True))
    before |= _days(base)
    then |= _days(after)
    return [
        (name, str(before[name] or "–"), str(then[name] or "–"))
        for name in _HEADER
        if before[name] != then[name]
    ]


def _days(rule: Rule) -> dict[str, str]:
    days = {"Du": rule.valid_from, "Au": rule.valid_to}
    return {name: lettres(day) if day else "" for name, day in days.items()}


def _same_words(base: Rule, row: RuleVintage) -> bool:
    """Whether the numbers change and not the sentence, which may still say the former ones."""
    after = rule_of(row)
    return after.parameters != base.parameters and after.sentence == base.sentence
