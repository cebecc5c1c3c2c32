"""What the web server runs. Each web process attaches to the embedded PostgreSQL by itself."""

import gc
import os
from multiprocessing import util

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from regulars.api.handler import ApiHandler, PrefixDispatch
from regulars.postgres import facade as postgres

if settings.EMBEDDED_POSTGRES:
    _attachment = postgres.attach(settings.DATA_DIR)
    # A web server's child made by multiprocessing ends without running atexit; it does run finalizers,
    # and so does any other process at its end.
    util.Finalize(None, _attachment.close, exitpriority=0)

# Requests under /api/ take a middleware stack of their own: the API needs no sessions and no forms.
site = get_wsgi_application()

from regulars.api.quick import QuickLane  # noqa: E402 (it uses the rooms, which Django has only now made ready)

# What is loaded by now stays for good. Looking for rubbish among it took a tenth of a second, in which no
# request of this process was answered.
gc.collect()
gc.freeze()

application = PrefixDispatch(site=site, api=ApiHandler(), quick=QuickLane().answer)
