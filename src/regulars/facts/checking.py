"""Comparing facts with PostgreSQL: files with what is written of them, counts and sums with the source."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from regulars.facts import policies
from regulars.facts.declared import list_extracts
from regulars.facts.errors import FactsMissing
from regulars.facts.models import FactsFile, FactsState
from regulars.facts.queries import list_files
from regulars.facts.schemas import SCHEMAS
from regulars.facts.statements import select_changed, select_sums, summed_columns
from regulars.facts.types import Difference, Extract, OnProgress, SyncProgress, VerifyReport

if TYPE_CHECKING:
    from regulars.facts.source import Snapshot


def verify_facts(*, on_progress: OnProgress = lambda _progress: None) -> VerifyReport:
    """Compare every file with its hash, and the rows in it with PostgreSQL: counts and sums by month.

    A month in which something was written since the last sync may differ: it is named, and awaited.
    Locks: that of the facts. Raises FactsMissing, FactsBusy, ExtractsIncomplete.
    """
    # Heavy: see the facade.
    from regulars.facts.engine import open_duckdb  # noqa: PLC0415
    from regulars.facts.source import open_snapshot  # noqa: PLC0415

    with open_snapshot(adbc=False) as snapshot:
        state = FactsState.objects.first()
        if state is None:
            raise FactsMissing("No facts were copied yet: run `regulars facts sync`.")
        check = _Check(snapshot, state, open_duckdb(), on_progress)
        differences = [found for extract in list_extracts() for found in check.compare(extract)]
    return VerifyReport(check.files, check.rows, tuple(differences))


class _Check:
    """One comparison under way."""

    def __init__(
        self, snapshot: "Snapshot", state: FactsState, backend: Any, on_progress: OnProgress
    ) -> None:
        self.files = 0
        self.rows = 0
        self._snapshot = snapshot
        self._backend = backend
        self._on_progress = on_progress
        self._root = Path(settings.FACTS_DIR)
        self._parameters = {
            "zone": state.time_zone,
            "since": policies.short_xid(state.oldest_running),
        }
        self._is_comparable = policies.continues(
            state,
            zone=state.time_zone,
            system=snapshot.system,
            oldest_running=snapshot.oldest_running,
        )

    def compare(self, extract: Extract) -> Iterator[Difference]:
        """What is wrong with one table."""
        columns = summed_columns(SCHEMAS[extract.table])
        source = {
            month: tuple(int(value) for value in values)
            for month, *values in self._snapshot.fetch(select_sums(extract), self._parameters)
        }
        known = {row.month: row for row in list_files(extract.table)}
        awaited = self._find_awaited(extract)
        for month in sorted(source.keys() | known.keys()):
            empty = (0,) * (len(columns) + 1)
            copied, problem = self._read_file(known[month], columns) if month in known else (empty, "")
            if problem:
                yield Difference(extract.table, month, problem)
                continue
            told = _tell(("rows", *columns), source.get(month, empty), copied)
            if told:
                yield Difference(extract.table, month, told, is_awaited=month in awaited)
            self.rows += copied[0]
            self._on_progress(SyncProgress(extract.table, self.rows))

    def _find_awaited(self, extract: Extract) -> set[str]:
        if not self._is_comparable:
            return set()
        return {
            month
            for statement in select_changed(extract)
            for month, _day in self._snapshot.fetch(statement, self._parameters)
        }

    def _read_file(self, row: FactsFile, columns: list[str]) -> tuple[tuple[int, ...], str]:
        """Rows and sums as they stand in the file, and what is wrong with it."""
        # Heavy: see the facade.
        from regulars.facts.reading import sum_file  # noqa: PLC0415
        from regulars.facts.writing import hash_file  # noqa: PLC0415

        self.files += 1
        path = self._root / row.file
        if not path.exists():
            return (), "its file is gone"
        if path.stem != hash_file(path):
            return (), "its file was changed after it was written"
        told = (row.rows, *(int(row.sums.get(name, 0)) for name in columns))
        found = sum_file(self._backend, path, columns)
        return found, _tell(("rows", *columns), told, found, left="the manifest")


def _tell(
    names: tuple[str, ...], there: tuple[int, ...], here: tuple[int, ...], *, left: str = "PostgreSQL"
) -> str:
    parts = [
        f"{name} {ours:,} where {left} has {theirs:,}"
        for name, theirs, ours in zip(names, there, here, strict=True)
        if theirs != ours
    ]
    return "; ".join(parts)
