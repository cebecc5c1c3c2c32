"""Reading PostgreSQL as Arrow in one snapshot: by ADBC, and by COPY where that is missing or fails.

Imports pyarrow: for worker and command line, never for the web.
"""

import io
import json
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
import pyarrow as pa
from django.db import connection as django_connection
from psycopg.conninfo import make_conninfo
from pyarrow import csv

from regulars.facts.arrow import ARROW_TYPES, fit_column, make_arrow_schema
from regulars.facts.errors import FactsBusy
from regulars.facts.schemas import SCHEMAS, ColumnType, Schema
from regulars.facts.types import Extract

SYNC_LOCK = 0x46414354
"""The advisory lock of whoever writes facts; any constant will do."""
SETTINGS = (
    "SET LOCAL timezone = 'UTC'",
    # It takes as long as it takes, and one connection waits while the other one reads.
    "SET LOCAL statement_timeout = 0",
    "SET LOCAL idle_in_transaction_session_timeout = 0",
)
BATCH_BYTES = 4 * 1024 * 1024
OURS = ("cursor_factory", "context", "prepare_threshold")
"""What Django adds to the parameters that libpq knows."""
LISTS = (ColumnType.INTEGERS, ColumnType.TEXTS)
log = logging.getLogger(__name__)


class Snapshot:
    """One transaction that sees the database as it was at one instant, and others that see the same.

    `oldest_running` is the oldest transaction that had not ended then; `now` is that instant.
    """

    def __init__(self, connection: psycopg.Connection[Any], conninfo: str, *, adbc: bool) -> None:
        self._connection = connection
        self._conninfo = conninfo
        self._adbc: Any = None
        self.transport = ""
        self._wants_adbc = adbc
        row = self.fetch(
            """SELECT pg_export_snapshot(), pg_snapshot_xmin(pg_current_snapshot())::text::bigint, now(),
                (SELECT system_identifier FROM pg_control_system()) || '/' || (
                    SELECT oid FROM pg_database WHERE datname = current_database())""",
            {},
        )[0]
        self._name, self.oldest_running, self.now, self.system = row

    def fetch(self, statement: str, parameters: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run a query in the snapshot."""
        return self._connection.execute(statement.encode(), parameters).fetchall()

    def read(self, extract: Extract, statement: str, parameters: Mapping[str, Any]) -> Iterator[Any]:
        """Give the rows as pyarrow.RecordBatches of the schema, a few megabytes each."""
        schema = SCHEMAS[extract.table]
        text = psycopg.ClientCursor(self._connection).mogrify(statement, parameters)
        if self._wants_adbc and self._open_adbc():
            self.transport = "adbc"
            return self._read_adbc(schema, text)
        self.transport = "copy"
        return self._read_copy(schema, text)

    def give_up_adbc(self, error: Exception) -> bool:
        """Go on by COPY; False where that was the way already."""
        if self.transport != "adbc":
            return False
        log.warning("ADBC failed, facts are read by COPY: %s", error)
        self._wants_adbc = False
        return True

    def close(self) -> None:
        """Let go of the second connection; whoever opened the first closes it."""
        if self._adbc is not None:
            self._adbc.close()
            self._adbc = None

    def _open_adbc(self) -> bool:
        if self._adbc is not None:
            return True
        try:
            from adbc_driver_postgresql import dbapi  # noqa: PLC0415 - may be missing
        except ImportError as error:
            log.warning("ADBC is missing, facts are read by COPY: %s", error)
            self._wants_adbc = False
            return False
        try:
            self._adbc = dbapi.connect(make_adbc_address(self._conninfo))
            with self._adbc.cursor() as cursor:
                for setting in (
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY",
                    f"SET TRANSACTION SNAPSHOT '{self._name}'",
                    *SETTINGS,
                ):
                    cursor.execute(setting)
        except (dbapi.Error, OSError) as error:
            self.close()
            log.warning("ADBC does not connect, facts are read by COPY: %s", error)
            self._wants_adbc = False
            return False
        return True

    def _read_adbc(self, schema: Schema, statement: str) -> Iterator[Any]:
        with self._adbc.cursor() as cursor:
            cursor.adbc_statement.set_options(**{"adbc.postgresql.batch_size_hint_bytes": str(BATCH_BYTES)})
            cursor.execute(statement)
            for batch in cursor.fetch_record_batch():
                yield _fit(schema, batch)

    def _read_copy(self, schema: Schema, statement: str) -> Iterator[Any]:
        plain = f"SELECT {_plain_columns(schema)} FROM ({statement}) AS rows"  # noqa: S608 - of extracts
        query = f"COPY ({plain}) TO STDOUT (FORMAT csv)"
        with self._connection.cursor() as cursor, cursor.copy(query.encode()) as copy:
            blocks = _Blocks(copy)
            if blocks.is_empty():  # which pyarrow takes for a fault
                return
            for batch in csv.open_csv(pa.PythonFile(blocks, mode="r"), **_csv_options(schema)):
                yield _fit_copied(schema, batch)


@contextmanager
def open_snapshot(*, adbc: bool = True) -> Iterator[Snapshot]:
    """Hold a snapshot of the database, alone: raises FactsBusy where another sync is at work."""
    parameters = {
        name: value for name, value in django_connection.get_connection_params().items() if name not in OURS
    }
    conninfo = make_conninfo(**parameters)
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        for setting in SETTINGS:
            connection.execute(setting.encode())
        # Of the transaction, not of the session: a pooler may hand the session to somebody else.
        row = connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [SYNC_LOCK]).fetchone()
        if row is None or not row[0]:
            raise FactsBusy("Facts are being copied already; try again when that is done.")
        snapshot = Snapshot(connection, conninfo, adbc=adbc)
        try:
            yield snapshot
        finally:
            snapshot.close()


def make_adbc_address(conninfo: str) -> str:
    """Where ADBC finds the same server: libpq reads it there too."""
    return conninfo


class _Blocks(io.RawIOBase):
    """What COPY sends, as a file that can be read once."""

    def __init__(self, copy: Any) -> None:
        self._copy = copy
        self._rest = bytearray()

    def is_empty(self) -> bool:
        """Whether nothing comes at all."""
        self._rest += self._copy.read()
        return not self._rest

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def read(self, size: int = -1) -> bytes:
        """Give `size` bytes, fewer only at the end. The server sends a row at a time."""
        while size < 0 or len(self._rest) < size:
            row = self._copy.read()
            if not row:
                break
            self._rest += row
        taken = bytes(self._rest if size < 0 else self._rest[:size])
        del self._rest[: len(taken)]
        return taken


def _fit(schema: Schema, batch: Any) -> Any:
    columns = [
        fit_column(column.type, values) for column, values in zip(schema.columns, batch.columns, strict=True)
    ]
    return pa.RecordBatch.from_arrays(columns, schema=make_arrow_schema(schema))


def _plain_columns(schema: Schema) -> str:
    """Columns as text that means the same everywhere: instants in microseconds, lists as JSON."""
    found = []
    for column in schema.columns:
        if column.type is ColumnType.INSTANT:
            found.append(f"(extract(epoch FROM {column.name}) * 1000000)::bigint")
        elif column.type in LISTS:
            found.append(f"array_to_json({column.name})::text")
        else:
            found.append(column.name)
    return ", ".join(found)


def _csv_options(schema: Schema) -> dict[str, Any]:
    # One thread: batches come in order, and none is read ahead.
    return {
        "read_options": csv.ReadOptions(
            use_threads=False,
            block_size=BATCH_BYTES,
            column_names=[column.name for column in schema.columns],
        ),
        "parse_options": csv.ParseOptions(newlines_in_values=True),
        "convert_options": csv.ConvertOptions(
            column_types={column.name: _csv_type(column.type) for column in schema.columns},
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    }


def _csv_type(kind: ColumnType) -> Any:
    if kind is ColumnType.INSTANT:
        return pa.int64()
    return pa.string() if kind in LISTS else ARROW_TYPES[kind]


def _fit_copied(schema: Schema, batch: Any) -> Any:
    columns = []
    for column, values in zip(schema.columns, batch.columns, strict=True):
        if column.type in LISTS:
            lists = [None if text is None else json.loads(text) for text in values.to_pylist()]
            columns.append(pa.array(lists, ARROW_TYPES[column.type]))
        else:
            columns.append(values.cast(ARROW_TYPES[column.type]))
    return pa.RecordBatch.from_arrays(columns, schema=make_arrow_schema(schema))
