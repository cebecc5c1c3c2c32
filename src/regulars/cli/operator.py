"""`regulars operator`: people who work the console."""

import sys

import click

from regulars.cli.startup import with_database
from regulars.identity import facade as identity
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now


@click.group()
def operator() -> None:
    """Let someone into the console, and out of it."""


@operator.command()
@click.argument("email")
@click.option(
    "--role", type=click.Choice([role.value for role in identity.Role]), default="owner", show_default=True
)
@click.option("--name", default="", help="What colleagues see; the address by default.")
@with_database
def create(email: str, role: str, name: str) -> None:
    """Create an operator with the address EMAIL.

    The password is asked for; where standard input is not a terminal, its first line is the password.
    """
    made = identity.create_operator(
        actor=SYSTEM,
        now=utc_now(),
        email=email,
        password=_read_password(),
        role=identity.Role(role),
        name=name,
    )
    click.echo(f"{made.email} can sign in to the console as {made.role}.")


@operator.command("list")
@with_database
def list_() -> None:
    """List the operators, those at work first."""
    for info in identity.list_operators():
        seen = f"seen {info.last_sign_in_at:%Y-%m-%d}" if info.last_sign_in_at else "never seen"
        click.echo(f"{info.email}  {info.role}  {seen if info.active else 'deactivated'}")


@operator.command()
@click.argument("email")
@with_database
def password(email: str) -> None:
    """Give the operator with the address EMAIL another password; their sessions end.

    It is asked for; where standard input is not a terminal, its first line is the password.
    """
    info = _find(email)
    identity.change_password(actor=SYSTEM, now=utc_now(), operator_id=info.id, password=_read_password())
    click.echo(f"{info.email} has another password; sessions begun with the old one have ended.")


@operator.command()
@click.argument("email")
@with_database
def deactivate(email: str) -> None:
    """Let the operator with the address EMAIL work no more; what they did stays in the audit trail."""
    info = identity.change_operator(actor=SYSTEM, now=utc_now(), operator_id=_find(email).id, active=False)
    click.echo(f"{info.email} cannot sign in any more; their sessions have ended.")


def _find(email: str) -> identity.OperatorInfo:
    found = identity.find_operator(email)
    if found is None:
        raise identity.OperatorUnknown(
            f"There is no operator {email.strip()}; `regulars operator list` shows them."
        )
    return found


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
