"""Each measure is one expression: DuckDB and a real Spark cluster give the same, to the cent or to 1e-9."""

import dataclasses as dc
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_array_almost_equal

from regulars.analytics.codes import Measure, RetentionKind
from regulars.analytics.forecast.flows import Flows, read_flows
from regulars.analytics.lifestyles.baskets import read_baskets
from regulars.analytics.making.members import list_measures
from regulars.analytics.measures import cohorts, intervals, points, rewards, rfm, segments, tiers
from regulars.analytics.measures.basis import settle_facts
from regulars.analytics.measures.catalogue import DEFINITIONS, sum_rows
from regulars.analytics.measures.expiring import list_expiring
from regulars.analytics.measures.limits import Limits, find_limits
from regulars.analytics.measures.windows import hold_windows
from regulars.analytics.risk.features import read_examples
from regulars.analytics.types import Period
from regulars.analytics.value.purchases import find_currency, read_past
from regulars.facts.facade import Facts, facts_from_arrow
from tests.analytics.histories import AS_OF, FIRST, make_shop

# A cluster takes ten seconds to come, and each question a second.
pytestmark = pytest.mark.slow

YEAR = Period(FIRST, AS_OF + dt.timedelta(days=1))
LATE = Period(dt.date(2025, 9, 1), dt.date(2025, 12, 1))
WINDOWS = (LATE, Period(dt.date(2025, 6, 2), LATE.first), YEAR)
Expression = Callable[[Facts, Limits], Any]


def _of(measure: Measure) -> Expression:
    return lambda facts, limits: DEFINITIONS[measure].rows(facts, hold_windows(WINDOWS), limits)


def _retained(kind: RetentionKind, ages: Any) -> Expression:
    return lambda facts, _limits: cohorts.list_retained(facts, YEAR, kind, ages)


EXPRESSIONS: dict[str, Expression] = {
    **{measure.value: _of(measure) for measure in DEFINITIONS},
    "gaps": lambda facts, _limits: intervals.list_gaps(facts),
    "intervals": lambda facts, _limits: intervals.list_intervals(facts),
    "retained": _retained(RetentionKind.N_PERIOD, cohorts.list_steps()),
    "retained_unbounded": _retained(RetentionKind.UNBOUNDED, cohorts.list_steps()),
    "retained_brackets": _retained(RetentionKind.BRACKETS, cohorts.BRACKETS),
    "counted": lambda facts, _limits: cohorts.count_retained(
        facts, YEAR, RetentionKind.N_PERIOD, cohorts.list_steps(7, 8)
    ),
    "rfm": lambda facts, _limits: rfm.score_rfm(rfm.list_rfm(facts, rfm.hold_looks([AS_OF, LATE.first]))),
    "labels": lambda facts, limits: segments.label_at(facts, [AS_OF, LATE.first], limits.interval),
    "movements": lambda facts, _limits: points.list_movements(facts),
    "first_rewards": lambda facts, _limits: rewards.list_first_rewards(facts, YEAR),
    "expiring": lambda facts, _limits: list_expiring(facts),
    "tier_moves": lambda facts, _limits: tiers.list_tier_moves(facts, LATE),
    "members": list_measures,
    "sums": lambda facts, limits: sum_rows(_of(Measure.BASKET_VALUE)(facts, limits)),
}


def read_rows(table: Any) -> list[tuple[Any, ...]]:
    rows = [tuple(row.values()) for row in table.to_pyarrow().to_pylist()]
    return sorted(rows, key=lambda row: [(value is None, str(type(value)), value) for value in row])


def assert_same(left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> None:
    assert len(left) == len(right)
    for mine, other in zip(left, right, strict=True):
        assert [type(value) for value in mine] == [type(value) for value in other]
        for value, twin in zip(mine, other, strict=True):
            if isinstance(value, float):
                assert value == pytest.approx(twin, abs=1e-9, rel=1e-9)
            else:
                assert value == twin


@pytest.fixture(scope="module")
def on_duckdb() -> Facts:
    return settle_facts(facts_from_arrow(make_shop(), AS_OF, "UTC"))


@pytest.fixture(scope="module")
def limits(on_duckdb: Facts) -> Limits:
    return find_limits(on_duckdb)


@pytest.fixture(scope="module")
def on_spark(spark: Any) -> Iterator[Facts]:
    yield settle_facts(facts_from_arrow(make_shop(), AS_OF, "UTC", backend=spark))


def test_what_measures_are_taken_by_is_the_same(on_spark: Facts, limits: Limits) -> None:
    assert limits.interval.lapsed_after_days is not None
    assert find_limits(on_spark) == limits


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_engines_agree(name: str, on_duckdb: Facts, on_spark: Facts, limits: Limits) -> None:
    expression = EXPRESSIONS[name]
    rows = read_rows(expression(on_duckdb, limits))
    assert rows, "an expression that finds nobody compares nothing"
    assert_same(rows, read_rows(expression(on_spark, limits)))


def test_what_models_read_is_the_same(on_duckdb: Facts, on_spark: Facts) -> None:
    """Models compute in this process; what they are fed with comes from either engine."""
    before = LATE.first
    for left, right in (
        [read_past(facts, before, (8, 26), find_currency(facts)) for facts in (on_duckdb, on_spark)],
        [read_examples(facts, before) for facts in (on_duckdb, on_spark)],
        [read_flows(facts) for facts in (on_duckdb, on_spark)],
        [read_baskets(facts, None) for facts in (on_duckdb, on_spark)],
    ):
        found = list(flatten(left))
        assert found
        assert all(len(one) for one in found), "an array of nothing compares nothing"
        for one, other in zip(found, flatten(right), strict=True):
            assert_array_almost_equal(one, other, decimal=9)


def flatten(value: Any) -> Iterator[Any]:
    """The arrays in a dataclass; what stands in no order is put in one, by all columns at once."""
    if isinstance(value, Flows):
        opened = [value.opened_week, value.opened_expiry, value.opened_amount]
        gone = [value.gone_opened, value.gone_expiry, value.gone_week, value.gone_cause, value.gone_amount]
        yield np.array(sorted(zip(*opened, strict=True)))
        yield np.array(sorted(zip(*gone, strict=True)))
    elif dc.is_dataclass(value):
        for field in dc.fields(value):
            yield from flatten(getattr(value, field.name))
    elif hasattr(value, "toarray"):
        yield value.toarray()
    elif isinstance(value, np.ndarray):
        yield value
