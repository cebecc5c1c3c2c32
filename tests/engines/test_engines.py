"""Facts and measures on two engines: DuckDB and a real Spark cluster give the same, to the cent or to 1e-9.

All that needs the cluster stands in this file: each process of a parallel run starts its own.
"""

import dataclasses as dc
import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
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
from regulars.facts.facade import SCHEMAS, Facts, facts_from_arrow, open_facts
from tests.analytics.histories import AS_OF, FIRST, make_shop
from tests.facts.worlds import open_shop, read_all, sync

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


LINES_AS_OF = dt.date(2026, 3, 31)
FIRST_AT = dt.datetime(2026, 1, 29, 23, 59, 59, 999_999, dt.UTC)


def make_lines() -> pa.Table:
    at = [FIRST_AT + dt.timedelta(hours=7 * n) for n in range(40)]
    return pa.table(
        {
            "order_id": pa.array(range(40), pa.int64()),
            "line_no": pa.array([1] * 40, pa.int64()),
            "member_id": pa.array([n % 7 for n in range(40)], pa.int64()),
            "occurred_at": pa.array(at, pa.timestamp("us", "UTC")),
            "occurred_on": pa.array([one.date() for one in at], pa.date32()),
            "sku": [f"sku {n % 5}" for n in range(40)],
            "kind": ["product"] * 40,
            "quantity": pa.array([1 + n % 3 for n in range(40)], pa.int64()),
            "amount": pa.array([99 * n for n in range(40)], pa.int64()),
            "discount": pa.array([0] * 40, pa.int64()),
        }
    )


def make_products() -> pa.Table:
    return pa.table(
        {
            "sku": [f"sku {n}" for n in range(5)],
            "name": [f"Product {n}" for n in range(5)],
            "brand": [""] * 5,
            "categories": [["food", f"shelf {n % 2}"] for n in range(5)],
            "price": pa.array([100, None, 300, 400, 500], pa.int64()),
        }
    )


def name_types(facts, name: str) -> dict[str, str]:
    """Each column's type; of instants DuckDB also tells that they go to the microsecond."""
    return {
        column: str(kind).replace("timestamp(6)", "timestamp")
        for column, kind in getattr(facts, name).schema().items()
    }


def ask(facts) -> list[dict]:
    """Windows, joins, lists, instants and days in one expression."""
    lines = facts.order_lines.join(facts.products, "sku")
    months = lines.group_by(month=lines.occurred_at.truncate("M"), shelf=lines.categories[1]).agg(
        members=lines.member_id.nunique(),
        spent=lines.amount.sum(),
        mean=lines.amount.mean(),
        last=lines.occurred_at.max(),
        priced=lines.price.count(),
    )
    ranked = months.mutate(rank=ibis.row_number().over(order_by=[months.month, months.shelf]))
    return ranked.order_by("rank").to_pyarrow().to_pylist()


def test_two_engines_give_the_same_values(hold_on_spark):
    tables = {"order_lines": make_lines(), "products": make_products()}
    there = hold_on_spark(tables, LINES_AS_OF)
    here = facts_from_arrow(tables, LINES_AS_OF)
    assert there.backend.name == "pyspark"
    assert ask(there) == ask(here)
    assert len(ask(here)) == 4


def test_tables_keep_values_and_types(hold_on_spark):
    there = hold_on_spark({"order_lines": make_lines(), "products": make_products()}, LINES_AS_OF)
    here = facts_from_arrow({"order_lines": make_lines(), "products": make_products()}, LINES_AS_OF)
    for name in SCHEMAS:
        assert name_types(there, name) == name_types(here, name)
    for name in ("order_lines", "products"):
        key = list(SCHEMAS[name].key)
        tables = [getattr(facts, name).order_by(key).to_pyarrow().to_pylist() for facts in (there, here)]
        assert tables[0] == tables[1]


@pytest.mark.django_db(transaction=True)
def test_what_was_synced_is_read_by_the_cluster_that_the_settings_name(spark, spark_master, settings):
    open_shop()
    sync()
    here = read_all()
    settings.ENGINE = spark_master
    with open_facts() as facts:
        assert facts.backend.name == "pyspark"
        for name in ("orders", "ledger", "returns", "members"):
            table = getattr(facts, name)
            rows = table.order_by(list(SCHEMAS[name].key)).to_pyarrow().to_pylist()
            assert rows == here[name]
    assert spark.list_databases(), "an application that ran before is left running"
