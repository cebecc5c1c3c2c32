"""Putting a backup back: one transaction, which is kept only if what came out is what was put in."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from django.db import connection, transaction

from regulars.backup import contents
from regulars.backup.archive import ArchiveReader
from regulars.backup.errors import (
    BackupUnusable,
    DatabaseInUse,
    RestoreFailed,
    TargetNotEmpty,
    TargetUnsuited,
)
from regulars.backup.files import Staging
from regulars.backup.programs import Rows, Unpacking
from regulars.backup.types import Contents, Manifest, Progress, RestoreReport
from regulars.ledger import facade as ledger
from regulars.postgres import facade as postgres

_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND usesysid IS NOT NULL
        AND COALESCE(backend_type, 'client backend') = 'client backend'
"""
_SETTINGS = """
    SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = '60s';
    SET LOCAL idle_in_transaction_session_timeout = 0; SET LOCAL check_function_bodies = off;
    SET LOCAL client_min_messages = warning; SET LOCAL row_security = off; SET LOCAL xmloption = content;
    SET LOCAL search_path = pg_catalog
"""
# Everything in the schema but what belongs to an extension. Tables first: most else goes with them.
_DROP = """
DO $$
DECLARE
    commands text[];
    command text;
BEGIN
    SELECT array_agg(format('DROP %s IF EXISTS %I.%I CASCADE', CASE relkind WHEN 'v' THEN 'VIEW'
            WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE' WHEN 'f' THEN 'FOREIGN TABLE'
            ELSE 'TABLE' END, current_schema(), relname) ORDER BY relkind = 'S')
        INTO commands FROM pg_class AS c
        WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
            AND NOT EXISTS (SELECT FROM pg_depend
                WHERE classid = 'pg_class'::regclass AND objid = c.oid AND deptype IN ('e', 'i'));
    FOREACH command IN ARRAY COALESCE(commands, '{}') LOOP EXECUTE command; END LOOP;
    SELECT array_agg(format('DROP ROUTINE IF EXISTS %s CASCADE', oid::regprocedure)) INTO commands
        FROM pg_proc AS p
        WHERE pronamespace = current_schema()::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend
                WHERE classid = 'pg_proc'::regclass AND objid = p.oid AND deptype = 'e');
    FOREACH command IN ARRAY COALESCE(commands, '{}') LOOP EXECUTE command; END LOOP;
    SELECT array_agg(format('DROP TYPE IF EXISTS %I.%I CASCADE', current_schema(), typname)) INTO commands
        FROM pg_type AS t
        WHERE typnamespace = current_schema()::regnamespace AND typtype IN ('c', 'd', 'e', 'r')
            AND (typrelid = 0 OR EXISTS (SELECT FROM pg_class WHERE oid = typrelid AND relkind = 'c'))
            AND NOT EXISTS (SELECT FROM pg_depend
                WHERE classid = 'pg_type'::regclass AND objid = t.oid AND deptype = 'e');
    FOREACH command IN ARRAY COALESCE(commands, '{}') LOOP EXECUTE command; END LOOP;
END;
$$
"""


def restore_backup(
    *,
    path: Path,
    data_dir: Path,
    now: datetime,
    replace: bool,
    accept_unproved: bool,
    is_alone: bool,
    progress: Progress,
) -> RestoreReport:
    """Make database and data directory what they were when the backup was taken.

    All of the database changes in one transaction, under ACCESS EXCLUSIVE locks of every table, which ends
    well only if each table has its rows and control sum again, the ledger its totals, and the replay of all
    history agrees (a backup of an older version is proved after migrating: `is_proved` False). Files take
    their places after that; what they replace is kept aside. `replace` allows data to be replaced,
    `accept_unproved` a ledger that does not prove. `is_alone` False: the caller knows of others at work.

    Raises BackupUnusable, TargetNotEmpty, TargetUnsuited, DatabaseInUse, RestoreFailed, DumpFailed,
    BinariesMissing. Everything is then as it was.
    """
    reader = ArchiveReader(path)
    manifest = reader.manifest
    _require_known(manifest)
    _require_suited(manifest, replace=replace)
    require_alone(is_alone=is_alone)
    staging = Staging(data_dir)
    try:
        staging.fill(reader)
        with transaction.atomic(durable=True):
            problems = _restore_database(reader, accept_unproved=accept_unproved, progress=progress)
        kept_aside = staging.put_in_place(now)
    finally:
        staging.clear()
        connection.close()  # its settings are those of the script
    is_older = bool(contents.list_unapplied(manifest.contents.migrations))
    return RestoreReport(manifest, not is_older and not problems, kept_aside, problems)


