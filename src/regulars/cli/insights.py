"""`regulars insights`: retention, RFM, lifetime value and an overview of anybody's order file, without a
database.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import click

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Columns, OrderFile, Span
from regulars.cli import insights_picture as picture
from regulars.cli.insights_table import (
    list_learnt,
    list_retention,
    list_rfm,
    list_value,
    write_overview,
    write_rows,
)
from regulars.cli.startup import database, with_database
from regulars.kit.clock import utc_now

SHOWN = 20
MARK = "\n* part of the cohort is not that old yet"
_OPTIONS = (
    click.option(
        "--orders",
        "path",
        type=click.Path(dir_okay=False, path_type=Path),
        required=True,
        metavar="FILE",
        help="Orders as CSV or Parquet, one to a row, or one line of an order to a row.",
    ),
    click.option("--member", help="The column of the customer. Guessed from the names, as are the others."),
    click.option("--date", help="The column of the day."),
    click.option("--amount", help="The column of what was paid; below nought is a return."),
    click.option("--order", help="The column of the order's number; rows that share one are lines of it."),
    click.option("--currency", default="", help="Of the amounts, where no column says so, such as EUR."),
    click.option(
        "--format",
        "shape",
        type=click.Choice(["table", "json", "svg"]),
        default="table",
        show_default=True,
        help="How to tell it.",
    ),
    click.option(
        "--out",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Write it into this file; a picture needs one.",
    ),
)
_span = click.option(
    "--period",
    "span",
    type=click.Choice([one.value for one in Span]),
    default=Span.DAYS_84.value,
    show_default=True,
    help="The days up to the last one in the file.",
)


def _with_file(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.group()
def insights() -> None:
    """Measure anybody's order file: nothing is stored, and no database is needed.

    The expressions are those that the console's pages are made of; docs/measures explains each figure.
    """


@insights.command()
@_with_file
@_span
def overview(span: str, shape: str, out: Path | None, **options: Any) -> None:
    """Show who buys, comes back and leaves; what they spend; and the named segments."""
    file = _read(shape, out, options)
    report = analytics.tell_overview(file, Span(span))
    if shape == "json":
        _write(out, _dump(report))
    elif shape == "svg":
        _write_picture(out, picture.draw_overview(report))
    else:
        _write(out, write_overview(report))


@insights.command()
@_with_file
@click.option(
    "--kind",
    type=click.Choice([one.value for one in analytics.RetentionKind]),
    default=analytics.RetentionKind.N_PERIOD.value,
    show_default=True,
    help="Bought in the stretch, in it or later, or in the stretches of --brackets.",
)
@click.option(
    "--step",
    "step_days",
    type=click.IntRange(1, 366),
    default=28,
    show_default=True,
    help="Days of a stretch.",
)
@click.option("--brackets", help="Days where stretches begin, and the day after the last: 1,8,29,85,183.")
def retention(
    kind: str, step_days: int, brackets: str | None, shape: str, out: Path | None, **options: Any
) -> None:
    """Show of those who first bought in the same month how many buy at each age."""
    stretches = _read_brackets(brackets)
    file = _read(shape, out, options)
    report = analytics.tell_retention(file, brackets=stretches, step_days=step_days)
    table = next(one for one in report.tables if one.kind.value == kind)
    if shape == "json":
        _write(out, _dump(report))
    elif shape == "svg":
        _write_picture(out, picture.draw_retention(table))
    else:
        _write(out, write_rows(list_retention(table)) + MARK)


@insights.command()
@_with_file
@click.option("--top", type=click.IntRange(1), default=SHOWN, show_default=True, help="Members in the table.")
def rfm(top: int, shape: str, out: Path | None, **options: Any) -> None:
    """Show members by recency, frequency and money, with named segments. JSON has all of them."""
    file = _read(shape, out, options)
    rows = analytics.tell_rfm(file)
    if shape == "json":
        _write(out, json.dumps([asdict(row) for row in rows], ensure_ascii=False, indent=1))
    elif shape == "svg":
        _write_picture(out, picture.draw_segments(rows))
    else:
        _write(out, write_rows(list_rfm(rows[:top])) + _tell_rest(len(rows), top))


@insights.command()
@_with_file
@click.option("--top", type=click.IntRange(1), default=SHOWN, show_default=True, help="Members in the table.")
def clv(top: int, shape: str, out: Path | None, **options: Any) -> None:
    """Show what members are expected to buy in the next 52 weeks, and by which method. JSON has all of
    them.
    """
    file = _read(shape, out, options)
    value = analytics.tell_value(file)
    if shape == "json":
        _write(out, json.dumps(asdict(value), ensure_ascii=False, indent=1))
    elif value.unknown is not None:
        _write(out, f"Value is not known. {analytics.describe_unknown(value.unknown)}")
    elif shape == "svg":
        _write_picture(out, picture.draw_value(value))
    else:
        told = (
            f"In all {value.total_minor / 100:,.2f} {value.currency}; method {value.method} ({value.reason})"
        )
        _write(
            out, write_rows(list_value(value.rows[:top])) + _tell_rest(len(value.rows), top) + f"\n{told}."
        )


@insights.command()
@_span
@click.option("--json", "is_json", is_flag=True, help="Tell it as JSON, for programs.")
@with_database
def shop(span: str, *, is_json: bool) -> None:
    """Show the figures of this shop, from its own facts (`regulars facts sync`), made here and now."""
    reports = analytics.tell_shop(Span(span))
    if is_json:
        click.echo(json.dumps([analytics.write_report(one) for one in reports], ensure_ascii=False, indent=1))
        return
    told, retained, points = reports
    click.echo(write_overview(told, points.figures))
    click.echo("\n" + write_rows(list_retention(retained.tables[0])) + MARK)


@insights.command()
@click.option(
    "--orders",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="An order file, its columns guessed; the shop's own facts without.",
)
@click.option(
    "--draws", type=click.IntRange(2, 1000), default=50, show_default=True, help="Bootstrap samples."
)
@click.option("--json", "is_json", is_flag=True, help="Tell it as JSON, for programs.")
def stability(path: Path | None, draws: int, *, is_json: bool) -> None:
    """Show how steady the named segments are: over four weeks, and from one sample of members to another."""
    if path is None:
        with database():
            told = analytics.tell_stability(None, draws=draws)
    else:
        told = analytics.tell_stability(
            analytics.read_orders(path, Columns(), today=utc_now().date()), draws=draws
        )
    if is_json:
        click.echo(json.dumps(asdict(told), indent=1))
        return
    click.echo(f"{told.members:,} members. Another label after four weeks:")
    click.echo(f"  {told.changed_fifths:6.1%}  by plain fifths of recency, frequency and money")
    click.echo(f"  {told.changed_plain:6.1%}  by the shop's own silence, without hysteresis")
    click.echo(f"  {told.changed:6.1%}  as they are; {told.agrees:.1%} are what they would be without it")
    click.echo(
        f"Adjusted Rand index over {told.draws} bootstrap samples: mean {told.rand_mean:.3f}, "
        f"least {told.rand_min:.3f}."
    )


def _read(shape: str, out: Path | None, options: dict[str, Any]) -> OrderFile:
    """Read the file, and tell on the error stream what was read and what could not be."""
    if shape == "svg" and out is None:
        raise click.UsageError("A picture needs a file: --out picture.svg")
    columns = Columns(options["member"], options["date"], options["amount"], options["order"])
    file = analytics.read_orders(options["path"], columns, options["currency"], today=utc_now().date())
    used = ", ".join(f"{what} = {name}" for what, name in asdict(file.columns).items() if name)
    click.echo(
        f"{file.rows:,} rows, {file.orders:,} orders of {len(file.names):,} members, "
        f"{file.first_day.isoformat()} to {file.last_day.isoformat()} ({used}).",
        err=True,
    )
    if file.bad_count:
        told = "; ".join(f"{reason}: {count:,}" for reason, count in sorted(file.reasons.items()))
        left_out = "1 row was" if file.bad_count == 1 else f"{file.bad_count:,} rows were"
        click.echo(f"{left_out} left out ({told}):", err=True)
        for bad in file.bad:
            cell = f" ({bad.value})" if bad.value else ""
            click.echo(f"  line {bad.line:,}: {bad.reason}{cell}", err=True)
        if file.bad_count > len(file.bad):
            click.echo(f"  … and {file.bad_count - len(file.bad):,} more", err=True)
    if shape == "table":
        click.echo("", err=True)
    return file


def _read_brackets(text: str | None) -> tuple[tuple[int, int | None], ...] | None:
    if text is None:
        return None
    try:
        edges = [int(part) for part in text.split(",")]
    except ValueError:
        raise click.BadParameter("write days such as 1,8,29,85", param_hint="--brackets") from None
    if len(edges) < 2 or edges[0] < 1 or edges != sorted(set(edges)):
        raise click.BadParameter("days rise, from 1 on, and there are two or more", param_hint="--brackets")
    return tuple(pairwise(edges))


def _dump(report: analytics.Report) -> str:
    return json.dumps(analytics.write_report(report), ensure_ascii=False, indent=1)


def _write(out: Path | None, text: str) -> None:
    if out is None:
        click.echo(text)
    else:
        out.write_text(text + "\n", encoding="utf-8")


def _write_picture(out: Path | None, svg: str) -> None:
    assert out is not None, "asked for before anything was read"  # noqa: S101
    out.write_text(svg, encoding="utf-8")
    click.echo(f"Drawn into {out}", err=True)


def _tell_rest(count: int, top: int) -> str:
    return f"\n… and {count - top:,} more (--top, or --format json)" if count > top else ""


@insights.command()
@click.option("--json", "is_json", is_flag=True, help="Tell it as JSON, for programs.")
@with_database
def models(*, is_json: bool) -> None:
    """Show what was learnt at the last refresh of this shop, and how well each model did on its past."""
    learnt = analytics.list_learnt()
    if is_json:
        click.echo(json.dumps([asdict(one) for one in learnt], default=str, indent=1))
        return
    if not learnt:
        click.echo("Nothing has been learnt yet: the worker does so after the first copy of the facts.")
        return
    click.echo(write_rows(list_learnt(learnt)))
