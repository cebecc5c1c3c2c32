"""How recommendations go: what serves, how the models did on the past, by which way shelves were served."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse
from django.utils import formats
from django.utils.translation import gettext as _

from regulars.console.pages.recommend.wording import MODELS, TASKS, WAYS, name_model
from regulars.design import facade as design
from regulars.design.facade import (
    Chart,
    ChartKind,
    ChartPoint,
    ChartScale,
    ChartSeries,
    ChartState,
    ScaleKind,
)
from regulars.kit.shares import format_share
from regulars.recommend import facade as recommend
from regulars.recommend.facade import (
    BacktestLine,
    BacktestView,
    MadeFor,
    ModelView,
    ServedCount,
    Task,
)


@dataclass(frozen=True, slots=True)
class ServingRow:
    """What serves a task; `model` is empty where nothing does."""

    task: str
    model: str
    since: datetime | None
    as_of: date | None
    found: str
    """NDCG@10 at its training; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class LineRow:
    """How one model did. `behind` is the difference to the one taken, with its error."""

    model: str
    about: str
    ndcg: str
    behind: str
    recall: str
    coverage: str
    novelty: str
    diversity: str
    is_taken: bool


@dataclass(frozen=True, slots=True)
class TaskTable:
    """The back-test of one task, the best first."""

    name: str
    title: str
    rows: tuple[LineRow, ...]


@dataclass(frozen=True, slots=True)
class QualityPage:
    """The page. `waiting`: a comparison that is asked for and not made; `failure`: why it could not be."""

    serving: tuple[ServingRow, ...]
    lost: tuple[str, ...]
    made_for: MadeFor
    reach: str
    tables: tuple[TaskTable, ...]
    compared: BacktestView | None
    waiting: BacktestView | None
    failure: str
    served: Chart
    is_serving: bool


def load_quality(now: datetime) -> QualityPage:
    """The page, in six queries."""
    asked = recommend.find_backtest()
    made = asked if asked is not None and asked.made_at else recommend.find_made_backtest()
    models = recommend.list_models()
    serving = tuple(_show_serving(task, models) for task in Task)
    made_for = recommend.count_made_for()
    is_open = asked is not None and asked.made_at is None
    return QualityPage(
        serving=serving,
        lost=tuple(_list_lost(models)),
        made_for=made_for,
        reach=format_share(made_for.members / made_for.known, 0) if made_for.known else "",
        tables=tuple(_show_task(task, made) for task in Task if task in made.winners) if made else (),
        compared=made,
        waiting=asked if is_open and asked is not None and not asked.failure else None,
        failure=asked.failure if is_open and asked is not None else "",
        served=draw_served(recommend.count_served(now)),
        is_serving=any(row.model for row in serving),
    )


def _show_serving(task: Task, models: Sequence[ModelView]) -> ServingRow:
    row = next((one for one in models if one.task is task and one.served_from and not one.served_to), None)
    if row is None:
        return ServingRow(str(TASKS[task]), "", None, None, "")
    return ServingRow(
        str(TASKS[task]),
        name_model(row.kind),
        row.served_from,
        row.as_of,
        write_mean(row.figures.get("ndcg")),
    )


def _list_lost(models: Sequence[ModelView]) -> list[str]:
    """Tasks whose latest training lost against what serves."""
    found = []
    for task in Task:
        latest = next((one for one in models if one.task is task), None)
        if latest is not None and latest.verdict == "lost":
            found.append(str(TASKS[task]))
    return found


def _show_task(task: Task, made: BacktestView) -> TaskTable:
    lines = [line for line in made.lines if line.task is task]
    lines.sort(key=lambda line: -line.figures["ndcg"][0])
    winner = made.winners.get(task, "")
    return TaskTable(task.value, str(TASKS[task]), tuple(_show_line(line, winner) for line in lines))


def _show_line(line: BacktestLine, winner: str) -> LineRow:
    coverage = line.figures.get("coverage")
    return LineRow(
        model=name_model(line.model),
        about=str(MODELS[line.model][1]) if line.model in MODELS else "",
        ndcg=write_mean(line.figures.get("ndcg")),
        behind=write_mean(line.difference, signed=True),
        recall=write_mean(line.figures.get("recall")),
        coverage=format_share(coverage[0]) if coverage else "",
        novelty=formats.number_format(line.figures["novelty"][0], 1) if "novelty" in line.figures else "",
        diversity=formats.number_format(line.figures["diversity"][0], 2)
        if "diversity" in line.figures
        else "",
        is_taken=line.model == winner,
    )


def write_mean(mean: tuple[float, float] | None, *, signed: bool = False) -> str:
    """`0.527 ± 0.004`; empty where it is not known."""
    if mean is None:
        return ""
    value, error = (formats.number_format(abs(one), 3) for one in mean)
    sign = ("−" if mean[0] < 0 else "+") if signed else ""
    return f"{sign}{value} ± {error}"


def draw_served(counts: Sequence[ServedCount]) -> Chart:
    """Shares of shelves by the way that most of their items came, in seven days and in 28."""
    week, month = sum(one.week for one in counts), sum(one.month for one in counts)
    title = _("By which way shelves came")
    if not month:
        reason = _("No shelf was shown in the last 28 days. Shelves stand on the first page of the store.")
        return Chart("served", title, ChartKind.BAR, state=ChartState.EMPTY, reason=reason)
    shown = [one for one in counts if one.month]
    most = max(shown, key=lambda one: one.month)
    return Chart(
        name="served",
        title=title,
        kind=ChartKind.BAR,
        head=_("Way"),
        labels=tuple(str(WAYS[one.way][0]) for one in shown),
        keys=tuple(one.way.value for one in shown),
        series=(
            ChartSeries(_("28 days"), tuple(_share(one.month, month) for one in shown)),
            ChartSeries(_("7 days"), tuple(_share(one.week, week) for one in shown), "honey"),
        ),
        scale=ChartScale(ScaleKind.SHARE),
        summary=_("Of %(count)s shelves in 28 days, %(share)s came by “%(way)s”.")
        % {
            "count": design.format_points(month),
            "share": format_share(most.month / month, 0),
            "way": WAYS[most.way][0],
        },
        csv_href=reverse("console:recommendations_csv"),
        lying=True,
    )


def _share(count: int, total: int) -> ChartPoint:
    share = count / total if total else 0.0
    return ChartPoint(share, f"{format_share(share)} ({design.format_points(count)})")
