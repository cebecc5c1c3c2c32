"""Which PostgreSQL is used: DATABASE_URL's, or the embedded one of the data directory."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from regulars.postgres import facade as postgres


def is_embedded() -> bool:
    """True where no DATABASE_URL is set, and a process must attach to the embedded server to use it."""
    return not os.environ.get("DATABASE_URL")


def configuration(data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry. Starts nothing: the embedded address follows from the data directory."""
    return _common() | (_embedded(data_dir) if is_embedded() else _from_url(os.environ["DATABASE_URL"]))


def _common() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": False,
    }


def _embedded(data_dir: Path) -> dict[str, Any]:
    return {
        "NAME": postgres.DATABASE,
        "USER": postgres.ROLE,
        "HOST": str(postgres.socket_dir(data_dir)),
        "PORT": str(postgres.PORT),
    }


def _from_url(url: str) -> dict[str, Any]:
    try:
        parts = urlsplit(url)
        port = str(parts.port or "")
    except ValueError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is not an address ({error}).") from None
    if parts.scheme not in {"postgres", "postgresql"}:
        found = parts.scheme or "nothing"
        raise ImproperlyConfigured(f"DATABASE_URL must begin with postgresql://, not {found}://.")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.lstrip("/")) or "regulars",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", port),
        "OPTIONS": options,
    }
