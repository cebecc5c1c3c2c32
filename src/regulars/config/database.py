"""Which PostgreSQL is used: DATABASE_URL's, or the embedded one of the data directory."""

import os
from pathlib import Path
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from regulars.config import environment
from regulars.postgres import facade as postgres

# Django turns prepared statements off; this lets those be prepared that ask for it, and no others.
ONLY_WHERE_ASKED = 2**31


def is_embedded() -> bool:
    """True where no DATABASE_URL is set, and a process must attach to the embedded server to use it."""
    return not os.environ.get("DATABASE_URL")


def configuration(data_dir: Path) -> dict[str, Any]:
    """Django's DATABASES entry. Starts nothing: the embedded address follows from the data directory."""
    found = _common() | (_embedded(data_dir) if is_embedded() else _from_url(os.environ["DATABASE_URL"]))
    if not environment.flag("REGULARS_POOLER"):
        found["OPTIONS"] = {"prepare_threshold": ONLY_WHERE_ASKED} | found.get("OPTIONS", {})
    return found


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
    """What the address says, as libpq itself reads it. Raises ImproperlyConfigured."""
    scheme, _, rest = url.partition("://")
    if scheme not in {"postgres", "postgresql"}:
        found = f"{scheme}://" if rest else "something else"
        raise ImproperlyConfigured(f"DATABASE_URL must begin with postgresql://, not {found}.")
    try:
        told = conninfo_to_dict(url)
    except (psycopg.Error, UnicodeError) as error:
        # libpq goes on to quote from the address after a colon, and that may be the password.
        raise _not_an_address(str(error).partition(": ")[0].strip()) from None
    port = str(told.pop("port", ""))
    if not all(part.isdecimal() for part in port.split(",") if part):
        raise _not_an_address("its port is no number")
    return {
        "NAME": told.pop("dbname", "regulars"),
        "USER": told.pop("user", ""),
        "PASSWORD": told.pop("password", ""),
        "HOST": told.pop("host", ""),
        "PORT": port,
        "OPTIONS": told,
    }


def _not_an_address(reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(
        f"DATABASE_URL is not an address ({reason}): it reads postgresql://user:password@host:port/database, "
        "where / ? # @ : and % in a name or password are written %2F %3F %23 %40 %3A and %25."
    )
