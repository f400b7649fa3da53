"""Settings common to every way of running. What an operator may change is read from the
environment; `docs/exploitation.md` lists it.
"""

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from csp.constants import NONE, SELF

from maillage.config import paths

PACKAGE = Path(__file__).resolve().parents[2]

DEBUG = False
SECRET_KEY = os.environ.get("SECRET_KEY") or paths.secret("secret.key")
# Only names that are this machine's: a forged one would be written in the mails that are sent.
ALLOWED_HOSTS = [h for h in os.environ.get("ALLOWED_HOSTS", "").split(",") if h] or [
    "localhost",
    "127.0.0.1",
    "[::1]",
    socket.gethostname(),
    os.environ.get("HOST", "localhost"),
]
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("CSRF_TRUSTED_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "django_htmx",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
    "maillage.common",
    "maillage.territories",
    "maillage.accounts",
    "maillage.notifications",
    "maillage.catalog",
    "maillage.experiences",
    "maillage.projects",
    "maillage.desk",
    "maillage.funding",
    "maillage.api",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "maillage.common.middleware.compressed_pages",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "maillage.common.middleware.private_pages",
    "maillage.api.errors.in_our_words",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "maillage.catalog.favourites.carry_over",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "maillage.config.urls"
WSGI_APPLICATION = "maillage.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "maillage.common.context_processors.site",
                "maillage.notifications.context_processors.unread_messages",
                "maillage.desk.workspace.workspace",
            ],
            "builtins": ["maillage.common.templatetags.maillage"],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASES = {
    "default": dj_database_url.parse(
        paths.database_url(), conn_max_age=600, conn_health_checks=True
    ),
}
# Limits by address are counted there: shared by the processes of this machine.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": paths.STATE / "cache",
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "workspace"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "maillage.accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_REQUIRED = False
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
# How many proxies stand before the site: without it, all visitors would share one address, and
# the limits by address would be those of all.
ALLAUTH_TRUSTED_PROXY_COUNT = int(os.environ.get("MAILLAGE_PROXIES", "0"))
ACCOUNT_EMAIL_SUBJECT_PREFIX = "[Maillage] "

EMAIL_BACKEND = os.environ.get(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ.get("EMAIL_HOST")
    else "maillage.notifications.kept.EmailBackend",
)
EMAIL_FILE_PATH = paths.STATE / "mails"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "") == "1"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "maillage@localhost")

# A job that went well leaves nothing: one is made each minute.
PROCRASTINATE_WORKER_DEFAULTS = {"delete_jobs": "successful"}

LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français")]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = paths.STATE / "static"
STATICFILES_DIRS = [PACKAGE / "static", paths.STATE / "assets"]
STORAGES = {
    # Documents that people send: read by the site only, at no address (`common/documents`).
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
MEDIA_ROOT = paths.STATE / "files"
#: The open files, made each night.
OPEN_DATA_ROOT = paths.STATE / "donnees"
# Needs that were not understood wait there, masked, to be collected (`catalog/words/spool.py`).
SPOOL_ROOT = paths.STATE / "besoins"

# The tile server, if the operator has named one, is the only foreign place images come from.
_tiles = urlsplit(os.environ.get("MAILLAGE_TILE_URL", ""))
_TILES = [f"{_tiles.scheme}://{_tiles.netloc.replace('{s}', '*')}"] if _tiles.netloc else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", *_TILES],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
CSRF_FAILURE_VIEW = "maillage.common.pages.csrf_failure"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_000_000
# A plan of two hundred lines on each side is one form.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "maillage.common.uploads.BoundedFileUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"secrets": {"()": "maillage.common.logs.WithoutSecrets"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secrets"]}
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"maillage": {"level": "INFO"}},
}

