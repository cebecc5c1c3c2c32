"""Facts many times as large: the real year, and copies of it under other numbers, written as Parquet.

    with hold_copies(10, target) as facts: …

Each copy has members, orders, returns, events and redemptions of its own; products and rewards stay. DuckDB
streams from file to file: memory does not grow with the copies.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from regulars.facts.facade import SCHEMAS, Facts

STRIDE = 10_000_000
"""Between the numbers of one copy and the next."""
NUMBERED = ("member_id", "order_id", "return_id", "event_id", "redemption_id", "change_id", "merged_into")
SHARED = ("products", "rewards")
MEMORY_MB = 1024


@contextmanager
def hold_copies(
    times: int,
    target: Path,
    *,
    memory_mb: int = MEMORY_MB,
    kept: Mapping[str, str] | None = None,
    there: Any = None,
) -> Iterator[Facts]:
    """Hold the last synced facts `times` times over, as files in `target`, which are kept for the next run.

    Needs the database for the manifest. Once is the synced files themselves. `kept` are conditions on `rows`
    and `copy.number` by table; copies of other conditions go to another `target`. `there`: an Ibis backend on
    Spark.
    """
    from django.conf import settings

    from regulars.facts.engine import open_duckdb
    from regulars.facts.models import FactsState
    from regulars.facts.queries import list_files
    from regulars.facts.reading import hold_files

    state = FactsState.objects.get()
    backend = open_duckdb(memory_mb=memory_mb, spill_dir=target / "spill")
    held = {}
    for name in SCHEMAS:
        paths = [Path(settings.FACTS_DIR) / row.file for row in list_files(name)]
        if times > 1 and name not in SHARED:
            condition = (kept or {}).get(name, "true")
            folder = target / str(times) / name
            paths = [write_copy(backend, path, folder, times, condition) for path in paths]
        held[name] = hold_files(there or backend, name, paths)
    try:
        yield Facts(**held, backend=there or backend, as_of=state.as_of, time_zone=state.time_zone)
    finally:
        backend.disconnect()


def write_copy(backend: object, path: Path, folder: Path, times: int, kept: str = "true") -> Path:
    """Write one file's rows `times` times; a file that is there already is taken as it is."""
    target = folder / path.name
    if target.exists():
        return target
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(f".{os.getpid()}.part")
    connection = backend.con  # type: ignore[attr-defined]
    columns = {row[0] for row in connection.execute(f"DESCRIBE FROM read_parquet('{path}')").fetchall()}
    renumbered = ", ".join(
        f"{name} + copy.number * {STRIDE} AS {name}" for name in NUMBERED if name in columns
    )
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(
        f"COPY (SELECT rows.* REPLACE ({renumbered}) FROM read_parquet('{path}') AS rows, "
        f"range({times}) AS copy(number) WHERE {kept}) TO '{part}' (FORMAT parquet, COMPRESSION zstd)"
    )
    part.replace(target)
    return target
