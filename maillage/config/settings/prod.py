"""For service. `make run` uses it too: what is tried at home is what is served.

Behind HTTPS, set ``MAILLAGE_HTTPS=1``: cookies become secure and browsers are told to stay on it.
"""

import os

from maillage.config.settings.base import *  # noqa: F403

_https = os.environ.get("MAILLAGE_HTTPS", "") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_SSL_REDIRECT = _https
SESSION_COOKIE_SECURE = _https
CSRF_COOKIE_SECURE = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
