"""Copying what happened: only what changed, from one snapshot, swapped at once."""

import datetime as dt
import threading

import psycopg
import pytest
from django.db import connection, transaction

from regulars.earning import facade as earning
from regulars.facts import source
from regulars.facts.facade import FactsBusy, FactsMissing, get_freshness, get_status, open_facts
from regulars.facts.models import DroppedFile, FactsFile, FactsState
from regulars.facts.operations import GRACE, sweep_files
from regulars.kit.actor import SYSTEM
from regulars.members import facade as members
from tests.activity.makers import line, order
from tests.earning.worlds import submit_orders
from tests.facts.worlds import LATE_AUGUST, NOW, buy, months_written, open_shop, read_all, sync

# Other connections must see what was written: each test commits, and empties the tables afterwards.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def files_of(table: str) -> dict[str, str]:
    return dict(FactsFile.objects.filter(table=table).values_list("month", "file"))


def test_everything_is_copied_by_the_shops_months():
    ada, *_ = open_shop()
    report = sync()
    assert report.transport == "adbc"
    assert months_written(report)["orders"] == ("2026-07", "2026-08", "2026-09", "2026-10")
    found = read_all()
    late = next(row for row in found["orders"] if row["occurred_at"] == LATE_AUGUST.replace(tzinfo=None))
    assert late["occurred_on"] == dt.date(2026, 9, 1)
    assert late["amount"] == 1250 + 380
    assert {row["sku"] for row in found["order_lines"]} == {"rye", "milk"}
    assert len(found["order_lines"]) == 2 * len(found["orders"]) == 26
    assert [row["amount"] for row in found["returns"]] == [1250]
    assert found["ledger"][0]["member_id"] == ada
    assert [row["sku"] for row in found["products"]] == ["milk", "rye", "soap"]
    assert found["products"][1]["categories"] == ["food", "bread"]
    assert found["members"][0]["tier"] == "silver"
    assert report.as_of < dt.datetime.now(dt.UTC).date()


def test_a_second_sync_writes_nothing():
    open_shop()
    sync()
    before = files_of("orders")
    report = sync()
    assert (report.rows_written, report.files_written, report.transport) == (0, 0, "")
    assert files_of("orders") == before


def test_a_late_order_rewrites_its_month_alone():
    ada, *_ = open_shop()
    sync()
    before = files_of("order_lines")
    buy(ada, "forgotten", dt.datetime(2026, 8, 20, tzinfo=dt.UTC))
    written = months_written(sync())
    assert written["orders"] == written["order_lines"] == ("2026-08",)
    after = files_of("order_lines")
    assert {month for month in after if after[month] != before[month]} == {"2026-08"}
    assert len(read_all()["orders"]) == 14


def test_a_correction_rewrites_its_month_alone():
    open_shop()
    sync()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE activity_order SET store = 'Mitte' WHERE external_id = '1-9'")
    assert months_written(sync()) == {"orders": ("2026-09",)}
    assert [row["store"] for row in read_all()["orders"]].count("Mitte") == 1


def test_what_was_recorded_long_ago_but_written_now_is_found():
    """An import keeps the hour at which it began; by the clock its last rows were seen already."""
    ada, *_ = open_shop()
    sync()
    lines = (line(1, sku="rye"),)
    submit_orders(
        order("old", ada, *lines, occurred_at=NOW - dt.timedelta(days=60)), now=NOW - dt.timedelta(days=50)
    )
    assert months_written(sync())["orders"] == ("2026-08",)


@pytest.mark.parametrize("in_savepoint", [False, True])
def test_what_commits_after_the_snapshot_is_copied_by_the_next_sync(in_savepoint):
    """Written before the snapshot, committed after it: no number and no time tells, only its transaction."""
    ada, *_ = open_shop()
    wrote, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        insert = """
            INSERT INTO activity_order (member_id, external_id, occurred_at, recorded_at, recorded_by,
                currency, amount, lines_count, store, channel, attributes, simulated, fingerprint,
                returned_amount, returned_whole)
            VALUES (%s, 'slow', '2026-08-05 12:00Z', '2026-08-05 12:00Z', 'test',
                'EUR', 7, 0, '', '', '{}', false, '', 0, false)"""
        with transaction.atomic(), connection.cursor() as cursor:
            if in_savepoint:
                cursor.execute("CREATE TEMP TABLE first_of_all () ON COMMIT DROP")
                with transaction.atomic():
                    cursor.execute(insert, [ada])
            else:
                cursor.execute(insert, [ada])
            wrote.set()
            may_commit.wait(20)
        connection.close()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    assert wrote.wait(20)
    buy(ada, "quick", dt.datetime(2026, 10, 4, tzinfo=dt.UTC))
    sync()
    assert 7 not in [row["amount"] for row in read_all()["orders"]]
    may_commit.set()
    slow.join()
    assert "2026-08" in months_written(sync())["orders"]
    assert 7 in [row["amount"] for row in read_all()["orders"]]
    assert months_written(sync()) == {}


def test_by_the_clock_alone_it_would_be_missed():
    """The negative control: a horizon at the end of the snapshot, as a time of recording would be."""
    open_shop()
    wrote, may_commit = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            connection.cursor().execute("UPDATE activity_order SET store = 'late' WHERE external_id = '1-7'")
            wrote.set()
            may_commit.wait(20)
        connection.close()

    slow = threading.Thread(target=write_slowly)
    slow.start()
    assert wrote.wait(20)
    sync()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        FactsState.objects.update(oldest_running=cursor.fetchone()[0])
    may_commit.set()
    slow.join()
    assert months_written(sync()) == {}
    assert "late" not in [row["store"] for row in read_all()["orders"]]


