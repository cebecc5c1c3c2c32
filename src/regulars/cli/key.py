"""`regulars key`: keys to the API for the shop's systems."""

import click

from regulars.cli.startup import with_database
from regulars.identity import facade as identity
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now

POINTS_OUTRIGHT = frozenset({identity.Scope.POINTS_ADJUST, identity.Scope.POINTS_GIVE})


@click.group()
def key() -> None:
    """Give a shop's system a key to the API, and take it away."""


@key.command()
@click.argument("label")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in identity.Scope]),
    help="What the key may do; give it once for each. All but points:adjust and points:give by default.",
)
@with_database
def create(label: str, scopes: tuple[str, ...]) -> None:
    """Create a key; LABEL says what for. The secret is printed this once."""
    chosen = scopes or tuple(scope.value for scope in identity.Scope if scope not in POINTS_OUTRIGHT)
    info, secret = identity.issue_api_key(actor=SYSTEM, now=utc_now(), label=label, scopes=chosen)
    click.echo(f"Key {info.prefix} for {info.label} may: {' '.join(sorted(info.scopes))}.", err=True)
    click.echo(secret)


@key.command("list")
@with_database
def list_() -> None:
    """List every key ever made, latest first: its prefix, whether it is good, its label and its scopes."""
    for info in identity.list_api_keys():
        used = f"used {info.last_used_at:%Y-%m-%d}" if info.last_used_at else "never used"
        state = f"revoked {info.revoked_at:%Y-%m-%d}" if info.revoked_at else used
        click.echo(f"{info.prefix}  {state:<18}  {info.label}  ({' '.join(sorted(info.scopes))})")


@key.command()
@click.argument("prefix")
@click.option("--reason", required=True, help="Why; it stays in the audit trail.")
@with_database
def revoke(prefix: str, reason: str) -> None:
    """End the key that begins with PREFIX, as `regulars key list` shows it, at once and for good."""
    found = next((info for info in identity.list_api_keys() if info.prefix == prefix.strip()), None)
    if found is None:
        raise identity.ApiKeyUnknown(f"There is no key {prefix}; `regulars key list` shows them.")
    if found.revoked_at is not None:
        click.echo(f"Key {found.prefix} for {found.label} was revoked before.")
        return
    identity.revoke_api_key(actor=SYSTEM, now=utc_now(), key_id=found.id, reason=reason.strip())
    click.echo(f"Key {found.prefix} for {found.label} is revoked.")
