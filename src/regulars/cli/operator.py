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
    """List the operators, those at work first, and those who are invited."""
    protected = identity.list_protected()
    for info in identity.list_operators():
        seen = f"seen {info.last_sign_in_at:%Y-%m-%d}" if info.last_sign_in_at else "never seen"
        factor = "two-factor" if info.id in protected else "password only"
        state = f"{seen}, {factor}" if info.active else "deactivated"
        click.echo(f"{info.email}  {info.role}  {state}")
    for invited in identity.list_invitations():
        click.echo(f"{invited.email}  {invited.role}  invited until {invited.expires_at:%Y-%m-%d %H:%M} UTC")


@operator.command()
@click.argument("email")
@click.option(
    "--role", type=click.Choice([role.value for role in identity.Role]), default="support", show_default=True
)
@click.option("--name", default="", help="What colleagues see; they can change it.")
@click.option("--address", default="http://localhost:8000", show_default=True, help="Where the console is.")
@with_database
def invite(email: str, role: str, name: str, address: str) -> None:
    """Invite EMAIL to choose a password of their own: prints a link that is good once, for a week."""
    base = address.rstrip("/")
    info, token, mailed = identity.invite_operator(
        actor=SYSTEM,
        now=utc_now(),
        email=email,
        name=name,
        role=identity.Role(role),
        link_of=lambda token: f"{base}/console/invitation/{token}/",
        shop="Regulars",
    )
    sent = (
        "The link is on its way by e-mail, too."
        if mailed
        else "Hand the link over; nobody else must have it."
    )
    click.echo(f"{info.email} is invited as {info.role}. {sent}", err=True)
    click.echo(f"{base}/console/invitation/{token}/")


@operator.command("reset-two-factor")
@click.argument("email")
@click.option(
    "--reason", required=True, help="Why, and how you know that it is they; it stays in the audit trail."
)
@with_database
def reset_two_factor(email: str, reason: str) -> None:
    """The way back for the operator with the address EMAIL who has lost phone, passkeys and recovery codes.

    All three are no longer good, their sessions end, and the password alone lets them in again. Whoever can
    run this command can read the database anyway.
    """
    info = _find(email)
    identity.reset_two_factor(actor=SYSTEM, now=utc_now(), operator_id=info.id, reason=reason.strip())
    click.echo(f"{info.email} signs in with the password alone; their sessions have ended.")
    if identity.get_two_factor(info.id).required:
        click.echo(f"Operators who are {info.role} must have a second factor: they are led to set one up.")


@operator.command("sign-out")
@click.argument("email")
@with_database
def sign_out(email: str) -> None:
    """End every session of the operator with the address EMAIL."""
    info = _find(email)
    ended = identity.end_operator_sessions(actor=SYSTEM, operator_id=info.id, now=utc_now())
    click.echo(f"{info.email} is signed out; {ended} sessions have ended.")


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
