"""Stored state as plain values, and emptying the tables between tests that commit."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from tests.emptying import list_filled

TABLES = "ledger_wallet, ledger_journal, ledger_open_lot, ledger_pending_lot, ledger_open_hold, ledger_merged"
SEALED = "ledger_seal, ledger_head, ledger_checkpoint, ledger_signing_key"
LOCKED = ("ledger_journal", "ledger_seal", "ledger_checkpoint", "ledger_signing_key")


def read_rows(query: str, *places: Any, **names: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, names or places)
        return list(cursor.fetchall())


def run(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def read_everything() -> list[tuple[Any, ...]]:
    """All that the ledger stores, to see that a refusal changed nothing."""
    parts = [
        f"(SELECT array_agg(t::text ORDER BY t::text) FROM {table} AS t)" for table in TABLES.split(", ")
    ]
    return read_rows(f"SELECT {', '.join(parts)}")


@contextmanager
def history_unlocked() -> Iterator[None]:
    """Let a test tamper with the journal and with what is sealed, which nobody else may."""
    for table in LOCKED:
        run(f"ALTER TABLE {table} DISABLE TRIGGER {table}_append_only")
    try:
        yield
    finally:
        for table in LOCKED:
            run(f"ALTER TABLE {table} ENABLE TRIGGER {table}_append_only")


def empty_ledger() -> None:
    """For tests that commit. The models are unmanaged, so Django's own flush leaves these tables alone."""
    if list_filled(f"{TABLES}, {SEALED}".split(", ")):
        with history_unlocked():
            run(f"TRUNCATE {TABLES}, {SEALED}")
