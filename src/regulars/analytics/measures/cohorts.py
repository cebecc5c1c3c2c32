"""Retention by cohort: of those who first bought at the same time, how many buy at each age.

Age is counted in days since the member's own first purchase, which is age 0. A member counts at an age only
once the whole stretch lies behind them: otherwise young cohorts would seem to leave. Source: the three ways
to count retention of product analytics (N-day, unbounded, bracket); the denominators by age follow survival
analysis.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from regulars.analytics.codes import RetentionKind
from regulars.analytics.measures.basis import list_purchase_days
from regulars.analytics.measures.windows import count_days
from regulars.analytics.types import Cell, Cohort, Period, RetentionTable
from regulars.facts.facade import Facts

Stretch = tuple[int, int | None]
STEP_DAYS = 28
STEPS = 13
BRACKETS: tuple[Stretch, ...] = ((1, 8), (8, 15), (15, 29), (29, 57), (57, 85), (85, 183), (183, 365))
"""Weeks at first, then months, then quarters: where little is bought, equal stretches are mostly empty."""
ENDLESS = 100_000
_STRETCHES = pa.schema([("age", pa.int64()), ("low", pa.int64()), ("high", pa.int64())])


def list_steps(step_days: int = STEP_DAYS, steps: int = STEPS) -> tuple[Stretch, ...]:
    """Stretches of equal length, from the first day after age 0: [28, 56), [56, 84) …"""
    return tuple((step_days * n, step_days * (n + 1)) for n in range(1, steps))


def list_cohort_members(facts: Facts, period: Period) -> Any:
    """Members whose first purchase is in the period (member_id, first_on, cohort: first day of its month)."""
    orders = facts.orders
    firsts = orders.group_by("member_id").agg(first_on=orders.occurred_on.min())
    firsts = firsts.filter(firsts.first_on >= period.first, firsts.first_on < period.after)
    return firsts.mutate(cohort=firsts.first_on.truncate("M").cast("date"))


def list_retained(facts: Facts, period: Period, kind: RetentionKind, stretches: Sequence[Stretch]) -> Any:
    """Members by cohort and age (member_id, cohort, first_on, age, reached, returned): 1 or 0 each.

    `reached`: the stretch was over by the last day of the facts. `returned`: bought in it; for UNBOUNDED,
    in it or later. Not reached is not returned either, whatever was bought so far.
    """
    members = list_cohort_members(facts, period)
    ages = _hold_stretches(stretches)
    bought = list_purchase_days(facts).join(members, "member_id")
    bought = bought.mutate(age_days=count_days(bought.occurred_on, bought.first_on))
    ends = ages if kind is not RetentionKind.UNBOUNDED else ages.mutate(high=ibis.literal(ENDLESS, "int64"))
    met = bought.join(ends, [bought.age_days >= ends.low, bought.age_days < ends.high])
    met = met.select(met_member=met.member_id, met_age=met.age).distinct()
    grid = members.cross_join(ages)
    grid = grid.mutate(lived=count_days(ibis.date(facts.as_of), grid.first_on))
    joined = grid.left_join(met, [grid.member_id == met.met_member, grid.age == met.met_age])
    reached = (joined.lived >= joined.high - 1).cast("int64")
    return joined.select(
        joined.member_id,
        joined.cohort,
        joined.first_on,
        joined.age,
        reached=reached,
        returned=reached * joined.met_age.notnull().cast("int64"),
        lived=joined.lived,
    )


def count_retained(facts: Facts, period: Period, kind: RetentionKind, stretches: Sequence[Stretch]) -> Any:
    """The same, counted (cohort, age, members, reached, returned, lived_min)."""
    rows = list_retained(facts, period, kind, stretches)
    return rows.group_by(["cohort", "age"]).agg(
        members=rows.count(),
        reached=rows.reached.sum().cast("int64"),
        returned=rows.returned.sum().cast("int64"),
        lived_min=rows.lived.min(),
    )


def measure_retention(
    facts: Facts,
    period: Period,
    kind: RetentionKind,
    stretches: Sequence[Stretch],
    watched_days: int = 0,
) -> RetentionTable:
    """The table of cohorts. One query.

    A cell is immature while part of its cohort is younger. An unbounded cell can still grow after that; it is
    immature until everybody was watched for `watched_days` (the silence after which one has lapsed) longer.
    """
    rows = count_retained(facts, period, kind, stretches).order_by(["cohort", "age"]).to_pyarrow().to_pylist()
    wait = watched_days if kind is RetentionKind.UNBOUNDED else 0
    cohorts: dict[date, list[Cell]] = {}
    sizes: dict[date, int] = {}
    for row in rows:
        end = stretches[row["age"]][1] or ENDLESS
        immature = row["reached"] < row["members"] or row["lived_min"] < end - 1 + wait
        cell = _make_cell(row["age"], row["reached"], row["returned"], immature=immature)
        cohorts.setdefault(row["cohort"], []).append(cell)
        sizes[row["cohort"]] = row["members"]
    return RetentionTable(
        kind=kind,
        ages=tuple(stretches),
        cohorts=tuple(Cohort(first, sizes[first], tuple(cells)) for first, cells in cohorts.items()),
        curve=_add_up([cell for cells in cohorts.values() for cell in cells], len(stretches)),
    )


def _add_up(cells: Sequence[Cell], ages: int) -> tuple[Cell, ...]:
    """All cohorts together, by age: members of all cohorts that have reached it."""
    curve = []
    for age in range(ages):
        mine = [cell for cell in cells if cell.age == age]
        reached = sum(cell.reached for cell in mine)
        returned = sum(cell.returned for cell in mine)
        curve.append(_make_cell(age, reached, returned, immature=any(cell.immature for cell in mine)))
    return tuple(curve)


def _make_cell(age: int, reached: int, returned: int, *, immature: bool) -> Cell:
    return Cell(age, reached, returned, returned / reached if reached else None, immature)


def _hold_stretches(stretches: Sequence[Stretch]) -> Any:
    columns = [
        list(range(len(stretches))),
        [low for low, _high in stretches],
        [high or ENDLESS for _low, high in stretches],
    ]
    return ibis.memtable(pa.table(columns, schema=_STRETCHES))
