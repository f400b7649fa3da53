"""The site's table of contents."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path

from maillage.api.views import api
from maillage.catalog.views import public as catalog
from maillage.common import pages
from maillage.desk.views import public as desk

# The administration has no door of its own: one signs in as everywhere, with its limits.
admin.site.login = secure_admin_login(admin.site.login)

urlpatterns = [
    path("", desk.home, name="home"),
    path("espace/", desk.workspace, name="workspace"),
    path("orientation/", include("maillage.desk.urls.orientation")),
    path("demandes/", include("maillage.desk.urls.requests")),
    path("territoires/", include("maillage.territories.urls")),
    path("catalogue/", include("maillage.catalog.urls.public")),
    path("qui-fait-quoi/", include("maillage.catalog.urls.matrix")),
    path("donnees/", include("maillage.catalog.urls.opendata")),
    path("mes-fiches/", include("maillage.catalog.urls.keeping")),
    path("qualite/", include("maillage.catalog.urls.quality")),
    path("mots/", include("maillage.catalog.urls.words")),
    path("imports/connecteurs/", include("maillage.catalog.urls.connectors")),
    path("imports/", include("maillage.catalog.urls.imports")),
    path("experiences/", include("maillage.experiences.urls")),
    path("sollicitations/", include("maillage.desk.urls.asked")),
    path("guichet/liens/", include("maillage.desk.urls.filing_links")),
    path("guichet/", include("maillage.desk.urls.queue")),
    path("comite/", include("maillage.desk.urls.national")),
    path("guichet/", include("maillage.desk.urls.settings")),
    path("guichet/clct/", include("maillage.desk.urls.committee")),
    path("guichet/bilan/", include("maillage.desk.urls.consolidation")),
    path("projets/", include("maillage.projects.urls")),
    path("plans/", include("maillage.funding.urls.plans")),
    path("financement/regles/", include("maillage.funding.urls.rules")),
    path("financement/un-pour-mille/", include("maillage.funding.urls.permille")),
    path("financement/", include("maillage.funding.urls.simulator")),
    path("compte/", include("maillage.accounts.urls")),
    path("messages/", include("maillage.notifications.urls")),
    path("api/v1/", api.urls),
    path("api/<path:rest>", pages.api_not_found),
    path("accessibilite/", pages.accessibility, name="accessibility"),
    path("mentions-legales/", pages.legal, name="legal"),
    path("donnees-personnelles/", pages.privacy, name="privacy"),
    path("sources/", catalog.sources, name="sources"),
    path("sante/", pages.health, name="health"),
    path("administration/", admin.site.urls),
]

handler400 = "maillage.common.pages.bad_request"
handler403 = "maillage.common.pages.forbidden"
handler404 = "maillage.common.pages.not_found"
handler500 = "maillage.common.pages.server_error"