# What the operator of a desk says of itself; empty means "not said", and pages show it so.
MAILLAGE = {
    # Address of the site, as it is written in mails (without a slash at its end).
    "URL": (
        os.environ.get("MAILLAGE_URL") or f"http://localhost:{os.environ.get('PORT', '8000')}"
    ).rstrip("/"),
    "NAME": os.environ.get("MAILLAGE_NAME", "Maillage"),
    "TAGLINE": os.environ.get("MAILLAGE_TAGLINE", "Le guichet de l'ingénierie territoriale"),
    "OPERATOR": os.environ.get("MAILLAGE_OPERATOR", ""),
    "OPERATOR_ADDRESS": os.environ.get("MAILLAGE_OPERATOR_ADDRESS", ""),
    "OPERATOR_PHONE": os.environ.get("MAILLAGE_OPERATOR_PHONE", ""),
    "OPERATOR_EMAIL": os.environ.get("MAILLAGE_OPERATOR_EMAIL", ""),
    "PUBLICATION_DIRECTOR": os.environ.get("MAILLAGE_PUBLICATION_DIRECTOR", ""),
    "HOST_NAME": os.environ.get("MAILLAGE_HOST_NAME", ""),
    "DPO": os.environ.get("MAILLAGE_DPO", ""),
    # Largest document that may be joined to a request, in megabytes.
    "UPLOAD_MAX_MB": int(os.environ.get("MAILLAGE_UPLOAD_MAX_MB", "10")),
    # Address of map tiles; empty: maps are drawn from our own contours, nothing is fetched.
    "TILE_URL": os.environ.get("MAILLAGE_TILE_URL", ""),
    "TILE_CREDIT": os.environ.get("MAILLAGE_TILE_CREDIT", ""),
    # Days after which mails that have left, then messages that were read, are erased.
    "MAIL_DAYS": int(os.environ.get("MAILLAGE_MAIL_DAYS", "90")),
    "MESSAGE_DAYS": int(os.environ.get("MAILLAGE_MESSAGE_DAYS", "365")),
    # Days after which the contacts of a request that has ended are erased.
    "CONTACT_DAYS": int(os.environ.get("MAILLAGE_CONTACT_DAYS", "1095")),
    # Months after which an entry is to be confirmed again, then leaves the answers.
    "CONFIRM_MONTHS": int(os.environ.get("MAILLAGE_CONFIRM_MONTHS", "12")),
    "SET_ASIDE_MONTHS": int(os.environ.get("MAILLAGE_SET_ASIDE_MONTHS", "24")),
    # Months after its last day after which an offer leaves the lists; 0: never.
    "CLOSED_MONTHS": int(os.environ.get("MAILLAGE_CLOSED_MONTHS", "6")),
    # Days during which a need that was not understood is kept (its words alone); 0: never kept.
    "UNMET_DAYS": int(os.environ.get("MAILLAGE_UNMET_DAYS", "365")),
    # Days during which the reports of imports are kept.
    "IMPORT_DAYS": int(os.environ.get("MAILLAGE_IMPORT_DAYS", "90")),
    # Are the links of the catalogue looked at each night?
    "CHECK_LINKS": os.environ.get("MAILLAGE_CHECK_LINKS", "1") == "1",
    # Aides-territoires: base address of its API (empty: not connected), version, token.
    "AIDES_TERRITOIRES_URL": os.environ.get("MAILLAGE_AIDES_TERRITOIRES_URL", ""),
    "AIDES_TERRITOIRES_VERSION": os.environ.get("MAILLAGE_AIDES_TERRITOIRES_VERSION", "1.8"),
    "AIDES_TERRITOIRES_TOKEN": os.environ.get("MAILLAGE_AIDES_TERRITOIRES_TOKEN", ""),
    # The licence under which the open files are given.
    "DATA_LICENCE": os.environ.get("MAILLAGE_DATA_LICENCE", "Licence Ouverte 2.0"),
    "DATA_LICENCE_URL": os.environ.get(
        "MAILLAGE_DATA_LICENCE_URL",
        "https://www.etalab.gouv.fr/wp-content/uploads/2017/04/ETALAB-Licence-Ouverte-v2.0.pdf",
    ),
    # Is the study of a fund at 1 ‰ of local investment proposed (/financement/un-pour-mille/)?
    "STUDY_PERMILLE": os.environ.get("MAILLAGE_STUDY_PERMILLE", "1") == "1",
    # The demonstration: example accounts, one click to become each. Never in production.
    "DEMO": os.environ.get("MAILLAGE_DEMO", "") == "1",
    # Invented offers are proposed only where the demonstration was asked for (`run --demo`).
    "DEMO_OFFERS": os.environ.get("MAILLAGE_DEMO", "") == "1" or paths.demonstration(),
}
