"""What the web server runs."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "regulars.config.settings")

from django.core.wsgi import get_wsgi_application  # noqa: E402  (settings must be named first)

application = get_wsgi_application()
