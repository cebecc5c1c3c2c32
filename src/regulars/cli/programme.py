"""`regulars programme`: the document that says how points are earned."""

from datetime import datetime
from pathlib import Path

import click

from regulars.cli.startup import with_database
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.errors import InvalidInput, NotFound
from regulars.kit.ids import ProgrammeVersion
from regulars.rules import facade as rules

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
SHORT = "%Y-%m-%d %H:%M UTC"


class NotText(InvalidInput):
    """The file is no UTF-8 text."""

    code = "not_text"


class NoSuchVersion(NotFound):
    """No version of the programme has that number."""

    code = "no_such_version"


@click.group()
def programme() -> None:
    """Check, publish or show the programme: how points are earned, kept and lost."""


@programme.command()
@click.argument("file", type=FILE)
@click.pass_context
def check(context: click.Context, file: Path) -> None:
    """Read the programme in FILE and list its mistakes. Needs no database."""
    problems = rules.check_programme(_read(file))
    _show_problems(file, problems)
    if problems:
        context.exit(1)
    click.echo(f"{file} is a sound programme.")


@programme.command()
@click.argument("file", type=FILE)
@click.option("--note", default="", help="Why it changes, for those who look later.")
@click.option(
    "--from",
    "begins",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    help="When it takes force, in the programme's own time zone; now by default.",
)
@click.pass_context
@with_database
def publish(context: click.Context, file: Path, note: str, begins: datetime | None) -> None:
    """Put the programme in FILE in force as the next version."""
    text = _read(file)
    now = utc_now()
    try:
        effective_from = None
        if begins is not None:
            effective_from = begins.replace(tzinfo=rules.parse_programme(text).time_zone)
        info = rules.publish_programme(
            actor=SYSTEM, now=now, text=text, note=note, effective_from=effective_from
        )
    except rules.ProgrammeInvalid as refusal:
        _show_problems(file, refusal.problems)
        context.exit(1)
    if info.published_at < now:
        click.echo(f"Version {info.number} says the same already; nothing was published.")
    else:
        click.echo(f"Version {info.number} is in force from {info.effective_from:{SHORT}}.")


@programme.command()
@click.argument("version", type=click.IntRange(min=1), required=False)
@click.option("--list", "as_list", is_flag=True, help="List all versions instead.")
@with_database
def show(version: int | None, *, as_list: bool) -> None:
    """Print the programme in force, or VERSION of it, as it was published."""
    if as_list:
        for info in rules.list_versions():
            click.echo(_headline(info))
        return
    number = rules.get_current_programme(utc_now()).version if version is None else ProgrammeVersion(version)
    found = rules.find_version(number)
    if found is None:
        raise NoSuchVersion(f"There is no version {number}: `regulars programme show --list` lists them.")
    click.echo(_headline(found), err=True)
    click.echo(found.text, nl=not found.text.endswith("\n"))


def _headline(info: rules.ProgrammeVersionInfo) -> str:
    note = f" ({info.note})" if info.note else ""
    return f"Version {info.number}, in force from {info.effective_from:{SHORT}}, by {info.published_by}{note}"


def _read(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except UnicodeDecodeError as error:
        raise NotText(f"{file} is not UTF-8 text: byte {error.start + 1} fits no letter.") from error


def _show_problems(file: Path, problems: list[rules.Problem] | tuple[rules.Problem, ...]) -> None:
    for problem in problems:
        click.echo(f"{file}:{problem.line} {problem.field}: {problem.message}")
