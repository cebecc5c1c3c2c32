"""The engines facts are queried with. Imports Ibis: for worker and command line, never for the web."""

import itertools
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import ibis
from ibis.backends import BaseBackend

from regulars.facts.arrow import fit_table, make_arrow_schema
from regulars.facts.errors import SparkMissing
from regulars.facts.schemas import SCHEMAS
from regulars.facts.types import Facts

MEMORY_MB_DEFAULT = 1024
_numbers = itertools.count(1)


def open_duckdb(*, memory_mb: int = MEMORY_MB_DEFAULT, spill_dir: Path | None = None) -> BaseBackend:
    """Open DuckDB in process. What does not fit into `memory_mb` goes to `spill_dir` (none: is refused)."""
    backend = ibis.duckdb.connect(":memory:", memory_limit=f"{memory_mb}MB")
    backend.raw_sql("SET TimeZone = 'UTC'")
    backend.con.execute("SET temp_directory = ?", [str(spill_dir or "")])
    return cast(BaseBackend, backend)


def start_spark(master: str, *, options: Mapping[str, str] | None = None) -> BaseBackend:
    """Open a session on a Spark master (`spark://host:port`). Raises SparkMissing, SparkUnreachable.

    `options` are Spark's own, and go before ours. Integers that overflow and divisions by zero are errors
    there, not nulls (ANSI).
    """
    return cast(BaseBackend, _spark(master).start_session(master, options or {}))


def share_spark(master: str) -> AbstractContextManager[BaseBackend]:
    """Open a session on a Spark master while the block runs. Raises SparkMissing, SparkUnreachable."""
    return cast("AbstractContextManager[BaseBackend]", _spark(master).share_session(master, {}))


def _spark(master: str) -> ModuleType:
    try:
        from regulars.facts import spark  # noqa: PLC0415 - an extra of its own
    except ModuleNotFoundError as error:
        raise SparkMissing(
            f"REGULARS_ENGINE names {master}, and {error.name} is not installed: "
            "pip install 'regulars[spark]', or unset it to use DuckDB, which needs nothing else."
        ) from error
    return spark


def hold_arrow(
    tables: Mapping[str, Any], *, as_of: date, time_zone: str, backend: BaseBackend | None = None
) -> Facts:
    """Hold Arrow tables as facts, on DuckDB in process unless a backend is given."""
    unknown = set(tables) - set(SCHEMAS)
    if unknown:
        raise ValueError(f"no such tables: {sorted(unknown)}")
    backend = backend or open_duckdb()
    held = {}
    for name, schema in SCHEMAS.items():
        table = tables.get(name)
        fitted = make_arrow_schema(schema).empty_table() if table is None else fit_table(schema, table)
        held[name] = hold_table(backend, name_apart(name), fitted)
    return Facts(**held, backend=backend, as_of=as_of, time_zone=time_zone)


def name_apart(table: str) -> str:
    """A name for a table that nothing else held by the same backend has."""
    return f"{table}_{next(_numbers)}"


def hold_table(backend: BaseBackend, name: str, table: Any) -> Any:
    """Hold a pyarrow.Table under a name."""
    if backend.name == "duckdb":
        cast(Any, backend).con.register(name, table)
    else:
        cast(Any, backend)._session.createDataFrame(table).createOrReplaceTempView(name)
    return backend.table(name)
