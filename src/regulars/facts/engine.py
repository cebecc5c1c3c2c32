"""The engines facts are queried with. Imports Ibis: for worker and command line, never for the web."""

import itertools
from collections.abc import Mapping
from datetime import date
from pathlib import Path
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
    """Open a session on a Spark master (`spark://host:port`); one at a time in a process.

    `options` are Spark's own, and go before ours. Integers that overflow and divisions by zero are errors
    there, not nulls (ANSI). Raises SparkMissing.
    """
    try:
        from regulars.facts.spark import start_session  # noqa: PLC0415 - an extra of its own
    except ModuleNotFoundError as error:
        raise SparkMissing(
            f"REGULARS_ENGINE names {master}, and {error.name} is not installed: "
            "pip install 'regulars[spark]', or unset it to use DuckDB, which needs nothing else."
        ) from error
    return cast(BaseBackend, start_session(master, options or {}))


def hold_arrow(
    tables: Mapping[str, Any], *, as_of: date, time_zone: str, backend: BaseBackend | None = None
) -> Facts:
    """Hold Arrow tables as facts, on DuckDB in process unless a backend is given."""
    # Two that are held by one backend must not be in each other's way.
    suffix = f"_{next(_numbers)}"
    unknown = set(tables) - set(SCHEMAS)
    if unknown:
        raise ValueError(f"no such tables: {sorted(unknown)}")
    backend = backend or open_duckdb()
    held = {}
    for name, schema in SCHEMAS.items():
        table = tables.get(name)
        fitted = make_arrow_schema(schema).empty_table() if table is None else fit_table(schema, table)
        held[name] = _put(backend, name + suffix, fitted)
    return Facts(**held, backend=backend, as_of=as_of, time_zone=time_zone)


def _put(backend: BaseBackend, name: str, table: Any) -> Any:
    if backend.name == "duckdb":
        cast(Any, backend).con.register(name, table)
    else:
        cast(Any, backend)._session.createDataFrame(table).createOrReplaceTempView(name)
    return backend.table(name)
