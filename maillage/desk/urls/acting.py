"""Addresses of a request: its page, the acts on it, its convention, its journal."""

from django.urls import path

from maillage.desk.views import acting, examining, national, projects, request

urlpatterns = [
    path("<uuid:pk>/", request.page, name="request"),
    path("<uuid:pk>/agir/<slug:verb>/", acting.act, name="act"),
    path("<uuid:pk>/solliciter/", acting.ask, name="ask"),
    path("<uuid:pk>/sollicitations/<int:number>/annuler/", acting.cancel, name="cancel"),
    path("<uuid:pk>/taches/<int:number>/", acting.do_task, name="do_task"),
    path("<uuid:pk>/offres/", examining.examine, name="examine"),
    path("<uuid:pk>/plan/", projects.plan, name="plan"),
    path("<uuid:pk>/convention/", national.convention, name="convention"),
    path("<uuid:pk>/convention.odt", national.convention_odt, name="convention_odt"),
    path("<uuid:pk>/journal/", national.journal, name="journal"),
]
