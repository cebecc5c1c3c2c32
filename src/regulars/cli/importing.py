"""`regulars import`: files in."""

from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import click

from regulars.cli.progress import track
from regulars.cli.startup import with_database
from regulars.facts import facade as facts
from regulars.imports import facade as imports
from regulars.imports.facade import FileFormat, ImportKind, ImportOptions, ImportReport
from regulars.kit.actor import Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.rules.facade import NoProgramme

REJECTED = 1
UNUSABLE = 2
DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}
WORDS = {
    ImportKind.ORDERS: ("order", "orders"),
    ImportKind.RETURNS: ("return", "returns"),
    ImportKind.MEMBERS: ("member", "members"),
    ImportKind.PRODUCTS: ("product", "products"),
    ImportKind.EVENTS: ("event", "events"),
}


@click.command(name="import")
@click.argument("kind", type=click.Choice([kind.value for kind in ImportKind]))
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "file_format",
    type=click.Choice([one.value for one in FileFormat]),
    help="By extension if not said.",
)
@click.option(
    "--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="A field's column; repeat for more."
)
@click.option("--dry-run", is_flag=True, help="Do everything, count it, and take it back.")
@click.option("--create-members", is_flag=True, help="Create members that are not known yet.")
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where rejected rows go; NAME.rejects.csv beside FILE by default.",
)
@click.option("--time-zone", metavar="ZONE", help="Of times without an offset; the programme's by default.")
@click.option("--encoding", help="Of CSV and JSON Lines; UTF-8 by default.")
@click.option("--delimiter", help="Of CSV: a character, or tab; by default what the head shows.")
@click.option("--decimal-comma", is_flag=True, help="Amounts are written 12,50.")
@click.pass_context
@with_database
def import_(  # noqa: PLR0917 (click hands options over by name)
    context: click.Context,
    kind: str,
    file: Path,
    file_format: str | None,
    pairs: tuple[str, ...],
    dry_run: bool,
    create_members: bool,
    rejects: Path | None,
    time_zone: str | None,
    encoding: str | None,
    delimiter: str | None,
    decimal_comma: bool,
) -> None:
    """Import orders, returns, members, products or events from FILE: CSV, JSON Lines or Parquet.

    Importing the same file again changes nothing. Rows that cannot be imported go to a rejects file with
    their line and the reason. Exit code 0: all rows are in; 1: some were rejected; 2: the file is unusable.
    docs/import.md has the fields.
    """
    options = ImportOptions(
        format=FileFormat(file_format) if file_format else None,
        mapping=_read_pairs(pairs),
        dry_run=dry_run,
        create_members=create_members,
        rejects=rejects,
        time_zone=_read_zone(time_zone),
        encoding=encoding,
        delimiter=_read_delimiter(delimiter),
        decimal_comma=decimal_comma,
    )
    try:
        report = _import(ImportKind(kind), file, options)
    except (imports.FileUnusable, imports.MappingInvalid, imports.ReaderMissing, NoProgramme) as refusal:
        click.echo(refusal.detail, err=True)
        context.exit(UNUSABLE)
    _show(file, report)
    if not report.dry_run:
        facts.ask_sync(now=utc_now())
    if report.rejected:
        context.exit(REJECTED)


def _import(kind: ImportKind, file: Path, options: ImportOptions) -> ImportReport:
    with track(f"Reading {WORDS[kind][1]}", unit="rows") as shown:

        def tell(progress: imports.ImportProgress) -> None:
            # How many rows a text has is known at its end; until then its bytes tell how many it may have.
            expected = progress.rows * progress.total // progress.done if progress.done else None
            shown.reach(progress.rows, expected)

        return imports.import_file(
            actor=Actor(ActorKind.IMPORT, file.name[:100]),
            now=utc_now(),
            kind=kind,
            path=file,
            options=options,
            on_progress=tell,
        )


def _show(file: Path, report: ImportReport) -> None:
    one, many = WORDS[report.kind]

    def count(number: int) -> str:
        return f"{number:,} {one if number == 1 else many}"

    if report.dry_run:
        click.echo("A dry run: everything was done and taken back, so this is what would happen.")
    parts = [f"{count(report.new)} new"]
    if report.changed:
        parts.append(f"{report.changed:,} changed")
    parts.append(f"{report.unchanged:,} there already")
    if report.rejected:
        rows = f" ({report.rejected_rows:,} rows)" if report.rejected_rows != report.rejected else ""
        parts.append(f"{report.rejected:,} rejected{rows}")
    click.echo(f"{file.name}: {report.rows:,} rows; {', '.join(parts)}.")
    if report.members_created:
        click.echo(f"Members created: {report.members_created:,}.")
    if report.points:
        verb = "took back" if report.kind is ImportKind.RETURNS else "gave"
        click.echo(f"What is new {verb} {report.points:,} points.")
    if report.changed_nothing:
        click.echo("Nothing changed: whatever is good in the file was there already.")
    if report.rejects is not None:
        click.echo(f"The rejected rows are in {report.rejects}, each with its line and the reason.")


def _read_pairs(pairs: tuple[str, ...]) -> dict[str, str]:
    mapping = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise click.BadParameter(f"{pair!r} is not FIELD=COLUMN", param_hint="--map")
        if field in mapping:
            raise click.BadParameter(f"{field} is mapped twice", param_hint="--map")
        mapping[field] = column
    return mapping


def _read_zone(name: str | None) -> ZoneInfo | None:
    if name is None:
        return None
    if name not in available_timezones():
        raise click.BadParameter(f"{name!r} is no time zone such as Europe/Berlin", param_hint="--time-zone")
    return ZoneInfo(name)


def _read_delimiter(told: str | None) -> str | None:
    if told is None:
        return None
    delimiter = DELIMITERS.get(told.lower(), told)
    if len(delimiter) != 1 or delimiter in '"\r\n' or not delimiter.isascii():
        raise click.BadParameter(f"{told!r} is not one character, nor tab", param_hint="--delimiter")
    return delimiter
