"""Addresses of a request, gathered from those of its filing, its exchanges and its acts."""

from maillage.desk.urls import acting, exchanges, filing

app_name = "requests"
urlpatterns = [*filing.urlpatterns, *exchanges.urlpatterns, *acting.urlpatterns]
