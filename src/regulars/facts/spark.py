"""Ibis on Spark with results as Arrow: Ibis itself takes them through pandas, which costs types and memory.

Imports Ibis and Spark: for worker and command line, never for the web.
"""

import os
import socket
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

import ibis
from ibis.backends.pyspark import Backend
from ibis.formats.pandas import PandasData
from ibis.formats.pyarrow import PyArrowData
from pyspark import SparkContext
from pyspark.sql import SparkSession
from pyspark.sql.pandas.types import from_arrow_schema

from regulars.facts.arrow import make_arrow_schema
from regulars.facts.errors import SparkUnreachable
from regulars.facts.schemas import Schema

OPTIONS = {
    # Instants have no zone (see `arrow.py`); what has one is UTC.
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.timestampType": "TIMESTAMP_NTZ",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    # Integers that overflow and divisions by zero are errors, not nulls.
    "spark.sql.ansi.enabled": "true",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}
SCHEME, ANSWER_SECONDS = "spark://", 5
_lock = threading.Lock()
_users = 0
_is_ours = False


class SparkBackend(Backend):  # type: ignore[misc]  # Ibis is untyped
    """Ibis's backend for Spark, whose results and in-memory tables go as Arrow."""

    def to_pyarrow(
        self, expr: Any, /, *, params: Any = None, limit: int | str | None = None, **named: Any
    ) -> Any:
        """Run an expression; gives a pyarrow Table, Array or Scalar as the expression is one."""
        self._run_pre_execute_hooks(expr)
        table = expr.as_table()
        sql = self.compile(table, params=params, limit=limit, **named)
        found = self._session.sql(sql).toArrow()
        return expr.__pyarrow_result__(PyArrowData.convert_table(found, table.schema()))

    def execute(
        self, expr: Any, /, *, params: Any = None, limit: int | str | None = None, **named: Any
    ) -> Any:
        """Run an expression; gives a pandas DataFrame, Series or a value as the expression is one."""
        table = expr.as_table()
        found = self.to_pyarrow(table, params=params, limit=limit, **named).to_pandas()
        return expr.__pandas_result__(PandasData.convert_table(found, table.schema()))

    def _register_in_memory_table(self, op: Any) -> None:
        self._session.createDataFrame(op.data.to_pyarrow(op.schema)).createOrReplaceTempView(op.name)


def start_session(master: str, options: Mapping[str, str]) -> SparkBackend:
    """Open a session on a master (`spark://host:port`), or one more of the application that runs.

    Raises SparkUnreachable where nobody answers at the address.
    """
    running = SparkContext._active_spark_context
    if running is None or running.master != master:
        _check_reachable(master)
        # What runs there in Python wants our packages: on a cluster of one machine they are ours.
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master).appName("regulars")
    for name, value in {**OPTIONS, **options}.items():
        builder = builder.config(name, value)
    if ibis.options.pyspark is None:  # Ibis does this when its own backend is asked for by name
        SparkBackend.register_options()
    backend = SparkBackend().connect(builder.getOrCreate().newSession(), **_settable(options))
    return cast(SparkBackend, backend)


def _check_reachable(master: str) -> None:
    """At once, where Spark itself would try for a minute and then say something else."""
    addresses = master.removeprefix(SCHEME).split(",") if master.startswith(SCHEME) else []
    for address in addresses:
        host, _, port = address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()
        except (OSError, ValueError):
            continue
        return
    if addresses:
        raise SparkUnreachable(
            f"REGULARS_ENGINE names {master}, and no Spark master answers there. What was made before stays; "
            "start it, or unset REGULARS_ENGINE to use DuckDB."
        )


def _settable(options: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in {**OPTIONS, **options}.items() if name.startswith("spark.sql.")}


def hold_parquet(backend: SparkBackend, name: str, schema: Schema, paths: Sequence[Path]) -> None:
    """Hold files as a view. Their schema is known: finding it out would cost a job for each table.

    Workers open the files themselves: the directory must be the same to all of them.
    """
    types = from_arrow_schema(make_arrow_schema(schema), prefer_timestamp_ntz=True)
    files = backend._session.read.schema(types).parquet(*[path.as_uri() for path in paths])
    files.createOrReplaceTempView(name)


@contextmanager
def share_session(master: str, options: Mapping[str, str]) -> Iterator[SparkBackend]:
    """Open a session; an application that began with it ends with the last session that is shared so.

    Its end lets go of the cluster. An application that ran before is left running.
    """
    global _users, _is_ours  # noqa: PLW0603 - Spark has one application in a process
    with _lock:
        if not _users:
            _is_ours = SparkContext._active_spark_context is None
        backend = start_session(master, options)
        _users += 1
    try:
        yield backend
    finally:
        with _lock:
            _users -= 1
            if not _users and _is_ours:
                backend.disconnect()
