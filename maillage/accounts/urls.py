"""Addresses of the area. Of allauth, only what is used: signing in by a code, and out.

Its own names are kept, since its views look for each other by them.
"""

from allauth.account import views as allauth
from django.urls import include, path
from django.views.generic import RedirectView

from maillage.accounts import views

area = ([path("demonstration/", views.demo, name="demo")], "accounts")

urlpatterns = [
    path("", include(area)),
    path("login/", allauth.login, name="account_login"),
    path("login/code/", allauth.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("logout/", allauth.logout, name="account_logout"),
    # Accounts are opened by a desk: who looks for a way to open one is told so.
    path("signup/", allauth.signup, name="account_signup"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("", RedirectView.as_view(pattern_name="account_login"), name="account"),
]
