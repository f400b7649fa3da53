"""The door of the web server.

What each process holds in memory (directory of communes, catalogue and its index) is built before
the door opens and before the server forks: the first visitor does not wait, and the processes
share it.
"""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "maillage.config.settings.prod")
application = get_wsgi_application()


def _warm() -> None:
    from django.db import connections
    from django.urls import get_resolver

    from maillage.desk import orientation

    orientation.warm()
    get_resolver()._populate()
    connections.close_all()
    gc.collect()
    gc.freeze()  # keeps shared pages shared: the collector would write in each of them


_warm()
