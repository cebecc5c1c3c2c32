"""Copying facts: what changed since the last time, from one snapshot, swapped in by one commit."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction

from regulars.facts import policies
from regulars.facts.declared import find_time_zone, list_extracts
from regulars.facts.models import DroppedFile, FactsChange, FactsFile, FactsState
from regulars.facts.queries import list_files
from regulars.facts.schemas import SCHEMAS
from regulars.facts.statements import WHOLE, select_changed, select_rows
from regulars.facts.types import Extract, OnProgress, SyncProgress, SyncReport, TableSync

if TYPE_CHECKING:
    from regulars.facts.source import Snapshot
    from regulars.facts.writing import Written

GRACE = timedelta(hours=6)
"""How long a reader may take that began before its files were replaced."""
CHANGES_KEPT = timedelta(days=60)
"""Who has not followed for so long takes in everything anew."""
SPILL_KEPT = timedelta(days=2)
"""An engine that was killed leaves its directory behind; none works for so long."""


def sync_facts(
    *,
    now: datetime,
    whole: bool = False,
    adbc: bool = True,
    on_progress: OnProgress = lambda _progress: None,
) -> SyncReport:
    """Copy what changed since the last sync into Parquet; with `whole`, everything.

    All tables are read in one snapshot. Each month that something was written in is written anew, beside the
    file that holds it now, and all are swapped by one commit: a reader sees the former state or the new one,
    also where this process is killed. What was not seen to its end the last time, such as a transaction that
    was still running, is read again. Memory does not grow with the data.
    Locks: that of the facts, for one sync at a time. Raises FactsBusy, ExtractsIncomplete, OSError.
    """
    # Heavy: see the facade.
    from regulars.facts.source import open_snapshot  # noqa: PLC0415

    began = time.monotonic()
    root = Path(settings.FACTS_DIR)
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    extracts = list_extracts()
    zone = find_time_zone(now)
    with open_snapshot(adbc=adbc) as snapshot:
        sweep_files(root, now=now)
        state = FactsState.objects.first()
        is_whole = whole or not policies.continues(
            state, zone=zone, system=snapshot.system, oldest_running=snapshot.oldest_running
        )
        since = None if is_whole or state is None else state.oldest_running
        sync = _Sync(snapshot, root, zone, since, on_progress)
        tables = [sync.copy(extract) for extract in extracts]
        as_of = policies.last_whole_day(snapshot.now, zone)
        fresh = FactsState(
            id=1,
            synced_at=snapshot.now,
            as_of=as_of,
            time_zone=zone,
            system=snapshot.system,
            oldest_running=snapshot.oldest_running,
            layout=policies.LAYOUT,
            transport=snapshot.transport or (state.transport if state else ""),
            seconds=time.monotonic() - began,
        )
        sync.swap(fresh)
        transport = snapshot.transport
    return SyncReport(tuple(tables), as_of, zone, transport, is_whole, time.monotonic() - began)


class _Sync:
    """One sync under way: what is known, what was read, and what is to be swapped in."""

    def __init__(
        self, snapshot: "Snapshot", root: Path, zone: str, since: int | None, on_progress: OnProgress
    ) -> None:
        self._snapshot = snapshot
        self._root = root
        self._parameters: Mapping[str, Any] = {"zone": zone, "since": policies.short_xid(since)}
        self._is_whole = since is None
        self._on_progress = on_progress
        self._rows = 0
        self._written: list[Written] = []
        self._replaced: list[FactsFile] = []
        self._first_on: date | None = None

    def copy(self, extract: Extract) -> TableSync:
        """Read what changed of one table and write it beside what is there."""
        known = {row.month: row for row in list_files(extract.table)}
        days = {} if self._is_whole else self._find_changed(extract, known)
        months = None if self._is_whole else sorted(days)
        if months is not None and not months:
            return TableSync(extract.table, (), len(known), 0, 0)
        if months and not SCHEMAS[extract.table].monthly:
            months = None
        intact = {month: row for month, row in known.items() if policies.is_there(self._root, row)}
        written = self._read(extract, months)
        replaced = [row for month, row in known.items() if months is None or month in months]
        fresh = [one for one in written if policies.differs(one, intact.get(one.month))]
        kept = {one.file for one in written}
        gone = {row.month for row in replaced} - {one.month for one in written}
        new = {one.month for one in fresh if one.month not in known or known[one.month].file != one.file}
        if SCHEMAS[extract.table].monthly:
            for month in gone | new:
                self._note_change(days.get(month) or policies.first_day_of(month))
        self._written += fresh
        self._replaced += [row for row in replaced if row.file not in kept]
        return TableSync(
            extract.table,
            tuple(one.month for one in fresh),
            len(known) - len(replaced) + len(written) - len(fresh),
            sum(one.rows for one in fresh),
            sum(one.bytes for one in fresh),
        )

    def _note_change(self, day: date) -> None:
        self._first_on = min(day, self._first_on or day)

    def _find_changed(self, extract: Extract, known: Mapping[str, FactsFile]) -> dict[str, date | None]:
        """Months that were written in since, with the first day that it was of, and those whose file is
        gone.
        """
        changed: dict[str, date | None] = {}
        for month, row in known.items():
            if not policies.is_there(self._root, row):
                changed[month] = None
        for statement in select_changed(extract):
            for month, day in self._snapshot.fetch(statement, self._parameters):
                changed[month] = min(day, changed.get(month) or day) if day else None
        if not SCHEMAS[extract.table].monthly and WHOLE not in changed:
            # A row that was deleted leaves no trace but its absence.
            rows = self._snapshot.fetch(f"SELECT count(*) FROM {extract.source}", {})[0][0]  # noqa: S608
            if rows != (known[WHOLE].rows if known else 0):
                changed[WHOLE] = None
        return changed

    def _read(self, extract: Extract, months: Sequence[str] | None) -> "list[Written]":
        from regulars.facts.writing import write_months  # noqa: PLC0415 - heavy

        schema, statement = SCHEMAS[extract.table], select_rows(extract, months)

        def take() -> "list[Written]":
            batches = self._snapshot.read(extract, statement, self._parameters)
            return write_months(self._root, schema, batches, on_rows=self._tell(extract.table))

        before = self._rows
        try:
            return take()
        except Exception as error:
            if isinstance(error, OSError) or not self._snapshot.give_up_adbc(error):
                raise
            self._rows = before
            return take()

    def _tell(self, table: str) -> Callable[[int], None]:
        def tell(rows: int) -> None:
            self._rows += rows
            self._on_progress(SyncProgress(table, self._rows))

        return tell

    def swap(self, state: FactsState) -> None:
        """Have readers see what was written, all at once."""
        with transaction.atomic(durable=True):
            FactsFile.objects.filter(id__in=[row.pk for row in self._replaced]).delete()
            for one in self._written:
                FactsFile.objects.update_or_create(
                    table=one.table,
                    month=one.month,
                    defaults={
                        "file": one.file,
                        "rows": one.rows,
                        "sums": one.sums,
                        "bytes": one.bytes,
                        "written_at": state.synced_at,
                    },
                )
            DroppedFile.objects.filter(file__in=[one.file for one in self._written]).delete()
            DroppedFile.objects.bulk_create(
                [DroppedFile(file=row.file, dropped_at=state.synced_at) for row in self._replaced],
                ignore_conflicts=True,
            )
            if self._first_on is not None:
                FactsChange.objects.create(synced_at=state.synced_at, first_on=self._first_on)
                FactsChange.objects.filter(synced_at__lt=state.synced_at - CHANGES_KEPT).delete()
            state.save(force_update=FactsState.objects.exists())


def sweep_files(root: Path, *, now: datetime) -> int:
    """Delete what no reader can be using: files replaced long ago, and what a killed sync left behind.

    Gives the number of files. The caller holds the lock of the facts: nobody is writing.
    """
    DroppedFile.objects.filter(dropped_at__lt=now - GRACE).delete()
    kept = set(FactsFile.objects.values_list("file", flat=True))
    kept.update(DroppedFile.objects.values_list("file", flat=True))
    gone = 0
    for table in SCHEMAS:
        for path in (root / table).glob("*/*"):
            if str(path.relative_to(root)) not in kept:
                path.unlink(missing_ok=True)
                gone += 1
    for left in (root / policies.SPILL).glob("*"):
        if datetime.fromtimestamp(left.stat().st_mtime, UTC) < now - SPILL_KEPT:
            shutil.rmtree(left, ignore_errors=True)
    return gone
