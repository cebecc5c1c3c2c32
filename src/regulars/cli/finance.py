"""`regulars finance`: what is owed in points, what moved, and the books as files."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from regulars.cli.progress import track
from regulars.cli.startup import with_database
from regulars.finance import facade as finance
from regulars.finance.facade import Breakdown, ExportFormat, Liability, Movements, Period, Step, Table, TieOut
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import end_of_day, start_of_day, utc_now
from regulars.kit.money import format_money
from regulars.ledger.facade import Currency
from regulars.rules import facade as rules

DIFFERS = 1
UNUSABLE = 2
DAY = click.DateTime(["%Y-%m-%d"])
TIE_OUTS = {
    "opening_lots": "entries against lots at the beginning",
    "lots": "entries against lots",
    "wallets": "all entries against stored wallets",
    "stored": "stored wallets against stored lots",
}
LINES = {
    "earned": "Earned",
    "spent": "Spent",
    "refunded": "Given back",
    "expired": "Expired",
    "reversed": "Reversed",
    "adjusted_up": "Adjusted upwards",
    "adjusted_down": "Adjusted downwards",
    "transfer_out": "Transferred out",
    "transfer_in": "Transferred in",
    "merge_out": "Merged out",
    "merge_in": "Merged in",
    "activated": "Became spendable",
    "held": "Held",
    "released": "Released",
    "repaid": "Repaid debt",
    "reversed_lapsed": "Reversed after lapsing",
    "restored": "Moved between lots",
    "waived": "Waived",
    "extended": "Expiry extended",
}
_currency = click.option(
    "--currency",
    type=click.Choice([one.value for one in Currency]),
    default=Currency.POINTS.value,
    show_default=True,
    help="Which wallets.",
)
_as_csv = click.option("--csv", "as_csv", is_flag=True, help="Print CSV for a spreadsheet instead.")


def _period(command: Callable[..., Any]) -> Callable[..., Any]:
    first = click.option("--from", "first_day", type=DAY, required=True, help="The first day.")
    last = click.option("--to", "last_day", type=DAY, required=True, help="The last day, all of it.")
    return first(last(command))


@click.group(name="finance")
def finance_() -> None:
    """What is owed in points, what moved, and the books as files.

    Days are those of the programme's time zone. An entry counts from when it was recorded, so that the
    figures of a day that is over never change. docs/finance.md tells more.
    """


@finance_.command()
@click.option("--as-of", "as_of", type=DAY, help="At the end of this day; now by default.")
@click.option(
    "--by",
    "by",
    type=click.Choice([one.value for one in Breakdown]),
    default=Breakdown.EXPIRY.value,
    show_default=True,
    help="The month in which points lapse, or the tier that members had been told.",
)
@_currency
@_as_csv
@click.pass_context
@with_database
def liability(
    context: click.Context, as_of: datetime | None, by: str, currency: str, *, as_csv: bool
) -> None:
    """Show what members can claim, as of the end of a day.

    Exit code 1: the figures do not agree with the ledger; what differs is named.
    """
    now = utc_now()
    zone = rules.get_current_programme(now).time_zone
    instant = now if as_of is None else _close_of(as_of.date(), zone, now)
    owed = finance.get_liability(as_of=instant, now=now, currency=Currency(currency))
    table = finance.list_liability(owed, Breakdown(by))
    if as_csv:
        click.echo(finance.write_csv(table), nl=False)
    else:
        _show_liability(owed, table)
    _conclude(context, owed.tie_outs, quiet=as_csv)


@finance_.command()
@_period
@click.option("--by", "by", type=click.Choice([one.value for one in Step]), help="Cut the period into these.")
@_currency
@_as_csv
@click.pass_context
@with_database
def movements(
    context: click.Context,
    first_day: datetime,
    last_day: datetime,
    by: str | None,
    currency: str,
    *,
    as_csv: bool,
) -> None:
    """Show what moved in a period: opening + movements = closing.

    Exit code 1: the figures do not agree with the ledger; what differs is named.
    """
    now = utc_now()
    moved = finance.get_movements(
        period=_read_period(first_day, last_day, now),
        now=now,
        currency=Currency(currency),
        step=Step(by) if by else None,
    )
    table = finance.list_movements(moved)
    if as_csv:
        click.echo(finance.write_csv(table), nl=False)
    else:
        _show_movements(moved, table)
    _conclude(context, moved.tie_outs, quiet=as_csv)


@finance_.command()
@_period
@click.option(
    "--format",
    "file_format",
    type=click.Choice([one.value for one in ExportFormat]),
    default=ExportFormat.CSV.value,
    show_default=True,
    help="Of the lines; the other files are CSV and JSON always.",
)
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@click.pass_context
@with_database
def export(
    context: click.Context, first_day: datetime, last_day: datetime, file_format: str, directory: Path
) -> None:
    """Write every entry of a period into DIRECTORY as a debit and a credit.

    With chart of accounts, trial balance and a manifest of control totals. The same period gives the same
    names, and once it is over the same bytes. Exit code 1: refused, and nothing was kept; 2: Parquet is not
    installed.
    """
    now = utc_now()
    period = _read_period(first_day, last_day, now)
    try:
        with track("Writing the journal", unit="entries") as shown:
            report = finance.export_journal(
                period=period,
                now=now,
                directory=directory,
                file_format=ExportFormat(file_format),
                on_progress=lambda progress: shown.reach(progress.done, progress.total),
            )
    except finance.WriterMissing as refusal:
        click.echo(refusal.detail, err=True)
        context.exit(UNUSABLE)
    click.echo(
        f"{report.entries:,} entries in {report.lines:,} lines; debits {report.debits:,}, "
        f"credits {report.credits:,}; the accounts add up to zero and agree with the ledger."
    )
    for path in report.files:
        click.echo(f"  {path}")
    if not report.is_final:
        click.echo("The period is not over yet: another export of it may have more entries.")


@finance_.command()
@click.argument("cost", required=False)
@click.option("--from", "first_day", type=DAY, help="The first day of it; tomorrow by default.")
@with_database
def cost(cost: str | None, first_day: datetime | None) -> None:
    """Show what points are reckoned at, or reckon a point at COST from a day on.

    COST is in major units of the programme's currency, such as 0.005. The first one may begin on any day,
    later ones after today, so that no report changes that is in use.
    """
    if cost is not None:
        now = utc_now()
        zone = rules.get_current_programme(now).time_zone
        day = first_day.date() if first_day else now.astimezone(zone).date() + timedelta(days=1)
        finance.set_point_cost(actor=SYSTEM, now=now, cost=_read_cost(cost), effective_on=day)
    costs = finance.list_point_costs()
    for one in costs:
        click.echo(f"{one.cost.normalize():f} {one.currency} a point from {one.effective_on.isoformat()} on")
    if not costs:
        click.echo("Points are not reckoned at anything: `regulars finance cost 0.005 --from 2026-01-01`.")


def _show_liability(owed: Liability, table: Table) -> None:
    total = owed.total
    click.echo(f"Before {_instant(owed.as_of, owed.zone)}, {owed.currency.value}{_state_of(owed.is_final)}")
    click.echo(f"  members can claim {total.claimable:>15,}{_money_of(total.money, owed)}")
    if total.due:
        click.echo(f"  lapsed, not swept {total.due:>15,}")
    click.echo(f"  members owe       {total.debt:>15,}")
    click.echo("")
    _show(table)


def _show_movements(moved: Movements, table: Table) -> None:
    start, end = (_instant(one, moved.period.zone) for one in (moved.period.start, moved.period.end))
    click.echo(f"From {start} to {end}, {moved.currency.value}{_state_of(moved.is_final)}")
    click.echo("")
    named = tuple((LINES.get(str(row[0]), str(row[0]).capitalize()), *row[1:]) for row in table.rows)
    _show(Table(table.columns, named))
    for name, due in (("opening", moved.opening_due), ("closing", moved.closing_due)):
        if due:
            click.echo(f"Of the {name} balance {due:,} had lapsed and were not swept: nobody can claim them.")


def _show(table: Table) -> None:
    """Words to the left, numbers to the right. Columns that say nothing are left out."""
    written = [[_write(cell) for cell in row] for row in table.rows]
    used = [
        place
        for place, name in enumerate(table.columns)
        if place == 0 or any(row[place] not in {"", "0"} for row in written) or name == "net"
    ]
    shown = [[table.columns[place].replace("_", " ") for place in used]]
    shown += [[row[place] for place in used] for row in written]
    widths = [max(len(row[place]) for row in shown) for place in range(len(used))]
    for row in shown:
        parts = [
            cell.ljust(width) if place == 0 else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(parts).rstrip())


def _write(cell: Any) -> str:
    return "" if cell is None else f"{cell:,}" if isinstance(cell, int | Decimal) else str(cell)


def _conclude(context: click.Context, tie_outs: Sequence[TieOut], *, quiet: bool) -> None:
    wrong = [one for one in tie_outs if not one.agrees]
    for one in wrong:
        click.echo(
            f"Does not agree: {TIE_OUTS[one.what]}, {one.state}: {one.left:,} and {one.right:,}.",
            err=True,
        )
    if wrong:
        click.echo("`regulars doctor --ledger` finds the first wrong entry.", err=True)
        context.exit(DIFFERS)
    if not quiet:
        click.echo("")
        click.echo(f"Agrees with the ledger to the point ({len(tie_outs)} comparisons).")


def _read_period(first_day: datetime, last_day: datetime, now: datetime) -> Period:
    zone = rules.get_current_programme(now).time_zone
    return Period(start_of_day(first_day.date(), zone), end_of_day(last_day.date(), zone), zone)


def _close_of(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """The end of a day; of a day that runs, the present."""
    end = end_of_day(day, zone)
    return now if start_of_day(day, zone) <= now < end else end


def _read_cost(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise click.BadParameter(f"{text!r} is not a number such as 0.005", param_hint="COST") from None


def _instant(instant: datetime, zone: ZoneInfo) -> str:
    return f"{instant.astimezone(zone):%Y-%m-%d %H:%M} {zone.key}"


def _state_of(is_final: bool) -> str:
    return "" if is_final else " (not over yet: more may be booked)"


def _money_of(minor: int | None, owed: Liability) -> str:
    if minor is None or owed.cost is None:
        return ""
    rate = f"{owed.cost.cost.normalize():f}"
    return f"  {format_money(minor, owed.cost.currency)} at {rate} {owed.cost.currency} a point"
