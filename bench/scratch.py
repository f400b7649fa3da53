"""A scratch database for a measure that writes: made for it, dropped at the end."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_PLAIN_FILES = "django.contrib.staticfiles.storage.StaticFilesStorage"


@contextmanager
def scratch_database() -> Iterator[None]:
    """Set Django up on a database of its own, empty, in which pages can be answered."""
    from maillage.config import database

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings.test")
    database.ensure()
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import override_settings, setup_test_environment

    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        # Static files need not have been built: their addresses are enough.
        with override_settings(STORAGES={"staticfiles": {"BACKEND": _PLAIN_FILES}}):
            yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
