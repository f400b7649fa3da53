"""How gunicorn serves the site (``docs/exploitation.md`` says what may be changed)."""

import os

from maillage.config import paths

preload_app = True  # what is held in memory is built once and shared by the processes
worker_class = "gthread"
threads = int(os.environ.get("MAILLAGE_THREADS", "4"))
keepalive = 5
limit_request_line = 8190  # an address kept whole by those who lengthened it by hand
timeout = 30
graceful_timeout = 5
max_requests = 20_000
max_requests_jitter = 2_000
loglevel = "error"
logger_class = "maillage.common.logs.AccessLog"  # a link's secret is not written
accesslog = str(paths.STATE / "journal" / "acces.log")
# The path without its query: a need told by a commune is nobody's business in a log.
access_log_format = "%(t)s %(m)s %(U)s %(s)s %(B)s %(M)sms"
