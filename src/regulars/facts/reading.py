"""Opening the files of the manifest as facts. Imports Ibis: for worker and command line only."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from django.conf import settings
from django.db.models import Max
from ibis.backends import BaseBackend

from regulars.facts import policies
from regulars.facts.arrow import make_arrow_schema
from regulars.facts.engine import hold_table, name_apart, open_duckdb, share_spark
from regulars.facts.errors import FactsMissing
from regulars.facts.models import FactsChange, FactsState
from regulars.facts.policies import SPILL
from regulars.facts.queries import list_files
from regulars.facts.schemas import SCHEMAS
from regulars.facts.types import Facts

ADVICE = "run `regulars facts sync`, or wait for the job that does"


@contextmanager
def open_files() -> Iterator[Facts]:
    """Open what was last synced. Files that a sync replaces meanwhile stay for hours. Raises FactsMissing."""
    state = FactsState.objects.first()
    if state is None:
        raise FactsMissing(f"No facts were copied yet: {ADVICE}.")
    # Before the files: what a sync swaps in meanwhile is rather taken in twice than never.
    change = FactsChange.objects.aggregate(last=Max("pk"))["last"] or 0
    root = Path(settings.FACTS_DIR)
    rows = list_files()
    gone = [row for row in rows if not policies.is_there(root, row)]
    if gone:
        raise FactsMissing(
            f"{len(gone)} of {len(rows)} files of facts are not in {root}, such as {gone[0].file}: {ADVICE}."
        )
    with ExitStack() as stack:
        if settings.ENGINE:
            backend = stack.enter_context(share_spark(settings.ENGINE))
        else:
            # One for each: engines that shared it would write over what the other one put there.
            (root / SPILL).mkdir(parents=True, exist_ok=True)
            spill_dir = Path(stack.enter_context(TemporaryDirectory(dir=root / SPILL)))
            backend = open_duckdb(spill_dir=spill_dir)
            stack.callback(backend.disconnect)
        held = {
            name: hold_files(backend, name, [root / row.file for row in rows if row.table == name])
            for name in SCHEMAS
        }
        yield Facts(**held, backend=backend, as_of=state.as_of, time_zone=state.time_zone, change=change)


def hold_files(backend: BaseBackend, name: str, paths: Sequence[Path]) -> Any:
    """Hold Parquet files as one table; none are an empty one."""
    schema = SCHEMAS[name]
    if not paths:
        return hold_table(backend, name_apart(name), make_arrow_schema(schema).empty_table())
    if backend.name == "duckdb":
        return backend.read_parquet([str(path) for path in paths], table_name=name_apart(name))
    from regulars.facts.spark import hold_parquet  # noqa: PLC0415 - an extra of its own

    view = name_apart(name)
    hold_parquet(cast(Any, backend), view, schema, paths)
    return backend.table(view)


def sum_file(backend: BaseBackend, path: Path, columns: Sequence[str]) -> tuple[int, ...]:
    """Count the rows of a file and sum columns of it, as they stand in it. DuckDB only."""
    sums = "".join(f", coalesce(sum({name}), 0)::varchar" for name in columns)
    query = f"SELECT count(*){sums} FROM read_parquet(?)"  # noqa: S608 - columns of the schemas
    return tuple(int(value) for value in cast(Any, backend).con.execute(query, [str(path)]).fetchone())
