"""`regulars doctor`: what is wrong, in words, and what to do about it."""

from collections.abc import Iterator, Sequence

import click
from django.db import Error as DatabaseError

from regulars.cli import checks
from regulars.cli.checks import Finding
from regulars.cli.failures import explain
from regulars.cli.startup import database
from regulars.kit.errors import Refusal
from regulars.proofs import facade as proofs


@click.command()
@click.option(
    "--ledger", is_flag=True, help="Also replay all history, and verify every link, root and signature."
)
@click.option(
    "--public-key",
    "public_keys",
    multiple=True,
    metavar="FILE|BASE64",
    help="Trust this key too, beside those of this machine, for signatures of checkpoints.",
)
@click.pass_context
def doctor(context: click.Context, *, ledger: bool, public_keys: tuple[str, ...]) -> None:
    """Look for trouble and say what to do about it. The exit code is 1 where there is any."""
    problems = 0
    trusted = [proofs.load_public_key(told) for told in public_keys]
    for finding in examine(ledger=ledger, trusted=trusted):
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


def examine(*, ledger: bool = False, trusted: Sequence[bytes] = ()) -> Iterator[Finding]:
    """All findings, one after the other. Where the database does not answer, the rest is looked at still."""
    yield from checks.check_disk()
    try:
        with database() as attachment:
            is_idle = attachment is not None and attachment.has_started
            yield from checks.check_database()
            yield from _examine_running(is_idle=is_idle, ledger=ledger, trusted=trusted)
    except (Refusal, DatabaseError) as error:
        yield checks.bad("database", explain(error).sentence)


def _examine_running(*, is_idle: bool, ledger: bool, trusted: Sequence[bytes]) -> Iterator[Finding]:
    yield from checks.check_clock()
    yield from checks.check_time_zones()
    migrations = list(checks.check_migrations())
    yield from migrations
    if any(finding.is_problem for finding in migrations):
        return  # the rest asks tables that may be missing
    yield from checks.check_worker(is_idle=is_idle)
    yield from checks.check_jobs(is_idle=is_idle)
    yield from checks.check_facts(is_idle=is_idle)
    yield from checks.check_segments()
    yield from checks.check_recommendations(is_idle=is_idle)
    if ledger:
        yield from checks.check_ledger()
        yield from checks.check_seals(trusted=trusted, is_idle=is_idle)
