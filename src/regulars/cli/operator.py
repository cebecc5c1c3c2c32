"""`regulars operator`: people who work the console."""

import sys

import click

from regulars.cli.startup import with_database
from regulars.identity import facade as identity
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now


@click.group()
def operator() -> None:
    """Let someone into the console."""


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


def _read_password() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\n")
