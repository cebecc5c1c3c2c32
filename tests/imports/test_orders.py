"""Orders from files: the good come in, the bad are told by line and reason, a second run changes nothing."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from regulars.activity import facade as activity
from regulars.imports import groups, operations
from regulars.imports.errors import FileUnusable, MappingInvalid
from regulars.imports.facade import ImportKind, ImportOptions
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from tests.imports.world import ACTOR, HEAD, NOW, open_shop, points_of, read_rejects, run, write_csv
from tests.imports.world import GOOD_ROWS as GOOD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def shop(db) -> None:
    open_shop("ada", "bo")


def counts(report) -> tuple[int, int, int, int, int]:
    return report.rows, report.new, report.changed, report.unchanged, report.rejected


def test_orders_come_in_with_their_lines_times_and_points(tmp_path) -> None:
    report = run("orders", write_csv(tmp_path / "o.csv", GOOD))
    assert counts(report) == (3, 2, 0, 0, 0)
    assert (report.points, report.rejected_rows, report.rejects) == (22, 0, None)
    assert (points_of("ada"), points_of("bo")) == (15, 7)
    order = activity.find_order("A1")
    assert order is not None
    assert [(line.line_no, line.sku, line.quantity, line.amount) for line in order.lines] == [
        (1, "bread", 1, 1250),
        (2, "milk", 2, 300),
    ]
    assert order.order.occurred_at == datetime(2026, 3, 4, 13, 30, tzinfo=UTC)
    # Without an offset the time is the programme's, here Berlin's.
    assert activity.find_order("B1").order.occurred_at == datetime(2026, 3, 5, 8, tzinfo=UTC)


def test_a_second_run_changes_nothing_and_says_so(tmp_path) -> None:
    path = write_csv(tmp_path / "o.csv", GOOD)
    run("orders", path)
    entries = ledger.get_totals(NOW).entries
    again = run("orders", path)
    assert counts(again) == (3, 0, 0, 2, 0)
    assert again.changed_nothing
    assert ledger.get_totals(NOW).entries == entries


def test_bad_rows_are_told_by_line_and_reason_and_never_stop_the_good_ones(tmp_path) -> None:
    rows = [
        GOOD[2],
        ("X1", "nobody", "2026-03-04", "bread", "1", "1.00"),
        ("X2", "ada", "04.03.2026", "bread", "1", "1.00"),
        ("X3", "ada", "2026-03-04", "bread", "1", "-1.00"),
        ("X4", "ada", "2026-03-04", "bread", "1", "1.005"),
        ("X5", "ada", "2026-03-04", "bread", "1,5", "1.00"),
        ("X6", "ada", "2026-03-04", "bread", "1", "12,50"),
        ("X7", "", "2026-03-04", "", "1", "1.00"),
        ("X8", "ada", "2027-03-04", "bread", "1", "1.00"),
        ("X9", "ada", "2026-03-04", "bread", "-1", "1.00"),
        ("X10", "ada", "2026-03-04", "bread", "1", "1e5"),
        ("X11", "ada", "2026-03-04", "bread", "1", "99999999999999.00"),
        ("X12", "ada", "2026-02-30", "bread", "1", "1.00"),
        ("B1", "bo", "2026-03-05 09:00", "bread", "1", "8.00"),
        *GOOD[:2],
    ]
    report = run("orders", write_csv(tmp_path / "o.csv", rows))
    assert (report.new, report.rejected, report.rejected_rows) == (2, 13, 13)
    rejects = read_rejects(report)
    assert report.rejects == tmp_path / "o.rejects.csv"
    assert [int(row["line"]) for row in rejects] == list(range(3, 16))
    reasons = {row["order_id"]: row["reason"] for row in rejects}
    for key, words in {
        "X1": "there is no member nobody (--create-members?)",
        "X2": "occurred_at is not a time such as",
        "X3": "amount is negative",
        "X4": "more decimals than the currency",
        "X5": "quantity is not a whole number",
        "X6": "--decimal-comma",
        "X7": "has no member_id; has no sku",
        "X8": "future",
        "X9": "quantity is negative",
        "X10": "amount is not an amount",
        "X11": "larger than any shop's",
        "X12": "occurred_at is not a time",
        "B1": "known with other content",
    }.items():
        assert words in reasons[key], (key, reasons[key])
    assert (points_of("ada"), points_of("bo")) == (15, 7)


def test_the_rejects_file_can_be_mended_and_imported_as_it_stands(tmp_path) -> None:
    path = write_csv(tmp_path / "o.csv", [("X", "ada", "2026-03-04", "bread", "1", "oops"), GOOD[2]])
    report = run("orders", path)
    report.rejects.write_text(report.rejects.read_text().replace("oops", "5.00"))
    mended = run("orders", report.rejects)
    assert (mended.new, mended.rejected) == (1, 0)
    assert points_of("ada") == 5
    assert run("orders", path).rejects is not None
    path.write_text(path.read_text().replace("oops", "5.00"))
    assert run("orders", path).rejects is None
    assert not report.rejects.exists()


def test_an_order_with_one_bad_line_is_rejected_whole(tmp_path) -> None:
    rows = [GOOD[0], ("A1", "ada", "2026-03-04T14:30:00+01:00", "milk", "2", "free"), GOOD[2]]
    report = run("orders", write_csv(tmp_path / "o.csv", rows))
    assert counts(report) == (3, 1, 0, 0, 1)
    first, second = read_rejects(report)
    assert first["reason"] == "stands with line 3, which was rejected"
    assert "amount is not an amount" in second["reason"]
    assert activity.find_order("A1") is None


def test_lines_of_one_order_must_agree_on_whose_and_when_it_is(tmp_path) -> None:
    rows = [GOOD[0], ("A1", "bo", *GOOD[1][2:]), GOOD[2]]
    report = run("orders", write_csv(tmp_path / "o.csv", rows))
    assert report.new == 1
    assert {row["reason"] for row in read_rejects(report)} == {
        "member_id differs from that of line 2, of the same order_id"
    }


def test_an_unreadable_line_takes_along_the_order_that_it_stands_in(tmp_path) -> None:
    text = "\n".join([",".join(HEAD), *(",".join(row) for row in (GOOD[2], GOOD[0], GOOD[1]))])
    lines = text.split("\n")
    lines.insert(3, '"')
    path = tmp_path / "o.csv"
    path.write_text("\n".join(lines) + "\n")
    report = run("orders", path)
    assert (report.new, report.rejected_rows) == (1, 3)
    assert activity.find_order("A1") is None


def test_an_unreadable_line_between_two_orders_takes_neither_along(tmp_path) -> None:
    path = tmp_path / "o.csv"
    path.write_text("\n".join([",".join(HEAD), *(",".join(row) for row in GOOD[:2]), '"', ",".join(GOOD[2])]))
    report = run("orders", path)
    assert (report.new, report.rejected_rows) == (2, 1)


def test_rows_of_one_order_far_apart_are_told_not_added(tmp_path) -> None:
    report = run("orders", write_csv(tmp_path / "o.csv", [GOOD[0], GOOD[2], GOOD[1]]))
    assert (report.new, report.rejected) == (2, 1)
    (row,) = read_rejects(report)
    assert (row["line"], row["order_id"]) == ("4", "A1")
    assert "known with other content" in row["reason"]


def test_columns_go_by_their_names_in_any_order_and_by_map(tmp_path) -> None:
    head = ("Betrag", "Order ID", "Customer", "Datum", "sku", "quantity", "note")
    rows = [("12.50", "A1", "ada", "2026-03-04", "bread", "1", "ignored")]
    path = write_csv(tmp_path / "o.csv", rows, head)
    mapping = {"amount": "Betrag", "member_id": "Customer", "occurred_at": "datum"}
    assert run("orders", path, mapping=mapping).new == 1
    assert points_of("ada") == 12


@pytest.mark.parametrize(
    ("mapping", "error", "words"),
    [
        ({}, FileUnusable, "no column for amount"),
        ({"amount": "Preis"}, MappingInvalid, "no column Preis"),
        ({"price": "Betrag"}, MappingInvalid, "no field price"),
    ],
)
def test_a_column_that_is_missing_makes_the_file_unusable(tmp_path, mapping, error, words) -> None:
    path = write_csv(tmp_path / "o.csv", [row[:5] for row in GOOD], HEAD[:5])
    with pytest.raises(error, match=words):
        run("orders", path, mapping=mapping)
    assert activity.find_order("A1") is None


def test_optional_columns_say_store_channel_kind_line_discount_and_attributes(tmp_path) -> None:
    head = (
        *HEAD,
        "store",
        "channel",
        "kind",
        "line_no",
        "discount",
        "attributes.coupon",
        "attributes.guests:int",
    )
    rows = [
        (
            "A1",
            "ada",
            "2026-03-04",
            "bread",
            "1",
            "10.00",
            "north",
            "till",
            "product",
            "10",
            "0.50",
            "SPRING",
            "2",
        ),
        (
            "A1",
            "ada",
            "2026-03-04",
            "ship",
            "1",
            "4.90",
            "north",
            "till",
            "Shipping",
            "20",
            "",
            "SPRING",
            "2",
        ),
        ("B1", "bo", "2026-03-04", "card", "1", "50.00", "", "", "gift-card", "", "", "", ""),
        ("B2", "bo", "2026-03-04", "card", "1", "50.00", "", "", "magic", "", "", "", "x"),
    ]
    report = run("orders", write_csv(tmp_path / "o.csv", rows, head))
    assert (report.new, report.rejected) == (2, 1)
    order = activity.find_order("A1")
    assert (order.order.store, order.order.channel) == ("north", "till")
    assert order.order.attributes == {"coupon": "SPRING", "guests": 2}
    assert [(line.line_no, line.kind, line.discount) for line in order.lines] == [
        (10, "product", 50),
        (20, "shipping", 0),
    ]
    assert (points_of("ada"), points_of("bo")) == (10, 0)
    (row,) = read_rejects(report)
    assert "kind is none of product, shipping" in row["reason"]
    assert "attributes.guests is not a whole number" in row["reason"]


def test_unknown_members_are_created_where_asked_and_joined_with_their_first_order(tmp_path) -> None:
    rows = [
        ("N1", "newcomer", "2026-03-06 10:00", "bread", "1", "5.00"),
        ("N2", "newcomer", "2026-03-04 10:00", "bread", "1", "5.00"),
        ("N3", "x" * 200, "2026-03-04 10:00", "bread", "1", "5.00"),
    ]
    path = write_csv(tmp_path / "o.csv", rows)
    report = run("orders", path, create_members=True)
    assert (report.new, report.rejected, report.members_created) == (2, 1, 1)
    profile = members.find_member(members.IdentityKind.EXTERNAL, "newcomer")
    assert profile.joined_at == datetime(2026, 3, 4, 9, tzinfo=UTC)
    assert run("orders", path, create_members=True).members_created == 0


def test_the_time_zone_of_a_file_can_be_named(tmp_path) -> None:
    rows = [("A1", "ada", "2026-03-04 14:30", "bread", "1", "1.00")]
    run("orders", write_csv(tmp_path / "o.csv", rows), time_zone=ZoneInfo("America/New_York"))
    assert activity.find_order("A1").order.occurred_at == datetime(2026, 3, 4, 19, 30, tzinfo=UTC)


def test_decimal_commas_and_another_encoding_can_be_named(tmp_path) -> None:
    path = tmp_path / "o.csv"
    path.write_bytes(
        "order_id;member_id;occurred_at;sku;quantity;amount;store\n"
        "A1;ada;2026-03-04;brötchen;1;12,50;Köln\n".encode("cp1252")
    )
    refused = run("orders", path, decimal_comma=True)
    assert refused.rejected == 1
    assert "encoding" in read_rejects(refused)[0]["reason"]
    assert run("orders", path, decimal_comma=True, encoding="cp1252").new == 1
    assert activity.find_order("A1").order.store == "Köln"


def test_money_of_another_currency_is_refused(tmp_path) -> None:
    rows = [(*GOOD[2], "USD"), ("B2", *GOOD[2][1:], "eur")]
    report = run("orders", write_csv(tmp_path / "o.csv", rows, (*HEAD, "currency")))
    assert (report.new, report.rejected) == (1, 1)
    assert "USD" in read_rejects(report)[0]["reason"]


def test_json_lines_bring_exact_numbers_and_their_own_attributes(tmp_path) -> None:
    path = tmp_path / "o.jsonl"
    row = {
        "order_id": 17,
        "member_id": "ada",
        "occurred_at": "2026-03-04T10:00:00Z",
        "sku": 4711,
        "quantity": 1,
    }
    lines = [
        row | {"amount": 19.99, "attributes": {"gift": True, "note": "for Bo"}},
        row | {"order_id": 18, "amount": 0.1},
        row | {"order_id": 19, "amount": 1e400},
        row | {"order_id": 20, "amount": True},
        row | {"order_id": 21, "amount": "5", "attributes": ["x"]},
        {"order_id": 22},
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    path.write_text(text.replace("Infinity", "1e400"))
    report = run("orders", path)
    assert (report.new, report.rejected) == (2, 4)
    order = activity.find_order("17")
    assert (order.lines[0].amount, order.lines[0].sku) == (1999, "4711")
    assert order.order.attributes == {"gift": True, "note": "for Bo"}
    assert json.loads(read_rejects(report)[-1]["row"]) == {"order_id": 22}


def test_a_dry_run_counts_everything_and_changes_nothing(transactional_db, tmp_path) -> None:
    open_shop("ada", "bo")
    rows = [
        *GOOD,
        ("N1", "newcomer", "2026-03-04", "bread", "1", "5.00"),
        ("X", "ada", "never", "x", "1", "1"),
    ]
    path = write_csv(tmp_path / "o.csv", rows)
    before = ledger.get_totals(NOW)
    dry = run("orders", path, dry_run=True, create_members=True)
    assert (dry.new, dry.rejected, dry.members_created, dry.points, dry.dry_run) == (3, 1, 1, 27, True)
    assert len(read_rejects(dry)) == 1
    assert connection.get_autocommit()
    assert activity.find_order("A1") is None
    assert ledger.get_totals(NOW) == before
    assert members.find_member_ids(["newcomer"]) == {}
    real = run("orders", path, create_members=True)
    assert (real.new, real.rejected, real.members_created, real.points) == (3, 1, 1, 27)
    assert run("orders", path, dry_run=True, create_members=True).changed_nothing


def test_a_dry_run_sees_over_several_batches_what_it_did_before(
    transactional_db, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(operations, "BATCH_ITEMS", 1)
    open_shop("ada", "bo")
    rows = [("N1", "new", *GOOD[2][2:]), ("N2", "new", *GOOD[2][2:]), ("N1", "new", *GOOD[2][2:])]
    dry = run("orders", write_csv(tmp_path / "o.csv", rows), dry_run=True, create_members=True)
    assert (dry.new, dry.unchanged, dry.members_created) == (2, 1, 1)
    assert members.find_member_ids(["new"]) == {}


def test_a_dry_run_that_breaks_off_leaves_nothing_and_a_connection_in_order(
    transactional_db, tmp_path, monkeypatch
) -> None:
    monkeypatch.setattr(operations, "BATCH_ITEMS", 1)
    open_shop("ada", "bo")

    def stop(progress) -> None:
        raise KeyboardInterrupt

    path = write_csv(tmp_path / "o.csv", GOOD)
    with pytest.raises(KeyboardInterrupt):
        operations.import_file(
            actor=ACTOR,
            now=NOW,
            kind=ImportKind.ORDERS,
            path=path,
            options=ImportOptions(dry_run=True),
            on_progress=stop,
        )
    assert connection.get_autocommit()
    assert activity.find_order("A1") is None


def test_an_order_longer_than_any_is_rejected_in_bounded_memory(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(groups, "GROUP_ROWS_MAX", 3)
    rows = [(*GOOD[0][:3], f"s{number}", "1", "1.00") for number in range(8)]
    report = run("orders", write_csv(tmp_path / "o.csv", [*rows, GOOD[2]]))
    assert (report.new, report.rejected, report.rejected_rows) == (1, 1, 8)
    assert activity.find_order("A1") is None


def test_rejects_cannot_go_into_the_file_itself(tmp_path) -> None:
    path = write_csv(tmp_path / "o.csv", GOOD)
    before = path.read_bytes()
    with pytest.raises(FileUnusable, match="rejects"):
        run("orders", path, rejects=path)
    assert path.read_bytes() == before


def test_progress_is_told_after_each_batch(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(operations, "BATCH_ITEMS", 1)
    seen = []
    path = write_csv(tmp_path / "o.csv", GOOD)
    operations.import_file(
        actor=ACTOR,
        now=NOW,
        kind=ImportKind.ORDERS,
        path=path,
        options=ImportOptions(),
        on_progress=seen.append,
    )
    assert [one.rows for one in seen] == [2, 3]
    assert seen[-1].done == seen[-1].total == path.stat().st_size


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ('"quantity": 1e30', "quantity is not a whole number"),
        ('"line_no": 1e40', "line_no is not a whole number"),
        ('"line_no": ' + "9" * 60, "line_no is too large"),
        ('"amount": 1e40', "amount is not an amount"),
        ('"attributes": {"a": 1E+5000}', "attributes is “1E+5000”, not text"),
        ('"attributes": "{\\"a\\": 1e400}"', "attributes is “inf”, not text"),
        ('"attributes": "' + "[" * 100_000 + '"', "attributes is not a JSON object"),
        ('"order_id": 1E+3000000', "order_id is “1E+3000000”, not text"),
        ('"order_id": 1E+99999999999999999999', "is not JSON: a number is beyond all measure"),
        ('"order_id": ' + "[" * 300 + "]" * 300, "order_id is list, not text"),
    ],
)
def test_a_number_beyond_all_measure_costs_its_row_and_no_other(tmp_path, cell, reason) -> None:
    good = [json.dumps(dict(zip(HEAD, row, strict=True))) for row in (GOOD[0], GOOD[2])]
    bad = json.dumps(dict(zip(HEAD, ("X1", *GOOD[2][1:]), strict=True)))[:-1] + f", {cell}}}"
    path = tmp_path / "o.jsonl"
    path.write_text("\n".join([good[0], bad, good[1]]) + "\n")
    report = run("orders", path)
    assert (report.new, report.rejected) == (2, 1)
    [row] = read_rejects(report)
    assert row["line"] == "2"
    assert reason in row["reason"]
