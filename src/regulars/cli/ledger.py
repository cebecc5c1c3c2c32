"""`regulars ledger`: sealing, checkpoints, statements and the keys that sign."""

import json
from pathlib import Path

import click
from django.conf import settings

from regulars.cli.member import find
from regulars.cli.startup import with_database
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade
from regulars.proofs import facade as proofs

BROKEN = 1


@click.group()
def ledger() -> None:
    """Seal the ledger, publish checkpoints, write statements, look after the signing key."""


@ledger.command()
@click.option(
    "--after-restore",
    is_flag=True,
    help="The database was restored and has lost checkpoints that were published: go on behind them.",
)
@click.pass_context
@with_database
def seal(context: click.Context, *, after_restore: bool) -> None:
    """Seal what was posted, and sign a checkpoint over all wallets. The worker does it every night."""
    report = facade.seal_ledger(actor=SYSTEM, now=utc_now(), after_restore=after_restore)
    click.echo(
        f"Checkpoint {report.checkpoint}: {report.entries:,} entries of {report.wallets:,} wallets sealed, "
        f"{report.covered:,} entries covered, signed by key {report.key_id.hex()}; "
        f"published in {settings.CHECKPOINTS_DIR}."
    )
    if report.broken:
        click.echo(
            "Wallets were left out, entries are missing: `regulars doctor --ledger` names them.", err=True
        )
        context.exit(BROKEN)


@ledger.command()
@click.option(
    "--export",
    "directory",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write all checkpoints and public keys into this directory, to be published.",
)
@with_database
def checkpoints(directory: Path | None) -> None:
    """List all checkpoints, first to last: number, time, wallets, entries, hash."""
    if directory is not None:
        written = facade.publish_checkpoints(directory)
        click.echo(f"{len(written)} files written to {directory}.")
        return
    for one in facade.list_checkpoints():
        click.echo(
            f"{one.number:>6}  {one.sealed_at:%Y-%m-%d %H:%M:%S}  {one.wallets:>9,}  {one.entries:>11,}  "
            f"{proofs.hash_checkpoint(one).hex()}"
        )


@ledger.command()
@click.argument("member")
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file; else the terminal."
)
@with_database
def statement(member: str, output: Path | None) -> None:
    """Write the statement of MEMBER (the shop's own id, or # and our number), as members download it."""
    parts = facade.write_statement(find(member).id, utc_now())
    if output is None:
        for part in parts:
            click.echo(part, nl=False)
        return
    with output.open("w") as file:
        file.writelines(parts)


@ledger.group()
def key() -> None:
    """The key that signs checkpoints: private on this machine, public for everyone."""


@key.command("list")
@with_database
def list_() -> None:
    """List the public keys, oldest first: id, since when, public key, who endorses it."""
    for one in facade.list_signing_keys():
        written = proofs.write_key(one)
        word = f"endorsed by {one.predecessor.hex()}" if one.predecessor else "endorsed by nobody"
        click.echo(f"{written['key_id']}  {one.created_at:%Y-%m-%d}  {written['public_key']}  {word}")


@key.command()
@click.option(
    "--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="A file; else the terminal."
)
@with_database
def export(output: Path | None) -> None:
    """Write the public key in force as JSON, for `regulars verify --public-key`."""
    keys = facade.list_signing_keys()
    if not keys:
        raise facade.SigningKeyUnusable("There is no key yet: `regulars ledger seal` makes the first one.")
    text = json.dumps(proofs.write_key(keys[-1]), indent=2) + "\n"
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text)


@key.command()
@click.option("--reason", required=True, help="Why; it stays in the audit trail.")
@click.option(
    "--unendorsed",
    is_flag=True,
    help="The old key is lost or no longer trusted: it does not sign the new one. Publish the new one anew.",
)
@with_database
def rotate(reason: str, *, unendorsed: bool) -> None:
    """Begin a new key, signed by the old one, whose private part is deleted."""
    made = facade.rotate_signing_key(actor=SYSTEM, now=utc_now(), reason=reason, endorsed=not unendorsed)
    facade.publish_checkpoints()
    click.echo(
        f"Key {made.key_id.hex()} signs from now on; its public part is in {settings.CHECKPOINTS_DIR}."
    )
