"""`regulars doctor`: what is wrong, in words, and what to do about it."""

from collections.abc import Iterator

import click
from django.db import Error as DatabaseError

from regulars.cli import checks
from regulars.cli.checks import Finding
from regulars.cli.failures import explain
from regulars.cli.startup import database
from regulars.kit.errors import Refusal


@click.command()
@click.option(
    "--ledger", is_flag=True, help="Also replay all history and compare it with every stored balance."
)
@click.pass_context
def doctor(context: click.Context, *, ledger: bool) -> None:
    """Look for trouble and say what to do about it. The exit code is 1 where there is any."""
    problems = 0
    for finding in examine(ledger=ledger):
        problems += finding.is_problem
        mark = (
            click.style("BAD ", fg="red", bold=True)
            if finding.is_problem
            else click.style("good", fg="green")
        )
        click.echo(f"{mark}  {finding.subject:<11} {finding.sentence}")
    if problems:
        click.echo(
            "One problem was found." if problems == 1 else f"{problems} problems were found.", err=True
        )
    context.exit(1 if problems else 0)


def examine(*, ledger: bool = False) -> Iterator[Finding]:
    """All findings, one after the other. Where the database does not answer, the rest is looked at still."""
    yield from checks.check_disk()
    try:
        with database() as attachment:
            is_idle = attachment is not None and attachment.has_started
            yield from checks.check_database()
            yield from _examine_running(is_idle=is_idle, ledger=ledger)
    except (Refusal, DatabaseError) as error:
        yield checks.bad("database", explain(error).sentence)


def _examine_running(*, is_idle: bool, ledger: bool) -> Iterator[Finding]:
    yield from checks.check_clock()
    yield from checks.check_time_zones()
    migrations = list(checks.check_migrations())
    yield from migrations
    if any(finding.is_problem for finding in migrations):
        return  # the rest asks tables that may be missing
    yield from checks.check_worker(is_idle=is_idle)
    yield from checks.check_jobs(is_idle=is_idle)
    if ledger:
        yield from checks.check_ledger()
