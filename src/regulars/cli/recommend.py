"""`regulars recommend`: compare the models of shelves on the past, train them, and see which serve."""

import json
from dataclasses import asdict
from pathlib import Path

import click

from regulars.analytics import facade as analytics
from regulars.analytics.facade import Columns
from regulars.cli.insights_table import write_rows
from regulars.cli.startup import database, with_database
from regulars.kit.clock import utc_now
from regulars.recommend import facade as recommend
from regulars.recommend.facade import BacktestView, Task

TASKS = {Task.ANY: "Of all products", Task.NEW: "Of products never bought before"}
HEADER = ["model", "NDCG@10", "±", "to the winner", "±", "recall", "coverage", "novelty", "diversity", "s"]


@click.group("recommend")
def recommend_() -> None:
    """Shelves of products: which model serves, and how well each does on the past."""


@recommend_.command()
@click.option(
    "--orders",
    "path",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Anybody's orders, CSV or Parquet, a line of an order to a row; the shop's own facts without.",
)
@click.option("--member", help="The column of the customer. Guessed from the names, as are the others.")
@click.option("--date", help="The column of the day.")
@click.option("--amount", help="The column of what was paid; below nought is a return.")
@click.option("--order", help="The column of the order's number.")
@click.option("--product", help="The column of the product.")
@click.option("--days", type=click.IntRange(7, 366), help="Last days that are asked for, of a file.")
@click.option(
    "--buyers",
    "buyers_min",
    type=click.IntRange(1),
    help="Buyers an item must have, in a file: ten, or a twentieth of the members where they are few.",
)
@click.option("--json", "is_json", is_flag=True, help="Tell it as JSON, for programs.")
def backtest(
    path: Path | None, days: int | None, buyers_min: int | None, *, is_json: bool, **named: str | None
) -> None:
    """Compare all models on the last weeks of a past, with standard errors; name the winner of each task."""
    if path is None:
        with database():
            told = recommend.run_backtest(now=utc_now(), on_tried=_tell_progress)
    else:
        columns = Columns(**named)
        file = analytics.read_orders(path, columns, today=utc_now().date(), with_lines=True)
        click.echo(f"{file.rows:,} rows, {file.orders:,} orders of {len(file.names):,} members.", err=True)
        if file.bad_count:
            reasons = "; ".join(f"{reason}: {count:,}" for reason, count in sorted(file.reasons.items()))
            click.echo(f"Rows left out: {file.bad_count:,} ({reasons}).", err=True)
        told = recommend.backtest_orders(
            file, now=utc_now(), days=days, buyers_min=buyers_min, on_tried=_tell_progress
        )
    click.echo(json.dumps(asdict(told), default=str, indent=1) if is_json else _write(told))


@recommend_.command()
@with_database
def train() -> None:
    """Train the models and make everybody's candidates anew. A model that loses is not swapped in."""
    trained = recommend.train_models(now=utc_now())
    if trained is None:
        raise click.ClickException("Others learn just now; try again when they are done.")
    for task, (kind, verdict) in trained.verdicts.items():
        click.echo(f"{TASKS[task]}: {kind}, {verdict}.")
    if not trained.verdicts:
        click.echo("There are too few purchases to compare models on; what serves stays.")
    scored = recommend.score_members(now=utc_now())
    if scored is None:
        raise click.ClickException("No model serves, or others learn just now: nothing was scored.")
    click.echo(
        f"Candidates of {scored.members:,} members as of {scored.as_of.isoformat()}, in"
        f" {scored.seconds:.0f} s; similar products of {scored.similar:,}."
    )


@recommend_.command()
@click.option("--json", "is_json", is_flag=True, help="Tell it as JSON, for programs.")
@with_database
def models(*, is_json: bool) -> None:
    """List the models that were trained, the latest first, and which of them serve."""
    found = recommend.list_models()
    if is_json:
        click.echo(json.dumps([asdict(one) for one in found], default=str, indent=1))
        return
    if not found:
        click.echo("None was trained yet: the worker does so once the facts were copied.")
        return
    rows = [["id", "task", "kind", "NDCG@10", "as of", "trained", "verdict", ""]]
    for one in found:
        ndcg = f"{one.figures['ndcg'][0]:.4f}" if "ndcg" in one.figures else ""
        serves = "serves" if one.served_from and not one.served_to else ""
        trained = f"{one.trained_at:%Y-%m-%d %H:%M}"
        as_of = one.as_of.isoformat()
        rows.append([str(one.id), one.task.value, one.kind, ndcg, as_of, trained, one.verdict, serves])
    click.echo(write_rows(rows))


def _tell_progress(model: str) -> None:
    click.echo(f"… {model}", err=True)


def _write(told: BacktestView) -> str:
    if told.cut is None or told.after is None:
        return told.failure
    parts = [
        f"Known before {told.cut.isoformat()}, asked for until {told.after.isoformat()}:"
        f" {told.members:,} members, {told.items:,} items."
    ]
    for task, title in TASKS.items():
        rows = [HEADER]
        if task not in told.winners:
            parts.append(f"\n{title}: nobody bought any, so that there is nothing to compare.")
            continue
        for line in (one for one in told.lines if one.task is task):
            name = line.model + (" *" if told.winners.get(task) == line.model else "")
            gap = ("", "") if line.difference is None else tuple(f"{one:.4f}" for one in line.difference)
            value, error = line.figures["ndcg"]
            rest = [f"{line.figures[name][0]:.3f}" for name in ("recall", "coverage", "novelty", "diversity")]
            rows.append([name, f"{value:.4f}", f"{error:.4f}", *gap, *rest, f"{line.seconds:.1f}"])
        parts.append(f"\n{title} (* taken)\n{write_rows(rows)}")
    return "\n".join(parts)
