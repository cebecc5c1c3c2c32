"""Arrow tables held as facts."""

import datetime as dt

import pyarrow as pa
import pytest

from regulars.facts.facade import SCHEMAS, facts_from_arrow

AS_OF = dt.date(2026, 3, 31)
AT = dt.datetime(2026, 3, 1, 22, 30, 0, 123456, tzinfo=dt.UTC)


def make_returns(**changed: object) -> pa.Table:
    rows = {
        "return_id": [1],
        "order_id": [7],
        "member_id": [3],
        "occurred_at": [AT],
        "occurred_on": [dt.date(2026, 3, 2)],
        "amount": [250],
    }
    return pa.table({**rows, **changed})


def test_missing_tables_are_empty_and_have_their_columns():
    facts = facts_from_arrow({}, AS_OF, "Europe/Berlin")
    for name, schema in SCHEMAS.items():
        table = getattr(facts, name)
        assert table.columns == tuple(column.name for column in schema.columns)
        assert table.count().execute() == 0
    assert (facts.as_of, facts.time_zone, facts.backend.name) == (AS_OF, "Europe/Berlin", "duckdb")


def test_an_instant_with_a_zone_is_kept_as_utc_to_the_microsecond():
    facts = facts_from_arrow({"returns": make_returns()}, AS_OF)
    row = facts.returns.to_pyarrow().to_pylist()[0]
    assert row["occurred_at"] == AT.replace(tzinfo=None)
    assert facts.returns.occurred_at.date().to_pyarrow().to_pylist() == [dt.date(2026, 3, 1)]


def test_a_column_that_may_be_null_may_be_missing():
    rewards = SCHEMAS["products"]
    given = pa.table({"sku": ["a"], "name": ["A"], "brand": [""], "categories": [["x", "y"]]})
    facts = facts_from_arrow({rewards.name: given}, AS_OF)
    assert facts.products.to_pyarrow().to_pylist() == [
        {"sku": "a", "name": "A", "brand": "", "categories": ["x", "y"], "price": None, "cost": None}
    ]


@pytest.mark.parametrize(
    "tables",
    [
        {"purchases": make_returns()},
        {"returns": make_returns(colour=["red"])},
        {"returns": make_returns().drop_columns(["amount"])},
        {"returns": make_returns(amount=["many"])},
    ],
)
def test_what_does_not_fit_is_refused(tables):
    with pytest.raises(ValueError):
        facts_from_arrow(tables, AS_OF)
