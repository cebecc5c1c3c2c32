"""What a database holds, and whose it is: tables, rows, control sums, migrations, the ledger's totals."""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from regulars.backup.types import Contents, TableSum
from regulars.ledger import facade as ledger

# What belongs to an extension goes with the extension.
_RELATIONS = """
    SELECT c.relname, format('%I.%I', n.nspname, c.relname), c.relkind::text,
        CASE c.relkind WHEN 'r' THEN pg_table_size(c.oid) ELSE 0 END
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        AND NOT EXISTS (SELECT FROM pg_depend AS d
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY c.relname COLLATE "C"
"""
# A row's text is the same on every version and machine under these settings.
_PLAIN_TEXT = """
    SET LOCAL datestyle = 'ISO, YMD'; SET LOCAL timezone = 'UTC'; SET LOCAL intervalstyle = 'postgres';
    SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex'; SET LOCAL statement_timeout = 0
"""
# The first 64 bits of each row's SHA-256, added up: whatever the order, any byte changed or lost shows.
_SUM = """
    SELECT count(*), COALESCE(sum(
        ('x' || encode(substr(sha256(convert_to(whole_row::text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
    ), 0)::text FROM {} AS whole_row
"""


@dataclass(frozen=True, slots=True)
class Relation:
    """A table or view of the schema in use; `qualified` is its name as SQL wants it."""

    name: str
    qualified: str
    is_table: bool
    size_bytes: int

    @property
    def is_ours(self) -> bool:
        """True where the name begins with one of our rooms, or of the libraries that keep tables for us."""
        return self.name.startswith(tuple(f"{label}_" for label in [*_labels(), "django"]))


def list_relations() -> list[Relation]:
    """The tables and views of the schema in use, by name."""
    with connection.cursor() as cursor:
        cursor.execute(_RELATIONS)
        return [Relation(name, full, kind == "r", size) for name, full, kind, size in cursor.fetchall()]


def get_schema() -> str:
    """The schema in use."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        return str(cursor.fetchone()[0])


def measure(
    tables: Iterable[Relation], *, now: datetime, on_table: Callable[[Relation], None] = lambda _: None
) -> Contents:
    """Count and sum up tables, as the transaction sees them. To be called within one."""
    return Contents(list_applied(), measure_tables(tables, on_table=on_table), sum_up_ledger(now))


def measure_tables(
    tables: Iterable[Relation], *, on_table: Callable[[Relation], None] = lambda _: None
) -> dict[str, TableSum]:
    """Rows and control sum of each table. To be called within a transaction."""
    sums = {}
    with connection.cursor() as cursor:
        cursor.execute(_PLAIN_TEXT)
        for table in tables:
            cursor.execute(_SUM.format(table.qualified))
            sums[table.name] = TableSum(*cursor.fetchone())
            on_table(table)
    return sums


def sum_up_ledger(now: datetime) -> dict[str, dict[str, int]]:
    """The ledger's totals by currency, as of `now`."""
    return {
        currency.value: {
            name: value
            for name, value in asdict(ledger.get_totals(now, currency)).items()
            if isinstance(value, int)
        }
        for currency in ledger.Currency
    }


def list_applied() -> tuple[str, ...]:
    """The migrations that the database has seen, as room.name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY 1")
        return tuple(sorted({row[0] for row in cursor.fetchall()}))


def list_unknown(applied: Iterable[str]) -> list[str]:
    """Those of these migrations that this version does not know: a newer one has made them."""
    disk = MigrationLoader(None).disk_migrations
    known = {f"{app}.{name}" for app, name in disk}
    known |= {f"{app}.{name}" for migration in disk.values() for app, name in migration.replaces}
    return sorted(set(applied) - known)


def list_unapplied(applied: Iterable[str]) -> list[str]:
    """Those of our migrations that are not among these."""
    return sorted({f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations} - set(applied))


def _labels() -> list[str]:
    return [config.label for config in apps.get_app_configs()]
