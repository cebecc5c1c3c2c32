"""What the web server runs. Each web process attaches to the embedded PostgreSQL by itself."""

import os
from multiprocessing import util

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")

from django.conf import settings  # noqa: E402  (settings must be named first)
from django.core.wsgi import get_wsgi_application  # noqa: E402

from regulars.postgres import facade as postgres  # noqa: E402

if settings.EMBEDDED_POSTGRES:
    _attachment = postgres.attach(settings.DATA_DIR)
    # A web server's child made by multiprocessing ends without running atexit; it does run finalizers,
    # and so does any other process at its end.
    util.Finalize(None, _attachment.close, exitpriority=0)

application = get_wsgi_application()
