"""`regulars migrate`: the tables that this version needs."""

import click
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from regulars.cli.startup import require_version, with_database
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.postgres import facade as postgres
from regulars.rules import facade as rules


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
    """Apply what is missing and return how many that were; of several processes one does it, the others wait.

    Raises DatabaseTooOld, DatabaseMoved.
    """
    require_version()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [postgres.MIGRATION_LOCK])
        try:
            count = count_missing()
            if count:
                call_command("migrate", interactive=False, verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [postgres.MIGRATION_LOCK])
    return count


def count_missing() -> int:
    """How many migrations this version has that the database has not, one in between included."""
    loader = MigrationExecutor(connection).loader
    return len(loader.graph.nodes.keys() - loader.applied_migrations.keys())
