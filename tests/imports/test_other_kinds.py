"""Members, products, events and returns from files."""

from datetime import UTC, date, datetime

import pytest

from regulars.activity import facade as activity
from regulars.catalogue import facade as catalogue
from regulars.catalogue.models import Product
from regulars.imports import operations
from regulars.imports.errors import MappingInvalid
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules.facade import NoProgramme
from tests.imports.world import NOW, open_shop, points_of, read_rejects, run, write_csv, write_jsonl

pytestmark = pytest.mark.django_db


def find(external_id: str) -> members.MemberProfile:
    found = members.find_member(members.IdentityKind.EXTERNAL, external_id)
    assert found is not None
    return found


def test_members_come_in_with_identities_dates_and_typed_attributes(tmp_path) -> None:
    open_shop()
    head = (
        "Customer ID",
        "First name",
        "last_name",
        "email",
        "phone",
        "card",
        "birthday",
        "joined_at",
        "language",
    )
    head = (*head, "attributes.shoe", "attributes.visits:int", "attributes.vip:bool", "attributes.since:date")
    rows = [
        (
            *("m1", "Ada", "Lovelace", "ADA@example.com", "+44 20 7946 0018", "1234-5678;ABCD9"),
            *("1990-12-10", "2024-01-02", "en-gb", "38", "7", "yes", "2020-05-06"),
        ),
        ("m2", "", "", "", "", "", "", "", "", "", "", "", ""),
    ]
    path = write_csv(tmp_path / "m.csv", rows, head)
    assert run("members", path).new == 2
    ada = find("m1")
    assert (ada.name, ada.email, ada.phone, ada.cards) == (
        "Ada Lovelace",
        "ada@example.com",
        "+442079460018",
        ("12345678", "ABCD9"),
    )
    assert (ada.birthday, ada.joined_at, ada.locale) == (
        date(1990, 12, 10),
        datetime(2024, 1, 1, 23, tzinfo=UTC),
        "en-GB",
    )
    assert ada.attributes == {"shoe": "38", "visits": 7, "vip": True, "since": "2020-05-06"}
    again = run("members", path)
    assert (again.unchanged, again.changed_nothing) == (2, True)


def test_an_empty_cell_takes_nothing_away_and_a_new_value_changes(tmp_path) -> None:
    open_shop()
    head = ("member_id", "email", "given_name")
    run("members", write_csv(tmp_path / "m.csv", [("m1", "a@example.com", "Ada")], head))
    report = run("members", write_csv(tmp_path / "m2.csv", [("m1", "", "Augusta")], head))
    assert (report.new, report.changed) == (0, 1)
    assert (find("m1").email, find("m1").given_name) == ("a@example.com", "Augusta")


