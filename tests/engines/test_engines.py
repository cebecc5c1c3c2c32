"""Facts and measures on two engines: DuckDB and a real Spark cluster give the same, to the cent or to 1e-9.

All that needs the cluster stands in this file: each process of a parallel run starts its own.
"""

import dataclasses as dc
import datetime as dt
import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pytest
from numpy.testing import assert_array_almost_equal
from scipy.sparse import csr_matrix

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
from regulars.recommend import models
from regulars.recommend.errors import EngineFailed
from regulars.recommend.learning.blocks import Kind, read_column
from regulars.recommend.learning.models import als
from regulars.recommend.learning.models.first import IN_PROCESS
from regulars.recommend.learning.models.twostage import ranker
from regulars.recommend.operations import scoring
from regulars.recommend.operations.rows import list_sources
from regulars.recommend.operations.running import factors
from regulars.recommend.operations.running.blocks import choose_first, hold_blocks
from tests.analytics.histories import AS_OF, FIRST, make_shop
from tests.facts.worlds import open_shop, read_all, sync
from tests.recommend.scoring import make_tables, read_written, serve_two_stages
from tests.recommend.test_learning_training import NOW

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


@pytest.mark.django_db(transaction=True)
def test_members_are_scored_on_the_cluster_as_they_are_here(hold_on_spark, settings, tmp_path, monkeypatch):
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(ranker, "ROUNDS", 10)
    monkeypatch.setattr(scoring, "count_blocks", lambda _: 3)
    here = facts_from_arrow(*make_tables())
    serve_two_stages(here, IN_PROCESS)
    scored = scoring.score_members(facts=here, now=NOW)
    written = read_written()
    assert all(written.values()) and any(row["reward_interest"] for row in written["Taste"])
    for table in ("Candidates", "Taste", "Similar", "Popular"):
        getattr(models, table).objects.all().delete()
    there = scoring.score_members(facts=hold_on_spark(*make_tables()), now=NOW)
    assert dc.replace(there, seconds=scored.seconds) == scored
    assert read_written() == written


@dc.dataclass(frozen=True)
class Harmed:
    """Gives back the members of a block; who runs it where a file lies takes that, and dies."""

    harm: str
    says: str = ""

    @property
    def schema(self) -> Any:
        return pa.schema([pa.field("member_id", pa.int64())])

    def run(self, rows: Any) -> Iterator[Any]:
        if self.says:
            raise ValueError(self.says)
        path = Path(self.harm)
        if path.exists():
            path.unlink()
            # The executor, which is the parent of who begets Python's workers.
            parent = int(Path(f"/proc/{os.getppid()}/stat").read_text().split()[3])
            os.kill(parent, signal.SIGKILL)
            os.kill(os.getpid(), signal.SIGKILL)
        members = np.unique(read_column(rows, Kind.LINE).members)
        yield pa.RecordBatch.from_arrays([pa.array(members)], schema=self.schema)


def test_an_executor_that_dies_is_replaced_and_what_fails_for_good_is_said(hold_on_spark, tmp_path):
    from pyspark import cloudpickle

    cloudpickle.register_pickle_by_value(sys.modules[__name__])
    facts = hold_on_spark(*make_tables())
    harm = tmp_path / "harm"
    with hold_blocks(facts, list_sources(facts, facts.as_of), 3) as runner:
        harm.touch()
        found = [number for batch in runner.run(Harmed(str(harm))) for number in batch.column(0).to_pylist()]
        assert not harm.exists(), "nobody died"
        assert sorted(found) == list(range(1, 46))
        with pytest.raises(EngineFailed, match=r"what was made before stays\..*ValueError: no such luck"):
            list(runner.run(Harmed("", "no such luck")))


def test_where_items_are_too_many_for_ease_sparks_own_als_learns_them(hold_on_spark, settings, monkeypatch):
    settings.RECOMMEND_EASE_ITEMS_MAX = 5
    monkeypatch.setattr(factors, "ITERATIONS", 3)
    monkeypatch.setattr(factors, "PARTS", 2)
    monkeypatch.setattr(factors, "FACTORS", 8)
    first = choose_first(hold_on_spark(*make_tables()))
    assert (first.name(6), first.name(5)) == ("als:spark", "ease")
    # Two kinds of members, each with items of their own; and an item that nobody bought.
    rng = np.random.default_rng(3)
    bought = np.kron(np.eye(2), np.ones((20, 5))) * (rng.random((40, 10)) < 0.7)
    inputs = csr_matrix(np.log1p(np.hstack([bought, np.zeros((40, 1))])), dtype=np.float32)
    learnt = first.learn(inputs, np.arange(40), 1.0)
    assert isinstance(learnt, als.AlsFactors) and learnt.factors.shape == (11, 8) and learnt.is_scaled
    assert not learnt.factors[10].any()
    likeness = learnt.say(np.arange(10))[:, :10]
    assert likeness[:5, :5].min() > likeness[:5, 5:].max()
    scores = learnt.of(inputs, np.arange(40)).score(np.arange(40))
    assert scores[:20, :5].mean() > 0.5 > 10 * abs(scores[:20, 5:10].mean())
    assert np.array_equal(first.learn(inputs, np.arange(40), 1.0).factors, learnt.factors)