def test_a_merged_members_deeds_are_the_survivors_and_go_back_with_an_undoing():
    ada, countess, _ = open_shop()
    sync()
    before = read_all()
    earning.merge_members(actor=SYSTEM, now=NOW, member_id=countess, into_member_id=ada, reason="one person")
    written = months_written(sync())
    assert written["orders"] == written["order_lines"] == ("2026-07", "2026-08", "2026-09", "2026-10")
    merged = read_all()
    assert {row["member_id"] for row in merged["orders"]} == {
        row["member_id"] for row in before["orders"]
    } - {countess}
    assert {row["merged_into"] for row in merged["members"]} == {None, ada}
    # The books stay as they were written, and the pair that carried the points over is added.
    assert {row["member_id"] for row in merged["ledger"]} == {row["member_id"] for row in before["ledger"]}
    earning.undo_merge(actor=SYSTEM, now=NOW, member_id=countess, reason="two after all")
    sync()
    assert read_all()["orders"] == before["orders"]


def test_erasing_a_member_rewrites_their_months_and_says_so():
    ada, countess, _ = open_shop()
    buy(ada, "only hers", dt.datetime(2026, 5, 5, tzinfo=dt.UTC))
    sync()
    before = files_of("orders")
    members.erase_member(actor=SYSTEM, now=NOW, member_id=countess, reason="asked for it")
    written = months_written(sync())
    assert written["members"] == ("whole",)
    assert files_of("orders")["2026-05"] == before["2026-05"]
    assert written.keys() <= {"members", "orders", "order_lines", "events", "returns", "redemptions"}
    assert [row["erased"] for row in read_all()["members"]] == [False, True, False]


def test_another_time_zone_moves_everything():
    open_shop()
    sync()
    FactsState.objects.update(time_zone="Asia/Tokyo")
    report = sync()
    assert (report.whole, report.time_zone) == (True, "Europe/Berlin")


def test_a_restored_database_is_copied_anew():
    open_shop()
    sync()
    FactsState.objects.update(system="another")
    assert sync().whole
    assert not sync().whole


@pytest.mark.parametrize("broken", ["missing", "refused", "torn"])
def test_copy_takes_over_from_adbc(broken, monkeypatch):
    open_shop()
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE catalogue_product SET name = E'two\\n"lines", commas', brand = '' WHERE sku = 'rye'"""
        )
    sync()
    by_adbc = read_all()
    if broken == "missing":
        monkeypatch.setitem(__import__("sys").modules, "adbc_driver_postgresql", None)
    elif broken == "refused":
        monkeypatch.setattr(
            source, "make_adbc_address", lambda _conninfo: "postgresql://localhost:1/nobody?connect_timeout=1"
        )
    else:
        whole = source.Snapshot._read_adbc

        def tear(self, schema, statement):
            yield from whole(self, schema, statement)
            raise RuntimeError("the connection broke at the end")

        monkeypatch.setattr(source.Snapshot, "_read_adbc", tear)
    report = sync(whole=True)
    assert report.transport == "copy"
    assert read_all() == by_adbc


def test_one_sync_at_a_time(facts_dir):
    open_shop()
    sync()
    before = sorted(facts_dir.rglob("*"))
    with psycopg.connect(**{**connection.get_connection_params(), "cursor_factory": psycopg.Cursor}) as other:
        other.execute("SELECT pg_advisory_lock(%s)", [source.SYNC_LOCK])
        with pytest.raises(FactsBusy):
            sync(whole=True)
    assert sorted(facts_dir.rglob("*")) == before
    assert sync(whole=True).whole


def test_files_that_are_gone_are_written_again(facts_dir):
    open_shop()
    sync()
    (facts_dir / files_of("orders")["2026-08"]).unlink()
    with pytest.raises(FactsMissing, match="facts sync"), open_facts():
        pass
    sync()
    assert len(read_all()["orders"]) == 13


def test_replaced_files_stay_for_those_who_read_them(facts_dir):
    ada, *_ = open_shop()
    sync()
    with open_facts() as facts:
        buy(ada, "meanwhile", dt.datetime(2026, 9, 20, tzinfo=dt.UTC))
        sync()
        assert facts.orders.count().to_pyarrow().as_py() == 13
    dropped = list(DroppedFile.objects.values_list("file", flat=True))
    assert all((facts_dir / file).exists() for file in dropped)
    DroppedFile.objects.update(dropped_at=NOW - GRACE - dt.timedelta(minutes=1))
    assert sweep_files(facts_dir, now=NOW) == len(dropped) > 0
    assert len(read_all()["orders"]) == 14


def test_before_the_first_sync_there_is_nothing_and_it_says_so():
    assert get_freshness(NOW) is None
    with pytest.raises(FactsMissing, match="facts sync"), open_facts():
        pass
    assert get_status(NOW).freshness is None


def test_freshness_is_that_of_the_snapshot():
    open_shop()
    sync()
    at = FactsState.objects.get().synced_at
    fresh = get_freshness(at + dt.timedelta(minutes=10))
    assert fresh and (fresh.age_seconds, fresh.is_stale) == (600, False)
    assert get_freshness(at + dt.timedelta(hours=1)).is_stale
    rows = {table.table: table.rows for table in get_status(at).tables}
    assert (rows["orders"], rows["members"]) == (13, 3)
