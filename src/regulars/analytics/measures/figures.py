"""From the rows of a measure to the figure: value, what it stands on, the period before, the trend."""

from collections.abc import Mapping, Sequence
from typing import Any

from regulars.analytics.codes import Measure, Unit
from regulars.analytics.measures.catalogue import DEFINITIONS, find_obstacle, name_absence, sum_rows
from regulars.analytics.measures.limits import Limits
from regulars.analytics.measures.windows import hold_windows, list_trend
from regulars.analytics.policies import precede
from regulars.analytics.types import Figure, Period, Point
from regulars.facts.facade import Facts

Sums = Mapping[int, dict[str, int]]


def make_figures(
    facts: Facts, period: Period, measures: Sequence[Measure], limits: Limits
) -> tuple[Figure, ...]:
    """One figure for each measure, in their order. One query for each, over all windows at once."""
    windows = [period]
    if limits.first_day is not None:
        windows += [precede(period), *list_trend(period, limits.first_day)]
    return tuple(_make_figure(facts, windows, measure, limits) for measure in measures)


def _make_figure(facts: Facts, windows: Sequence[Period], measure: Measure, limits: Limits) -> Figure:
    period = windows[0]
    definition = DEFINITIONS[measure]
    currency = limits.currency if definition.unit is Unit.MONEY else ""
    obstacle = find_obstacle(measure, limits, period)
    if obstacle is not None:
        return Figure(measure, definition.unit, period, 0, unknown=obstacle, currency=currency)
    asked = windows[:1] if definition.is_now else windows
    rows = definition.rows(facts, hold_windows(asked), limits)
    sums = {row["window"]: row for row in sum_rows(rows).to_pyarrow().to_pylist()}
    values = [_value_of(measure, sums.get(number), limits, one) for number, one in enumerate(asked)]
    mine = sums.get(0, {})
    told = definition.is_ratio
    return Figure(
        measure=measure,
        unit=definition.unit,
        period=period,
        population=mine.get("population", 0),
        value=values[0],
        numerator=mine.get("numerator", 0) if told else None,
        denominator=mine.get("denominator", 0) if told else None,
        unknown=name_absence(measure) if values[0] is None else None,
        previous=values[1] if len(values) > 1 else None,
        points=tuple(Point(one, value) for one, value in zip(asked[2:], values[2:], strict=True)),
        currency=currency,
        behind=definition.keys,
    )


def _value_of(
    measure: Measure, sums: dict[str, Any] | None, limits: Limits, period: Period
) -> int | float | None:
    """The value over one window; None where it cannot be told there."""
    if find_obstacle(measure, limits, period) is not None:
        return None
    if not DEFINITIONS[measure].is_ratio:
        return 0 if sums is None else int(sums["numerator"])
    if sums is None or not sums["denominator"]:
        return None
    return float(sums["numerator"] / sums["denominator"])
