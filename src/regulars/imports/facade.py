"""The door of imports: files in."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from regulars.imports import operations
from regulars.imports.errors import FileUnusable, MappingInvalid, ReaderMissing
from regulars.imports.types import FileFormat, ImportKind, ImportOptions, ImportProgress, ImportReport
from regulars.kit.actor import Actor

__all__ = [
    "FileFormat",
    "FileUnusable",
    "ImportKind",
    "ImportOptions",
    "ImportProgress",
    "ImportReport",
    "MappingInvalid",
    "ReaderMissing",
    "import_file",
]


def import_file(
    *,
    actor: Actor,
    now: datetime,
    kind: ImportKind,
    path: Path,
    options: ImportOptions | None = None,
    on_progress: Callable[[ImportProgress], None] | None = None,
) -> ImportReport:
    """Import a file through the operations that any caller uses, streaming, a transaction for each batch.

    Running it again changes nothing: every order, return and event has its key for ever, and members and
    products are compared with what is stored. So a run that was killed is simply run again.

    A bad row stops no good one: it goes to the rejects file with its line and the reason. A dry run does
    everything in one transaction and takes it back; it holds its locks until then.

    Raises FileUnusable, MappingInvalid, ReaderMissing before anything is imported, and NoProgramme
    where none is published. FileUnusable also where a Parquet file breaks off in the middle: what was read
    before is imported.
    """
    return operations.import_file(
        actor=actor,
        now=now,
        kind=kind,
        path=path,
        options=options or ImportOptions(),
        on_progress=on_progress,
    )
