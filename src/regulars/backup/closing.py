"""Closing a database for writing while it is moved, and for good afterwards."""

from django.db import connection

_SETTING = "ALTER ROLE CURRENT_USER IN DATABASE {} {} default_transaction_read_only{}"


def close_database() -> None:
    """From now on, every new session of our role in this database is read-only.

    A setting of the role in the database: every role may set it for itself, and it outlives a crash.
    """
    _set(" = on", "SET")


def open_database() -> None:
    """Take back `close_database`. Changes nothing where it was not closed."""
    _set("", "RESET")


def _set(value: str, verb: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = off")  # of this session, to be able to
        cursor.execute("SELECT quote_ident(current_database())")
        cursor.execute(_SETTING.format(cursor.fetchone()[0], verb, value))
    connection.close()  # the next one has the new default
