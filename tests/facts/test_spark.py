"""The same expressions on a Spark cluster: a master and two workers, as a shop would run them."""

import datetime as dt

import ibis
import pyarrow as pa
import pytest

from regulars.facts.facade import SCHEMAS, facts_from_arrow, open_facts
from tests.facts.worlds import open_shop, read_all, sync

# A Java machine for each part of the cluster: it takes ten seconds to come.
pytestmark = pytest.mark.slow
AS_OF = dt.date(2026, 3, 31)
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
    there = hold_on_spark(tables, AS_OF)
    here = facts_from_arrow(tables, AS_OF)
    assert there.backend.name == "pyspark"
    assert ask(there) == ask(here)
    assert len(ask(here)) == 4


def test_tables_keep_values_and_types(hold_on_spark):
    there = hold_on_spark({"order_lines": make_lines(), "products": make_products()}, AS_OF)
    here = facts_from_arrow({"order_lines": make_lines(), "products": make_products()}, AS_OF)
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
