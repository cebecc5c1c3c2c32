"""An import, batch by batch: read, check, hand to the operation any caller uses, account for each row."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from regulars.imports.groups import Group, build_item, group_rows
from regulars.imports.layout import Layout
from regulars.imports.readers import open_source
from regulars.imports.records import Record, Source
from regulars.imports.rejects import RejectsFile, default_path
from regulars.imports.repeats import SeenKeys
from regulars.imports.shapes import Context, Shape, VerdictStatus, make_shape
from regulars.imports.types import ImportKind, ImportOptions, ImportProgress, ImportReport
from regulars.kit.actor import Actor
from regulars.rules import facade as rules

BATCH_ITEMS = 2_500
BATCH_ROWS = 20_000

OnProgress = Callable[[ImportProgress], None]


@dataclass(slots=True)
class _Tally:
    """What is counted on the way."""

    rows: int = 0
    points: int = 0
    items: dict[VerdictStatus, int] = field(default_factory=lambda: dict.fromkeys(VerdictStatus, 0))


@dataclass(slots=True)
class _Batch:
    """Items to be submitted together, and rows that are rejected already."""

    groups: list[Group] = field(default_factory=list)
    items: list[Any] = field(default_factory=list)
    rejected: list[tuple[Record, str]] = field(default_factory=list)
    rows: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.items) >= BATCH_ITEMS or self.rows >= BATCH_ROWS


def import_file(
    *,
    actor: Actor,
    now: datetime,
    kind: ImportKind,
    path: Path,
    options: ImportOptions,
    on_progress: OnProgress | None = None,
) -> ImportReport:
    """See the facade."""
    programme = rules.get_current_programme(now)
    context = Context(
        actor=actor,
        now=now,
        currency=programme.currency,
        zone=options.time_zone or programme.time_zone,
        decimal_comma=options.decimal_comma,
        create_members=options.create_members,
    )
    shape = make_shape(kind, context)
    rejects_path = options.rejects or default_path(path)
    with (
        open_source(path, options) as source,
        RejectsFile(rejects_path, path) as rejects,
        SeenKeys() as seen,
        _taken_back() if options.dry_run else nullcontext(),
    ):
        layout = Layout(shape, source.columns, options.mapping)
        tally = _Tally()
        for batch in _batches(shape, source, layout, seen, tally):
            _submit(shape, batch, tally)
            rejects.write(batch.rejected, source.raw_columns)
            tally.rows += batch.rows
            if on_progress:
                on_progress(ImportProgress(source.done, source.total, tally.rows, rejects.count))
    return ImportReport(
        kind=kind,
        dry_run=options.dry_run,
        rows=tally.rows,
        new=tally.items[VerdictStatus.NEW],
        changed=tally.items[VerdictStatus.CHANGED],
        unchanged=tally.items[VerdictStatus.UNCHANGED],
        rejected=tally.items[VerdictStatus.REJECTED],
        rejected_rows=rejects.count,
        members_created=shape.members_created,
        points=tally.points,
        rejects=rejects_path if rejects.count else None,
    )


def _batches(shape: Shape, source: Source, layout: Layout, seen: SeenKeys, tally: _Tally) -> Iterator[_Batch]:
    batch = _Batch()
    for group in group_rows(source.read(layout.columns), layout, shape):
        batch.rows += len(group.records)
        item = build_item(group, shape)
        if item is not None and shape.remembers_keys and group.key is not None:
            line = seen.find_conflict(group.key, item, group.records[0].line)
            if line is not None:
                group.fault = f"{shape.key} {group.key[:60]} stands in line {line} with other content"
                item = None
        if item is None:
            batch.rejected += group.reject()
            tally.items[VerdictStatus.REJECTED] += not group.continued
        else:
            batch.groups.append(group)
            batch.items.append(item)
        if batch.is_full:
            yield batch
            batch = _Batch()
    if batch.rows:
        yield batch


def _submit(shape: Shape, batch: _Batch, tally: _Tally) -> None:
    if not batch.items:
        return
    verdicts = shape.submit(batch.items)
    for group, verdict in zip(batch.groups, verdicts, strict=True):
        tally.items[verdict.status] += 1
        tally.points += verdict.points
        if verdict.status is VerdictStatus.REJECTED:
            group.fault = verdict.reason
            batch.rejected += group.reject()


@contextmanager
def _taken_back() -> Iterator[None]:
    """Everything inside happens and is rolled back at the end.

    Without autocommit an operation's own transaction, durable ones too, ends in a savepoint: what one batch
    did the next one sees, and nothing of it is ever seen by others. Locks are held until the end.
    """
    transaction.set_autocommit(False)
    try:
        yield
    finally:
        transaction.rollback()
        transaction.set_autocommit(True)
