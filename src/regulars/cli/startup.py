"""What most commands need before they can work: a database that runs."""

import contextlib
import functools
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import connection, connections

from regulars.kit.errors import Unavailable
from regulars.postgres import facade as postgres

P = ParamSpec("P")
R = TypeVar("R")

VERSION_MIN = 15


class DatabaseTooOld(Unavailable):
    """The PostgreSQL behind DATABASE_URL is older than we support."""

    code = "database_too_old"


class DatabaseMoved(Unavailable):
    """`regulars move` has closed this database for good: another one took its place."""

    code = "database_moved"


@contextlib.contextmanager
def database() -> Iterator[postgres.Attachment | None]:
    """Have the database running meanwhile: the embedded one is started if need be, and held.

    Yields None where DATABASE_URL names a server of someone else's care. Raises PostgresUnavailable.
    """
    if not settings.EMBEDDED_POSTGRES:
        yield None
        return
    with postgres.attach(settings.DATA_DIR) as attachment:
        try:
            yield attachment
        finally:
            connections.close_all()


def with_database(command: Callable[P, R]) -> Callable[P, R]:
    """A command whose body needs the database."""

    @functools.wraps(command)
    def run(*arguments: P.args, **named: P.kwargs) -> R:
        with database():
            return command(*arguments, **named)

    return run


def require_version() -> None:
    """Refuse a server that is too old and a database that was moved. Raises DatabaseTooOld, DatabaseMoved."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('server_version_num')::int / 10000, "
            "current_setting('default_transaction_read_only') = 'on'"
        )
        major, is_closed = cursor.fetchone()
    if major < VERSION_MIN:
        raise DatabaseTooOld(
            f"The database is PostgreSQL {major}, and Regulars needs {VERSION_MIN} or newer: "
            "upgrade it, or unset DATABASE_URL to use the embedded one."
        )
    if is_closed:
        raise DatabaseMoved(
            "This database was moved to another server: set DATABASE_URL to that one, or take this one back "
            "into use with `regulars move --back`."
        )
