"""Facts compared with PostgreSQL: whatever was tampered with is found and named."""

import datetime as dt

import pyarrow.parquet as pq
import pytest
from django.db import connection

from regulars.facts.facade import FactsMissing, verify_facts
from regulars.facts.models import FactsFile
from tests.facts.worlds import buy, open_shop, read_all, sync

# Other connections must see what was written: each test commits, and empties the tables afterwards.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def named() -> list[tuple[str, str, str]]:
    return [(one.table, one.month, one.problem) for one in verify_facts().differences]


def execute(statement: str) -> None:
    """As somebody does who has a password for the database; triggers of append-only tables stand aside."""
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_what_was_copied_agrees():
    open_shop()
    sync()
    report = verify_facts()
    assert report.ok and report.differences == ()
    assert report.rows == sum(len(rows) for rows in read_all().values())
    assert report.files == FactsFile.objects.count()


def test_what_was_written_since_is_awaited():
    ada, *_ = open_shop()
    sync()
    buy(ada, "new", dt.datetime(2026, 8, 8, tzinfo=dt.UTC))
    report = verify_facts()
    assert report.ok
    assert {(one.table, one.month) for one in report.differences if one.table.startswith("order")} == {
        ("orders", "2026-08"),
        ("order_lines", "2026-08"),
    }
    sync()
    assert verify_facts().differences == ()


def test_a_row_deleted_in_the_database_is_named_and_mended():
    open_shop()
    sync()
    execute(
        "DELETE FROM activity_orderline WHERE line_no = 2 AND order_id = (SELECT min(id) FROM activity_order)"
    )
    report = verify_facts()
    assert not report.ok
    assert named() == [
        (
            "order_lines",
            "2026-07",
            "rows 6 where PostgreSQL has 5; quantity 9 where PostgreSQL has 7; amount 4,890 where PostgreSQL "
            "has 4,510; order_id " + named()[0][2].split("order_id ")[1],
        )
    ]
    sync(whole=True)
    assert verify_facts().differences == ()


def test_an_edited_file_is_named(facts_dir):
    open_shop()
    sync()
    row = FactsFile.objects.get(table="orders", month="2026-09")
    table = pq.read_table(facts_dir / row.file)
    amounts = [amount + 1 for amount in table.column("amount").to_pylist()]
    forged = table.set_column(table.column_names.index("amount"), table.field("amount"), [amounts])
    pq.write_table(forged, facts_dir / row.file)
    assert named() == [("orders", "2026-09", "its file was changed after it was written")]


def test_a_file_that_is_gone_is_named(facts_dir):
    open_shop()
    sync()
    (facts_dir / FactsFile.objects.get(table="ledger", month="2026-08").file).unlink()
    assert named() == [("ledger", "2026-08", "its file is gone")]


def test_a_manifest_that_lies_is_named():
    open_shop()
    sync()
    FactsFile.objects.filter(table="products").update(rows=4)
    assert named() == [("products", "whole", "rows 3 where the manifest has 4")]
    FactsFile.objects.filter(table="products").delete()
    assert named() == [("products", "whole", "rows 0 where PostgreSQL has 3")]


def test_without_facts_there_is_nothing_to_compare():
    with pytest.raises(FactsMissing):
        verify_facts()
