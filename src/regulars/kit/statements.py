"""One prepared statement on Django's connection, without what Django does around a cursor.

For paths that are walked thousands of times a second: Django's cursor, and a health check before it, cost
more than the driver. The statement belongs to the present transaction, or commits by itself.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import pq
from psycopg.adapt import Transformer

_prepared: WeakKeyDictionary[psycopg.Connection, dict[str, bytes]] = WeakKeyDictionary()
"""What each connection has prepared, by text. A connection belongs to one thread."""


@dataclass(frozen=True, slots=True)
class Lookup:
    """A query for one id with one parameter: how a room hands another the way to what it names, unasked yet.

    The other puts it into a statement of its own, and both are one round trip.
    """

    text: str
    value: str


def fetch_rows(text: str, values: Sequence[str | None]) -> list[tuple[Any, ...]]:
    """Run a statement whose parameters all travel as text: one plan for it, whatever the size of a number.

    Where queries are watched (tests count them) it takes Django's way, to be seen; inside a transaction the
    driver's, which begins it. Raises Django's errors.
    """
    database = connections[DEFAULT_DB_ALIAS]
    if database.queries_logged or database.execute_wrappers:
        with database.cursor() as watched:
            watched.execute(text, values)
            return list(watched.fetchall())
    database.ensure_connection()
    database.validate_no_broken_transaction()
    with database.wrap_database_errors:
        driver = database.connection
        if driver.autocommit and driver.prepare_threshold is not None:
            return _fetch_alone(driver, text, values)
        with psycopg.Cursor(driver) as cursor:
            cursor.execute(text, values, prepare=True)
            return cursor.fetchall()


def _fetch_alone(
    driver: psycopg.Connection, text: str, values: Sequence[str | None]
) -> list[tuple[Any, ...]]:
    """A statement that is a transaction of its own, straight through libpq: half of what a cursor costs."""
    encoded = [None if value is None else value.encode() for value in values]
    if any(value is not None and b"\0" in value for value in encoded):
        raise psycopg.DataError("PostgreSQL text fields cannot contain NUL (0x00) bytes")
    names = _prepared.setdefault(driver, {})
    name = names.get(text)
    if name is None:
        name = names[text] = _prepare(driver, text)
    result = driver.pgconn.exec_prepared(name, encoded)  # type: ignore[arg-type]
    if result.status != pq.ExecStatus.TUPLES_OK:
        error = psycopg.errors.error_from_result(result, encoding="utf-8")
        # The driver lets go of what is prepared when a transaction is rolled back.
        if not isinstance(error, psycopg.errors.InvalidSqlStatementName):
            raise error
        del _prepared[driver]
        return _fetch_alone(driver, text, values)
    reader = Transformer(driver)
    reader.set_pgresult(result)
    return reader.load_rows(0, result.ntuples, tuple)


def _prepare(driver: psycopg.Connection, text: str) -> bytes:
    parts = text.split("%s")
    numbered = parts[0] + "".join(f"${place}{part}" for place, part in enumerate(parts[1:], start=1))
    # Named by its text, so that a name never stands for anything else.
    name = f"regulars_{blake2b(text.encode(), digest_size=12).hexdigest()}".encode()
    result = driver.pgconn.prepare(name, numbered.encode())
    if result.status == pq.ExecStatus.COMMAND_OK:
        return name
    error = psycopg.errors.error_from_result(result, encoding="utf-8")
    # It stands there still, from before we forgot it.
    if isinstance(error, psycopg.errors.DuplicatePreparedStatement):
        return name
    raise error


def as_text(argument: object) -> str | None:
    """A parameter as PostgreSQL reads it; None stays NULL."""
    if argument is None or type(argument) is str:
        return argument
    if isinstance(argument, datetime):
        return argument.isoformat()
    return str(argument)
