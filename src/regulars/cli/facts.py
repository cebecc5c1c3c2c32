"""`regulars facts`: the columnar copy of what happened, which measures are taken from."""

import json
from dataclasses import asdict
from typing import Any

import click

from regulars.cli.progress import track
from regulars.cli.startup import with_database
from regulars.facts import facade as facts_room
from regulars.facts.facade import FactsStatus, SyncProgress, SyncReport, VerifyReport
from regulars.kit.clock import utc_now

DIFFERS = 1
as_json = click.option("--json", "is_json", is_flag=True, help="Tell it as JSON, for programs.")


@click.group()
def facts() -> None:
    """Copy what happened to columns (Parquet), compare the copy, say how fresh it is.

    The worker copies every ten minutes. Facts follow from the database: they can be deleted at any time, and
    are made anew by the next sync.
    """


@facts.command()
@click.option("--whole", is_flag=True, help="Write every month anew, not only what changed.")
@click.option("--copy", "is_copy", is_flag=True, help="Read with COPY in the place of ADBC.")
@as_json
@with_database
def sync(*, whole: bool, is_copy: bool, is_json: bool) -> None:
    """Copy what changed since the last time."""
    with track("Copying facts", unit="rows") as shown:

        def tell(progress: SyncProgress) -> None:
            shown.note(progress.table)
            shown.reach(progress.rows)

        report = facts_room.sync_facts(now=utc_now(), whole=whole, adbc=not is_copy, on_progress=tell)
    click.echo(_dump(report) if is_json else _say_sync(report))


@facts.command()
@as_json
@click.pass_context
@with_database
def verify(context: click.Context, *, is_json: bool) -> None:
    """Compare files, counts and sums of every month with PostgreSQL. The exit code is 1 where they part."""
    with track("Comparing facts", unit="rows") as shown:

        def tell(progress: SyncProgress) -> None:
            shown.note(progress.table)
            shown.reach(progress.rows)

        report = facts_room.verify_facts(on_progress=tell)
    click.echo(_dump(report, ok=report.ok) if is_json else _say_verify(report))
    context.exit(0 if report.ok else DIFFERS)


@facts.command()
@as_json
@with_database
def status(*, is_json: bool) -> None:
    """Say how fresh each table is, how many rows and bytes it has, and what it is queried with."""
    found = facts_room.get_status(utc_now())
    click.echo(_dump(found) if is_json else _say_status(found))


def _dump(report: Any, **more: Any) -> str:
    return json.dumps(asdict(report) | more, indent=2, default=str)


def _say_sync(report: SyncReport) -> str:
    lines = [
        f"{table.table:<14}{table.rows_written:>12,} rows in {_count(len(table.months_written))}"
        f"{_name_months(table.months_written)}"
        for table in report.tables
        if table.months_written
    ]
    by = f" by {report.transport.upper()}" if report.transport else ""
    kept = sum(table.months_kept for table in report.tables)
    return "\n".join(
        [
            *lines,
            f"{report.rows_written:,} rows written{by} in {report.seconds:.1f} s, "
            f"{_count(kept)} left as they were.",
            f"Facts are complete to {report.as_of} ({report.time_zone}).",
        ]
    )


def _name_months(months: tuple[str, ...]) -> str:
    return f": {', '.join(months)}" if 0 < len(months) <= 6 and months != ("whole",) else ""


def _count(files: int) -> str:
    return "1 file" if files == 1 else f"{files:,} files"


def _say_verify(report: VerifyReport) -> str:
    awaited = [one for one in report.differences if one.is_awaited]
    wrong = [one for one in report.differences if not one.is_awaited]
    lines = [f"{one.table} {one.month}: {one.problem}" for one in wrong]
    lines += [f"{one.table} {one.month}: written since, the next sync brings it" for one in awaited]
    verdict = (
        f"{report.rows:,} rows in {_count(report.files)} agree with PostgreSQL."
        if not wrong
        else "Facts and PostgreSQL part: `regulars facts sync --whole` writes all of them anew."
    )
    return "\n".join([*lines, verdict])


def _say_status(found: FactsStatus) -> str:
    fresh = found.freshness
    stale = " That is stale: is a worker running?" if fresh and fresh.is_stale else ""
    head = (
        "Nothing was copied yet: `regulars facts sync` does it, and so does the worker."
        if fresh is None
        else f"Copied {fresh.synced_at:%Y-%m-%d %H:%M:%S} UTC, {fresh.age_seconds / 60:.0f} minutes ago; "
        f"complete to {fresh.as_of} ({fresh.time_zone}).{stale}"
    )
    lines = [
        f"{table.table:<14}{table.rows:>14,} rows {table.bytes / 1e6:>10,.1f} MB  {_count(table.files):>10}"
        f"  {table.last_written_at:%Y-%m-%d %H:%M}"
        if table.last_written_at
        else f"{table.table:<14}{0:>14} rows"
        for table in found.tables
    ]
    return "\n".join([head, *lines, f"Queried with {found.engine}; files in {found.directory}."])