def test_bad_members_are_rejected_alone(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(operations, "BATCH_ITEMS", 2)
    open_shop()
    rows = [
        ("m1", "a@example.com", "1990-01-01"),
        ("m2", "not an address", ""),
        ("m3", "A@example.com", ""),
        ("m4", "", "01.02.1990"),
        ("", "b@example.com", ""),
        ("m5", "", "1700-01-01"),
        ("m1", "a@example.com", "1991-01-01"),
        ("m1", "a@example.com", "1990-01-01"),
        ("m6", "c@example.com", ""),
    ]
    report = run("members", write_csv(tmp_path / "m.csv", rows, ("member_id", "email", "birthday")))
    assert (report.new, report.unchanged, report.rejected) == (2, 1, 6)
    reasons = {row["line"]: row["reason"] for row in read_rejects(report)}
    for line, words in {
        "3": "not an e-mail address",
        "4": "belongs to another member",
        "5": "birthday is not a day",
        "6": "has no member_id",
        "7": "not a birthday",
        "8": "member_id m1 stands in line 2 with other content",
    }.items():
        assert words in reasons[line]


def test_members_from_json_lines_keep_the_types_of_their_attributes(tmp_path) -> None:
    open_shop()
    path = write_jsonl(
        tmp_path / "m.jsonl",
        [("m1", {"n": 3, "yes": True, "text": "3", "gone": None})],
        ("member_id", "attributes"),
    )
    assert run("members", path).new == 1
    assert find("m1").attributes == {"n": 3, "yes": True, "text": "3"}


def test_products_come_in_with_their_path_of_categories_price_cost_and_address(tmp_path) -> None:
    open_shop()
    head = ("sku", "name", "brand", "categories", "price", "active", "cost", "link")
    rows = [
        ("s1", "Rye bread", "Mill", "Food > Bread", "3.20", "", "2.15", "https://mill.example/rye?a=1"),
        ("s2", "Old rye", "", "", "", "no", "", ""),
        ("s3", "", "", "", "", "", "", ""),
        ("s4", "Dear", "", "", "1.234", "perhaps", "", ""),
        ("s1", "Rye bread", "Mill", "Food>Bread", "3.20", "", "2.15", "https://mill.example/rye?a=1"),
        ("s1", "Wheat bread", "Mill", "Food > Bread", "3.20", "", "2.15", ""),
        ("s5", "Cheap", "", "", "1", "", "-1", ""),
        ("s6", "Sly", "", "", "1", "", "", "javascript:alert(1)"),
        ("s7", "Slyer", "", "", "1", "", "", "//mill.example/rye"),
    ]
    path = write_csv(tmp_path / "p.csv", rows, head)
    report = run("products", path)
    assert (report.new, report.unchanged, report.rejected) == (2, 1, 6)
    found = catalogue.find_products({"s1", "s2"})
    assert (found["s1"].categories, found["s1"].price, found["s1"].active) == (("Food", "Bread"), 320, True)
    assert (found["s2"].price, found["s2"].active, found["s2"].url) == (None, False, "")
    assert found["s1"].url == "https://mill.example/rye?a=1"
    assert dict(Product.objects.values_list("sku", "cost")) == {"s1": 215, "s2": None}
    again = run("products", path)
    assert (again.new, again.changed, again.unchanged, again.changed_nothing) == (0, 0, 3, True)


def test_a_product_told_twice_in_a_long_file_is_found_across_batches(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(operations, "BATCH_ITEMS", 1)
    open_shop()
    rows = [("s1", "Rye"), ("s2", "Wheat"), ("s1", "Oat")]
    path = write_csv(tmp_path / "p.csv", rows, ("sku", "name"))
    for _ in range(2):
        report = run("products", path)
        assert report.rejected == 1
        assert catalogue.find_products({"s1"})["s1"].name == "Rye"
    assert report.changed_nothing


def test_events_give_their_points_once(tmp_path) -> None:
    open_shop("ada")
    head = ("event_id", "member_id", "type", "occurred_at", "occasion", "attributes.sku")
    rows = [
        ("e1", "ada", "review", "2026-03-04 10:00", "bread", "bread"),
        ("e2", "ada", "review", "2026-03-05 10:00", "bread", "bread"),
        ("e3", "ada", "Not A Kind", "2026-03-05 10:00", "", ""),
        ("e4", "bo", "review", "2026-03-05 10:00", "", ""),
        ("e1", "ada", "review", "2026-03-04 10:00", "bread", "bread"),
        ("e1", "ada", "review", "2026-03-04 11:00", "bread", "bread"),
    ]
    path = write_csv(tmp_path / "e.csv", rows, head)
    report = run("events", path)
    assert (report.new, report.unchanged, report.rejected, report.points) == (1, 1, 4, 20)
    assert points_of("ada") == 20
    again = run("events", path, create_members=True)
    assert (again.new, again.members_created) == (1, 1)
    assert run("events", path, create_members=True).changed_nothing


def test_returns_take_back_what_the_order_gave(tmp_path) -> None:
    open_shop("ada")
    orders = [
        ("A1", "ada", "2026-03-04 10:00", "bread", "4", "20.00"),
        ("A1", "ada", "2026-03-04 10:00", "milk", "1", "5.00"),
    ]
    run("orders", write_csv(tmp_path / "o.csv", orders))
    assert points_of("ada") == 25
    head = ("return_id", "order_id", "occurred_at", "line_no", "quantity", "amount")
    rows = [
        ("R1", "A1", "2026-03-06 10:00", "1", "1", ""),
        ("R1", "A1", "2026-03-06 10:00", "2", "1", "5.00"),
        ("R2", "A1", "2026-03-07 10:00", "1", "9", ""),
        ("R3", "nothing", "2026-03-07 10:00", "1", "1", ""),
        ("R4", "A1", "2026-03-07 10:00", "7", "1", ""),
    ]
    path = write_csv(tmp_path / "r.csv", rows, head)
    report = run("returns", path)
    assert (report.new, report.rejected, report.points) == (1, 3, 10)
    assert points_of("ada") == 15
    assert run("returns", path).changed_nothing
    assert activity.find_order("A1").order.returned_amount == 1000
    assert ledger.prove().ok


def test_without_a_programme_nothing_can_be_told_of_money_or_time(tmp_path) -> None:
    with pytest.raises(NoProgramme):
        run("members", write_csv(tmp_path / "m.csv", [("m1",)], ("member_id",)))
    assert members.count_members() == 0


def test_attributes_are_not_for_everything(tmp_path) -> None:
    open_shop()
    path = write_csv(tmp_path / "p.csv", [("s1", "Rye")], ("sku", "name"))
    with pytest.raises(MappingInvalid, match=r"no field attributes\.x"):
        run("products", path, mapping={"attributes.x": "name"})
    with pytest.raises(MappingInvalid, match="no type"):
        run("members", path, mapping={"member_id": "sku", "attributes.x:float": "name"})
    assert catalogue.count_products() == 0
    assert NOW.year == 2026
