"""For the suite: what is undefined fails, nothing is sent, nothing is fetched."""

from maillage.config.settings.base import *  # noqa: F403
from maillage.config.settings.base import MAILLAGE as _MAILLAGE
from maillage.config.settings.base import MIDDLEWARE as _MIDDLEWARE
from maillage.config.settings.base import PACKAGE as _PACKAGE
from maillage.config.settings.base import TEMPLATES as _TEMPLATES

SECRET_KEY = "only-for-tests"  # noqa: S105 - a test key, of no value elsewhere
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Static files are not built for tests: nothing serves them, their addresses are enough.
MIDDLEWARE = [name for name in _MIDDLEWARE if "whitenoise" not in name]
STATICFILES_DIRS = [_PACKAGE / "static"]
# Needs are not put down in the state folder, but by the tests that ask for it.
MAILLAGE = {**_MAILLAGE, "DEMO": False, "DEMO_OFFERS": True, "UNMET_DAYS": 0}
TEMPLATES = [
    {
        **_TEMPLATES[0],
        "OPTIONS": {**_TEMPLATES[0]["OPTIONS"], "string_if_invalid": "VARIABLE-INCONNUE(%s)"},
    }
]
