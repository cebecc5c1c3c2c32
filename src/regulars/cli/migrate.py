"""`regulars migrate`: the tables that this version needs."""

import click
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from regulars.cli.startup import require_version, with_database
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.rules import facade as rules

LOCK = 0x52454755
"""Of several processes that migrate at once, one does it and the others wait; any constant will do."""


@click.command()
@with_database
def migrate() -> None:
    """Bring the database up to date. Safe to run at any time; it changes nothing where nothing is due.

    A fresh installation also gets the example programme, so that it can take orders at once.
    """
    count = install()
    click.echo(f"Applied {count} migrations." if count else "The database is up to date.")


def install() -> int:
    """Apply what is missing, see that there is a programme, and return the number of migrations applied."""
    count = apply_migrations()
    rules.publish_default_programme(actor=SYSTEM, now=utc_now())
    return count


def apply_migrations() -> int:
    """Apply what is missing and return how many that were. Raises DatabaseTooOld."""
    require_version()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            count = count_missing()
            if count:
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    return count


def count_missing() -> int:
    """How many migrations this version has that the database has not."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
