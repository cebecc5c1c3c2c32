"""The ledger's tables and functions, from the SQL files beside this package.

What the ledger needs of its tables (fill factors, infinity, partial keys, a trigger) is SQL and stands in
one place; the models are unmanaged and follow in the next migration.
"""

from pathlib import Path

from django.db import migrations

SQL = Path(__file__).parents[1] / "sql"
FILES = [
    "01_tables.sql",
    "02_shared.sql",
    "03_earn.sql",
    "04_earn_batch.sql",
    "05_spend.sql",
    "06_reverse.sql",
    "07_change.sql",
    "08_sweep.sql",
    "09_prove.sql",
    "10_books.sql",
    "10_seal.sql",
    "12_merge.sql",
    "13_unmerge.sql",
]
UNLOAD = """
DO $$
DECLARE
    thing text;
BEGIN
    DROP TABLE ledger_wallet, ledger_journal, ledger_open_lot, ledger_pending_lot, ledger_open_hold,
        ledger_seal, ledger_head, ledger_signing_key, ledger_checkpoint,
        ledger_merged CASCADE;
    FOR thing IN
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE proname LIKE 'ledger\\_%' AND pronamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP ROUTINE IF EXISTS ' || thing || ' CASCADE';
    END LOOP;
    FOR thing IN
        SELECT oid::regtype::text FROM pg_type
        WHERE typname LIKE 'ledger\\_%' AND typtype = 'c' AND typnamespace = current_schema()::regnamespace
    LOOP
        EXECUTE 'DROP TYPE IF EXISTS ' || thing || ' CASCADE';
    END LOOP;
END;
$$;
"""


def load(apps, schema_editor):
    for name in FILES:
        schema_editor.execute((SQL / name).read_text(), params=None)


def unload(apps, schema_editor):
    schema_editor.execute(UNLOAD, params=None)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [migrations.RunPython(load, unload)]
