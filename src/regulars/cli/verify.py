"""`regulars verify`: statements and checkpoints, checked offline. Needs neither database nor settings."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import click

from regulars.proofs import facade as proofs
from regulars.proofs.facade import Checkpoint, Finding, Statement

FALSE = 1
UNUSABLE = 2


@click.command()
@click.argument("statements", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--public-key",
    "public_keys",
    multiple=True,
    required=True,
    metavar="FILE|BASE64",
    help="A key that you trust: base64, or a file with base64, PEM or JSON; repeat for more.",
)
@click.option(
    "--checkpoints",
    type=click.Path(file_okay=False, path_type=Path),
    help="A directory of published checkpoints: checked as a chain, and against the statements.",
)
@click.pass_context
def verify(
    context: click.Context,
    statements: tuple[Path, ...],
    public_keys: tuple[str, ...],
    checkpoints: Path | None,
) -> None:
    """Check members' STATEMENTS and published checkpoints against a public key, without the shop's help.

    Several statements of one member are compared too, in the order of their checkpoints. Exit code 0: all
    holds; 1: something does not; 2: a file or key cannot be used. docs/proofs.md has the forms.
    """
    if not statements and checkpoints is None:
        raise click.UsageError("name a statement, or a directory with --checkpoints", context)
    try:
        trusted = [proofs.load_public_key(told) for told in public_keys]
        read = [(file, proofs.read_statement(proofs.read_file(file))) for file in statements]
        folder = proofs.read_folder(checkpoints) if checkpoints is not None else None
    except proofs.DocumentUnusable as refusal:
        click.echo(refusal.detail, err=True)
        context.exit(UNUSABLE)
    wrong = 0
    for finding in _examine(read, folder, trusted):
        wrong += not finding.holds
        mark = click.style("good", fg="green") if finding.holds else click.style("BAD ", fg="red", bold=True)
        click.echo(f"{mark}  {finding.sentence}")
    if wrong:
        click.echo("One thing does not hold." if wrong == 1 else f"{wrong} things do not hold.", err=True)
        context.exit(FALSE)


def _examine(
    read: list[tuple[Path, Statement]], folder: proofs.Folder | None, trusted: list[bytes]
) -> Iterator[Finding]:
    if folder is not None:
        yield from proofs.check_checkpoints(folder.checkpoints, folder.keys, trusted)
    for file, statement in read:
        for finding in proofs.check_statement(statement, trusted):
            yield Finding(finding.holds, f"{file.name}: {finding.sentence}")
        if folder is not None and statement.checkpoint is not None:
            yield _find_published(file, statement.checkpoint, folder)
    told = sorted((statement for _, statement in read), key=_number)
    for older, newer in pairwise(told):
        yield from proofs.compare_statements(older, newer)


def _find_published(file: Path, checkpoint: Checkpoint, folder: proofs.Folder) -> Finding:
    name = f"{file.name}: Checkpoint {checkpoint.number}"
    if checkpoint in folder.checkpoints:
        return Finding(True, f"{name} is the one that was published.")
    if any(one.number == checkpoint.number for one in folder.checkpoints):
        return Finding(False, f"{name} is another one than was published.")
    return Finding(False, f"{name} was not published here.")


def _number(statement: Statement) -> tuple[int, int]:
    return statement.member_id, statement.checkpoint.number if statement.checkpoint else 0
