"""One prepared statement on Django's connection, without what Django does around a cursor.

For paths that are walked thousands of times a second: Django's cursor, and a health check before it, cost
more than the driver. The statement belongs to the present transaction, or commits by itself.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


def fetch_rows(text: str, values: Sequence[str | None]) -> list[tuple[Any, ...]]:
    """Run a statement whose parameters all travel as text: one plan for it, whatever the size of a number.

    Where queries are watched (tests count them) it takes Django's way, to be seen. Raises Django's errors.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.queries_logged or database.execute_wrappers:
        with database.cursor() as watched:
            watched.execute(text, values)
            return list(watched.fetchall())
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors, psycopg.Cursor(database.connection) as cursor:
        cursor.execute(text, values, prepare=True)
        return cursor.fetchall()


def as_text(argument: object) -> str | None:
    """A parameter as PostgreSQL reads it; None stays NULL."""
    if argument is None or type(argument) is str:
        return argument
    if isinstance(argument, datetime):
        return argument.isoformat()
    return str(argument)