def require_alone(*, is_alone: bool = True) -> None:
    """Refuse while anyone else is connected to the database. Raises DatabaseInUse."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS)
        others = cursor.fetchone()[0]
    if others or not is_alone:
        raise DatabaseInUse(
            "Someone is at work on this database: stop `regulars up`, every web server and worker first."
        )


def _require_known(manifest: Manifest) -> None:
    unknown = contents.list_unknown(manifest.contents.migrations)
    if unknown:
        raise BackupUnusable(
            f"The backup was made by a newer Regulars ({manifest.regulars}, with {unknown[0]}): "
            "upgrade this one first."
        )


def _require_suited(manifest: Manifest, *, replace: bool) -> None:
    schema = contents.get_schema()
    if schema != manifest.schema:
        raise TargetUnsuited(
            f"The backup is of the schema {manifest.schema!r}, and the database is used with {schema!r}: "
            "set search_path accordingly."
        )
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_encoding')")
        if cursor.fetchone()[0] != "UTF8":
            raise TargetUnsuited("The database does not store UTF8: create it with ENCODING 'UTF8'.")
    relations = contents.list_relations()
    alien = [one.name for one in relations if not one.is_ours]
    if relations and not replace:
        raise TargetNotEmpty(
            f"The database has {len(relations)} tables already: give an empty one, or say --replace "
            "to lose what is there."
        )
    if alien:
        raise TargetUnsuited(
            f"The database also holds {alien[0]}, which is not of Regulars: give Regulars one of its own."
        )


def _restore_database(reader: ArchiveReader, *, accept_unproved: bool, progress: Progress) -> tuple[str, ...]:
    manifest = reader.manifest
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [postgres.MIGRATION_LOCK])
        cursor.execute(_DROP)
        cursor.execute(_SETTINGS)
    _load(reader, progress)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO DEFAULT")
        progress.note("gathering statistics")
        for relation in contents.list_relations():
            cursor.execute(f"ANALYZE {relation.qualified}")
    progress.note("comparing every table with what was backed up")
    _require_equal(manifest)
    if contents.list_unapplied(manifest.contents.migrations):
        return ()  # the functions that prove are of this version, and the tables not yet
    progress.note("replaying the ledger")
    return _prove(manifest, accept_unproved=accept_unproved)


def _load(reader: ArchiveReader, progress: Progress) -> None:
    manifest = reader.manifest
    programs = postgres.find_client_programs(manifest.dump_major)

    def unpacking(section: str) -> Unpacking:
        return Unpacking(programs, manifest.schema, section, reader.chunks(manifest.database))

    with connection.cursor() as cursor:
        with unpacking("pre-data") as unpacked:
            cursor.execute(unpacked.text())
        with unpacking("data") as unpacked:
            _load_rows(unpacked, manifest.contents, progress)
        reader.require_whole(manifest.database, unpacked.sha256)
        progress.note("building indexes")
        with unpacking("post-data") as unpacked:
            cursor.execute(unpacked.text())


def _load_rows(unpacked: Unpacking, expected: Contents, progress: Progress) -> None:
    done = 0
    pieces = unpacked.pieces()
    piece = next(pieces, None)
    with connection.cursor() as cursor:
        while piece is not None:
            if isinstance(piece, str):
                cursor.execute(piece)
                piece = next(pieces, None)
                continue
            statement = piece.copy
            with cursor.copy(statement) as copy:
                while isinstance(piece, Rows) and piece.copy == statement:
                    copy.write(piece.text)
                    done += piece.count
                    progress.reach(done, expected.rows)
                    piece = next(pieces, None)


def _require_equal(manifest: Manifest) -> None:
    expected = manifest.contents
    tables = [one for one in contents.list_relations() if one.is_table]
    found = contents.measure_tables(tables)
    differing = sorted(
        name for name in found.keys() | expected.tables.keys() if found.get(name) != expected.tables.get(name)
    )
    if differing:
        raise RestoreFailed(
            f"The table {differing[0]} came out otherwise than it was backed up, so nothing was changed."
        )


def _prove(manifest: Manifest, *, accept_unproved: bool) -> tuple[str, ...]:
    """What the replay and the totals find wrong. Raises RestoreFailed unless that is accepted."""
    problems = [str(problem) for problem in ledger.prove().problems]
    found = contents.sum_up_ledger(manifest.taken_at)
    for currency, totals in manifest.contents.totals.items():
        if not _agree(totals, found.get(currency, {})):
            problems.append(f"the totals of {currency} are not those of the backup")
    if problems and not accept_unproved:
        raise RestoreFailed(
            f"The ledger in this backup does not prove ({problems[0]}), so nothing was changed; "
            "--accept-unproved takes it all the same."
        )
    return tuple(problems)


def _agree(told: Mapping[str, int], found: Mapping[str, int]) -> bool:
    """Whether sums that both know are equal: another version may know more."""
    return all(found[name] == value for name, value in told.items() if name in found)
