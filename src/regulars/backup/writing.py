"""Making a backup while everything runs: one snapshot, dumped and measured side by side, read back."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from regulars import __version__
from regulars.backup import contents
from regulars.backup.archive import DATABASE, ArchiveReader, ArchiveWriter
from regulars.backup.contents import Relation
from regulars.backup.errors import BackupUnusable, FileExists, TargetUnsuited
from regulars.backup.files import SUFFIX, add_files
from regulars.backup.programs import Dump, Rows, Unpacking
from regulars.backup.types import FORMAT, BackupReport, Contents, Manifest, Part, Progress
from regulars.postgres import facade as postgres


def create_backup(*, target: Path, data_dir: Path, now: datetime, progress: Progress) -> BackupReport:
    """Write everything that must survive into one file, readable by its owner alone, and read it back.

    `target` is the file, or a directory that gets one named after `now`. Web server and workers may run:
    the file holds what was committed at one instant. Takes no lock that stands in their way, but keeps a
    migration waiting. Raises FileExists, TargetUnsuited, DumpFailed, BackupUnusable, BinariesMissing.
    """
    path = target / f"regulars-{now:%Y%m%d-%H%M%S}{SUFFIX}" if target.is_dir() else target
    if path.exists():
        raise FileExists(f"{path} exists already, and a backup overwrites nothing: give another name.")
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        manifest, left_out = _write(part, data_dir, progress)
        progress.note("reading it back")
        verify_backup(part)
        os.link(part, path)  # unlike a rename, it never overwrites
        _sync_directory(path.parent)
    except FileExistsError:
        raise FileExists(f"{path} has come to exist meanwhile; nothing was overwritten.") from None
    finally:
        part.unlink(missing_ok=True)
    return BackupReport(path, path.stat().st_size, manifest, left_out)


def verify_backup(path: Path, *, on_rows: Callable[[int, int], None] = lambda *_: None) -> Manifest:
    """Read a backup from its first byte to its last: hashes, and the rows of every table.

    Needs no database. `on_rows` is told how many rows of how many were read.
    Raises BackupUnusable, DumpFailed.
    """
    reader = ArchiveReader(path)
    manifest = reader.manifest
    expected = manifest.contents
    programs = postgres.find_client_programs(manifest.dump_major)
    found: Counter[str] = Counter()
    with Unpacking(programs, manifest.schema, "data", reader.chunks(manifest.database)) as unpacking:
        for piece in unpacking.pieces():
            if isinstance(piece, Rows):
                found[table_of(piece.copy)] += piece.count
                on_rows(found.total(), expected.rows)
    reader.require_whole(manifest.database, unpacking.sha256)
    for part in manifest.files:
        reader.read(part)
    if found != Counter({name: table.rows for name, table in expected.tables.items()}):
        raise BackupUnusable(f"{path} does not hold the rows that were counted in the database.")
    return manifest


def table_of(copy: str) -> str:
    """The table that a COPY statement of pg_dump names."""
    return copy.removeprefix("COPY ").split(" (", 1)[0].rsplit(".", 1)[-1].strip('"')


def _write(part: Path, data_dir: Path, progress: Progress) -> tuple[Manifest, tuple[str, ...]]:
    descriptor = os.open(part, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w+b") as stream:
        writer = ArchiveWriter(stream)
        manifest, left_out = _write_parts(writer, data_dir, progress)
        writer.finish(manifest)
        stream.flush()
        os.fsync(stream.fileno())
    return manifest, left_out


def _write_parts(
    writer: ArchiveWriter, data_dir: Path, progress: Progress
) -> tuple[Manifest, tuple[str, ...]]:
    with _snapshot() as snapshot:
        relations = contents.list_relations()
        tables = [one for one in relations if one.is_table and one.is_ours]
        left_out = tuple(one.name for one in relations if not one.is_ours)
        if not any(one.name == "django_migrations" for one in tables):
            raise TargetUnsuited("There is nothing to back up: the database has no tables of Regulars yet.")
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT now(), current_setting('server_version'), "
                "current_setting('server_version_num')::int / 10000"
            )
            taken_at, version, major = cursor.fetchone()
        programs = postgres.find_client_programs(major)
        schema = contents.get_schema()
        options = [f"--snapshot={snapshot}", f"--schema={_quoted(schema)}"]
        options += [f"--exclude-table={_quoted(schema)}.{_quoted(name)}" for name in left_out]
        database, found = _dump_and_measure(
            writer, programs=programs, options=options, tables=tables, now=taken_at, progress=progress
        )
    manifest = Manifest(
        format=FORMAT,
        regulars=__version__,
        taken_at=taken_at,
        server_version=version,
        dump_major=programs.major,
        schema=schema,
        contents=found,
        database=database,
        files=add_files(writer, data_dir),
    )
    return manifest, left_out


def _dump_and_measure(
    writer: ArchiveWriter,
    *,
    programs: postgres.Binaries,
    options: list[str],
    tables: list[Relation],
    now: datetime,
    progress: Progress,
) -> tuple[Part, Contents]:
    """Side by side, for a snapshot that is held for long makes a busy database slow."""
    advance = _counting(tables, progress)
    driver = connection.connection
    # The dump inside: where anything fails or Ctrl-C is pressed, it ends before the pool waits for its end.
    with ThreadPoolExecutor(1) as pool, Dump(programs, driver, options, advance) as dump:
        written = pool.submit(writer.add, DATABASE, dump.chunks())
        found = contents.measure(tables, now=now, on_table=lambda table: advance(table.name))
        return written.result(), found


def _counting(tables: list[Relation], progress: Progress) -> Callable[[str], None]:
    """Adds up megabytes: each table is dumped and is measured, and larger ones take longer."""
    sizes = {table.name: table.size_bytes for table in tables}
    total = 2 * sum(sizes.values()) // 1_000_000
    done = [0]
    guard = threading.Lock()

    def advance(name: str) -> None:
        with guard:
            done[0] += sizes.get(name, 0)
            progress.reach(done[0] // 1_000_000, total)

    return advance


@contextmanager
def _snapshot() -> Iterator[str]:
    """A transaction that sees one instant, and the name by which pg_dump sees the same."""
    with connection.cursor() as cursor:
        # Before the transaction: a snapshot taken first would be older than what was waited for.
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [postgres.MIGRATION_LOCK])
    try:
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            cursor.execute("SELECT pg_export_snapshot()")
            yield str(cursor.fetchone()[0])
    finally:
        connection.close()  # lets go of the lock, whatever state the session is in


def _quoted(name: str) -> str:
    """A name as pg_dump's patterns want it: nothing in it is a wildcard."""
    return '"' + name.replace('"', '""') + '"'


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
