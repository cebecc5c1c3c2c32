"""Charts: one description from which the picture, the table behind it and the file are made.

A chart has labels along one side and series, each with one point for each label; a grid (`heat`) has a series
for each row. What a reader is told of a value is its `text`, written here in their language, so that the
picture, its table and the voice of a screen reader say the same. `frontend/charts` draws the picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise


class ChartKind(StrEnum):
    """How it is drawn. `SPARK` is a line without axes, beside its figure."""

    LINE = "line"
    BAR = "bar"
    STACK = "stack"
    HEAT = "heat"
    SPARK = "spark"


class ScaleKind(StrEnum):
    """How numbers along an axis are written."""

    COUNT = "count"
    NUMBER = "number"
    MONEY = "money"
    SHARE = "share"


class ChartState(StrEnum):
    """`EMPTY`: there is nothing yet. `UNKNOWN`: the data cannot tell. `LOADING`: it is being made."""

    FULL = "full"
    EMPTY = "empty"
    UNKNOWN = "unknown"
    LOADING = "loading"


@dataclass(frozen=True, slots=True)
class ChartPoint:
    """One value as drawn and as written; None is a gap. Money is drawn in whole units of its currency.

    `low` and `high` are an interval around it. `hatched`: it is not final, and `note` says so in words.
    `short` stands in a cell of a grid where `text` would be too long. `href` leads to what is behind it.
    """

    value: float | None
    text: str
    low: float | None = None
    high: float | None = None
    interval: str = ""
    hatched: bool = False
    note: str = ""
    short: str = ""
    tone: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class ChartSeries:
    """Values under one name. `tone` is one of frontend/charts/theme.js; `dashed` lines lie ahead."""

    name: str
    points: tuple[ChartPoint, ...]
    tone: str = "leaf"
    dashed: bool = False

    @property
    def has_interval(self) -> bool:
        """Whether any value has an interval around it."""
        return any(point.interval for point in self.points)


@dataclass(frozen=True, slots=True)
class ChartScale:
    """What the numbers are. `currency` is an ISO code where they are money."""

    kind: ScaleKind = ScaleKind.COUNT
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart with all that belongs to it.

    `name` is its anchor and its file's name. `head` says what the labels are, `corner` what the rows of a
    grid are. `summary` is the picture in a sentence. `keys` stand for the labels in a file (days: ISO 8601).
    `mark` is a label's place with a line through it, and what it says. `reason` says why it is not full.
    `lying` bars have room for long labels.
    """

    name: str
    title: str
    kind: ChartKind
    head: str = ""
    labels: tuple[str, ...] = ()
    series: tuple[ChartSeries, ...] = ()
    scale: ChartScale = ChartScale()
    summary: str = ""
    note: str = ""
    corner: str = ""
    keys: tuple[str, ...] = ()
    mark: tuple[int, str] | None = None
    state: ChartState = ChartState.FULL
    reason: str | Promise = ""
    csv_href: str = ""
    hatched_means: str = ""
    lying: bool = False

    @property
    def is_full(self) -> bool:
        """Whether there is a picture."""
        return self.state is ChartState.FULL

    @property
    def data(self) -> dict[str, Any]:
        """What the browser draws from."""
        return {
            "kind": self.kind.value,
            "lying": self.lying,
            "labels": list(self.labels),
            "scale": {"kind": self.scale.kind.value, "currency": self.scale.currency},
            "mark": {"at": self.mark[0], "text": self.mark[1]} if self.mark else None,
            "series": [
                {
                    "name": one.name,
                    "tone": one.tone,
                    "dashed": one.dashed,
                    "points": [_point(point) for point in one.points],
                }
                for one in self.series
            ],
        }

    @property
    def has_legend(self) -> bool:
        """Whether the series have to be told apart."""
        return self.kind not in (ChartKind.HEAT, ChartKind.SPARK) and len(self.series) > 1

    @property
    def table_heads(self) -> list[str]:
        """The heads of the table behind it, without the first."""
        return list(self.labels) if self.kind is ChartKind.HEAT else [one.name for one in self.series]

    @property
    def table_head(self) -> str:
        """The first of them."""
        return self.corner if self.kind is ChartKind.HEAT else self.head

    @property
    def table_rows(self) -> list[tuple[str, list[ChartPoint]]]:
        """Its rows: a name, and the points in the order of the heads."""
        if self.kind is ChartKind.HEAT:
            return [(row.name, list(row.points)) for row in self.series]
        return [
            (label, [one.points[place] for one in self.series]) for place, label in enumerate(self.labels)
        ]

    @property
    def is_hatched(self) -> bool:
        """Whether anything in it is not final."""
        return any(point.hatched for one in self.series for point in one.points)


def list_csv_rows(chart: Chart) -> Iterator[list[str | float | None]]:
    """Just what the chart shows, as rows of a file; the first is the heads. Numbers are plain."""
    if chart.kind is ChartKind.HEAT:
        yield from _list_cells(chart)
        return
    heads = [chart.head]
    for one in chart.series:
        heads += [one.name, *((f"{one.name} (low)", f"{one.name} (high)") if one.has_interval else ())]
    yield [*heads, *(["final"] if chart.is_hatched else [])]
    for place, label in enumerate(chart.keys or chart.labels):
        row: list[str | float | None] = [label]
        for one in chart.series:
            point = one.points[place]
            row += [point.value, *((point.low, point.high) if one.has_interval else ())]
        if chart.is_hatched:
            row.append("no" if any(one.points[place].hatched for one in chart.series) else "yes")
        yield row


def _list_cells(chart: Chart) -> Iterator[list[str | float | None]]:
    """A grid as long rows: one for each cell that has a value."""
    yield [chart.corner, chart.head, "value", *(["final"] if chart.is_hatched else [])]
    for row in chart.series:
        for label, point in zip(chart.keys or chart.labels, row.points, strict=True):
            if point.value is not None:
                final = ["no" if point.hatched else "yes"] if chart.is_hatched else []
                yield [row.name, label, point.value, *final]


def _point(point: ChartPoint) -> dict[str, Any]:
    drawn: dict[str, Any] = {"value": point.value, "text": point.text}
    if point.interval:
        drawn |= {"low": point.low, "high": point.high}
    note = " · ".join(filter(None, (point.interval, point.note)))
    extra = {"note": note, "short": point.short, "tone": point.tone, "href": point.href}
    drawn |= {name: value for name, value in extra.items() if value}
    return drawn | ({"hatched": True} if point.hatched else {})
