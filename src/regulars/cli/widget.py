"""`regulars widget`: which sites may show the widget, and the keys that sign for its members."""

from datetime import timedelta

import click

from regulars.cli.startup import with_database
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.widget import facade as widgets

HOURS = int(widgets.OVERLAP_DEFAULT / timedelta(hours=1))


@click.group()
def widget() -> None:
    """Show members their points on a shop's own pages (docs/widget.md)."""


@widget.command()
@click.argument("origins", nargs=-1)
@click.option("--none", is_flag=True, help="Allow no site at all.")
@with_database
def sites(origins: tuple[str, ...], none: bool) -> None:
    """Say which sites may show it: ORIGINS and no others. Without any, list those that may."""
    allowed = (
        widgets.allow_sites(actor=SYSTEM, now=utc_now(), origins=() if none else origins)
        if origins or none
        else widgets.list_sites()
    )
    for origin in allowed:
        click.echo(origin)


@widget.command("make-key")
@click.argument("label")
@with_database
def make_key(label: str) -> None:
    """Make a key; LABEL says which system signs with it. The private half is printed this once."""
    key, private = widgets.make_widget_key(actor=SYSTEM, now=utc_now(), label=label)
    click.echo(f"Key {key.kid} for {key.label}. Keep what follows in the backend alone:", err=True)
    click.echo(private, nl=False)


@widget.command("rotate-key")
@click.argument("kid")
@click.option(
    "--overlap-hours",
    type=click.IntRange(0, 24 * 30),
    default=HOURS,
    show_default=True,
    help="How long the old key goes on.",
)
@with_database
def rotate_key(kid: str, overlap_hours: int) -> None:
    """Make a key in the place of KID. The private half is printed this once."""
    key, private = widgets.rotate_widget_key(
        actor=SYSTEM, now=utc_now(), kid=kid, overlap=timedelta(hours=overlap_hours)
    )
    click.echo(f"Key {key.kid} takes the place of {kid}, which ends in {overlap_hours} h.", err=True)
    click.echo(private, nl=False)


@widget.command("revoke-key")
@click.argument("kid")
@click.option("--reason", required=True, help="Why; it stays in the audit trail.")
@with_database
def revoke_key(kid: str, reason: str) -> None:
    """End the key KID at once and for good."""
    key = widgets.revoke_widget_key(actor=SYSTEM, now=utc_now(), kid=kid, reason=reason.strip())
    click.echo(f"Key {key.kid} for {key.label} is at its end.")


@widget.command("keys")
@with_database
def list_keys() -> None:
    """List every key ever made, latest first."""
    now = utc_now()
    for key in widgets.list_widget_keys():
        ends = f"ends {key.ends_at:%Y-%m-%d %H:%M}Z" if key.ends_at and key.is_good(now) else "good"
        state = ends if key.is_good(now) else f"ended {key.ends_at:%Y-%m-%d}"
        click.echo(f"{key.kid}  {state:<22}  {key.label}")
