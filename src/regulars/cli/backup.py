"""`regulars backup`, `restore` and `move`: everything in one file, back again, and elsewhere."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import psycopg
from django.conf import settings

from regulars.backup import facade as backups
from regulars.backup.facade import BackupReport, Manifest
from regulars.cli.checks import check_ledger
from regulars.cli.migrate import install
from regulars.cli.progress import track
from regulars.cli.startup import database, require_version, with_database
from regulars.kit.clock import utc_now
from regulars.kit.errors import InvalidInput, Unavailable

CONNECT_SECONDS = 10


class TargetDoesNotAnswer(Unavailable):
    """The server to move to."""

    code = "target_does_not_answer"


class AddressInvalid(InvalidInput):
    """Not an address of a PostgreSQL database."""

    code = "address_invalid"


class NotProved(Unavailable):
    """History and balances part in what was restored."""

    code = "not_proved"


class MoveFailed(Unavailable):
    """The restore over there broke off, and has said why."""

    code = "move_failed"


@click.command()
@click.argument("target", metavar="FILE|DIRECTORY", type=click.Path(path_type=Path))
@with_database
def backup(target: Path) -> None:
    """Write everything that must survive into one FILE, or into a new file in DIRECTORY, and read it back.

    Database, pictures and keys, as of one instant; web server and workers go on meanwhile. Only you can read
    the file (mode 0600): it holds personal data and the keys of this installation.
    """
    with track("Backing up", unit="MB") as shown:
        report = backups.create_backup(
            target=target, data_dir=Path(settings.DATA_DIR), now=utc_now(), progress=shown
        )
    _tell(report)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Lose what the database holds now.")
@click.option("--accept-unproved", is_flag=True, help="Take a ledger whose history does not prove.")
@click.option("--check", is_flag=True, help="Only read the file from end to end; needs no database.")
def restore(file: Path, *, replace: bool, accept_unproved: bool, check: bool) -> None:
    """Make everything what it was when FILE was written.

    Nothing changes unless all of it came out right: rows, control sums, and a replay of the ledger. Web
    server and workers must be stopped. Restore only files that you trust: they hold code of the database.
    """
    if check:
        with track("Reading", unit="rows") as shown:
            manifest = backups.verify_backup(file, on_rows=shown.reach)
        click.echo(f"{file.name} is whole: {_describe(manifest)}.")
        return
    with database() as attachment:
        require_version()
        with track("Restoring", unit="rows") as shown:
            report = backups.restore_backup(
                path=file,
                data_dir=Path(settings.DATA_DIR),
                now=utc_now(),
                replace=replace,
                accept_unproved=accept_unproved,
                is_alone=attachment is None or attachment.has_started,
                progress=shown,
            )
        click.echo(f"Restored {_describe(report.manifest)}; every table is what it was.")
        if report.kept_aside:
            click.echo(f"Files that it replaced are in {report.kept_aside}.")
        applied = install()
        if applied:
            click.echo(f"It was of an older version: {applied} migrations were applied.")
        for problem in report.problems:
            click.echo(f"Not proved: {problem}.", err=True)
        if report.is_proved:
            click.echo("A replay of the ledger's history gave every balance.")
        elif not report.problems:
            _prove_late()


@click.command()
@click.option(
    "--to",
    "url",
    envvar="REGULARS_MOVE_TO",
    show_envvar=True,
    metavar="postgresql://…",
    help="An empty database of the server to move to; the variable keeps its password off the screen.",
)
@click.option("--back", is_flag=True, help="Take the database that was moved away into use again.")
@click.option("--replace", is_flag=True, help="Lose what the database over there holds now.")
def move(url: str | None, *, back: bool, replace: bool) -> None:
    """Move the database to another PostgreSQL, and close the one that it leaves.

    Web server and workers must be stopped. Pictures and keys stay in the data directory. Afterwards set
    DATABASE_URL to the new address. The old database keeps its data and refuses to be written to.
    """
    if back:
        with database():
            backups.open_database()
        click.echo("This database is in use again. What was written elsewhere meanwhile is not in it.")
        return
    if not url:
        raise click.UsageError("Say where to: --to, or REGULARS_MOVE_TO.")
    require_answer(url)
    with database() as attachment:
        require_version()
        with _closed(is_alone=attachment is None or attachment.has_started):
            _move(url, replace=replace)
    click.echo(
        "Moved, and proved there. Set DATABASE_URL to the new address for web servers and workers; "
        "the database here keeps its data and is closed."
    )


@contextmanager
def _closed(*, is_alone: bool) -> Iterator[None]:
    """Nobody writes meanwhile; afterwards nobody ever, unless the block fails."""
    backups.require_alone(is_alone=is_alone)
    backups.close_database()
    try:
        backups.require_alone()  # of those who came just before it was closed
        yield
    except BaseException:
        backups.open_database()
        raise


def _move(url: str, *, replace: bool) -> None:
    data_dir = Path(settings.DATA_DIR)
    with tempfile.TemporaryDirectory(prefix=".moving-", dir=data_dir) as place:
        file = Path(place) / "moving.backup"
        with track("Reading", unit="MB") as shown:
            backups.create_backup(target=file, data_dir=data_dir, now=utc_now(), progress=shown)
        # Another process, for there is one database to a process.
        command = [sys.executable, "-m", "regulars.cli", "restore", str(file)]
        done = subprocess.run(
            [*command, "--replace"] if replace else command,
            env=os.environ | {"DATABASE_URL": url},
            stdin=subprocess.DEVNULL,
            check=False,
        )
    if done.returncode != 0:
        raise MoveFailed("Nothing was moved, and the database here is in use as before.")


def require_answer(url: str) -> None:
    """See that the other database can be reached. Raises TargetDoesNotAnswer, AddressInvalid."""
    try:
        psycopg.connect(url, connect_timeout=CONNECT_SECONDS).close()
    except psycopg.OperationalError as error:
        said = str(error).strip().splitlines()[-1].rstrip(".")
        raise TargetDoesNotAnswer(f"The database to move to does not answer ({said}).") from None
    except (psycopg.Error, UnicodeError):
        # What libpq says of it may quote the password.
        raise AddressInvalid(
            "That is no address: it reads postgresql://user:password@host:port/database."
        ) from None


def _tell(report: BackupReport) -> None:
    if report.left_out:
        click.echo(f"Left out, for they are not tables of Regulars: {', '.join(report.left_out)}.", err=True)
    click.echo(
        f"{report.path}: {report.size_bytes / 1e6:,.1f} MB, {_describe(report.manifest)}; "
        "read back and found whole."
    )
    elsewhere = list_elsewhere(Path(settings.DATA_DIR))
    if elsewhere:
        click.echo(f"Not in it is what these name: {', '.join(elsewhere)}. Keep that yourself.")
    click.echo("It holds personal data and keys. Only you can read it here; encrypt it before it travels.")


def list_elsewhere(data_dir: Path) -> list[str]:
    """The settings that keep something outside of the data directory: it is in no backup."""
    directories = {
        "REGULARS_SIGNING_DIR": Path(settings.SIGNING_DIR),
        "REGULARS_CHECKPOINTS_DIR": Path(settings.CHECKPOINTS_DIR),
    }
    outside = [name for name, place in directories.items() if data_dir not in place.parents]
    return outside if (data_dir / "secret_key").exists() else ["REGULARS_SECRET_KEY", *outside]


def _describe(manifest: Manifest) -> str:
    return (
        f"{manifest.contents.rows:,} rows of {len(manifest.contents.tables)} tables and "
        f"{len(manifest.files)} files as of {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"
    )


def _prove_late() -> None:
    """A backup of an older version is proved once it is migrated. Raises NotProved."""
    for finding in check_ledger():
        if finding.is_problem and finding.subject == "ledger":
            raise NotProved(f"It is restored and migrated, but not proved: {finding.sentence}")
        click.echo(finding.sentence)
