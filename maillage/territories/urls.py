from django.urls import path

from maillage.territories import views

app_name = "territories"
urlpatterns = [
    path("", views.search_page, name="search"),
    path("recherche/", views.suggest, name="suggest"),
    path("communes/<str:code>/", views.commune, name="commune"),
    path("epci/<str:siren>/", views.epci, name="epci"),
    path("departements/<str:code>/", views.department, name="department"),
    path("regions/<str:code>/", views.region, name="region"),
]
