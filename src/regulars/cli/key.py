"""`regulars key`: keys to the API for the shop's systems."""

import click

from regulars.cli.startup import with_database
from regulars.identity import facade as identity
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now


@click.group()
def key() -> None:
    """Give a shop's system a key to the API."""


@key.command()
@click.argument("label")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in identity.Scope]),
    help="What the key may do; give it once for each. All but points:adjust by default.",
)
@with_database
def create(label: str, scopes: tuple[str, ...]) -> None:
    """Create a key; LABEL says what for. The secret is printed this once."""
    chosen = scopes or tuple(s.value for s in identity.Scope if s is not identity.Scope.POINTS_ADJUST)
    info, secret = identity.issue_api_key(actor=SYSTEM, now=utc_now(), label=label, scopes=chosen)
    click.echo(f"Key {info.prefix} for {info.label} may: {' '.join(sorted(info.scopes))}.", err=True)
    click.echo(secret)
