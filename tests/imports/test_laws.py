"""Properties of imports: twice is once, two halves are the whole, formats agree, no row gets lost."""

from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.imports import operations
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.rules import facade as rules
from regulars.tiers import facade as tiers
from tests.imports.world import (
    NOW,
    add_members,
    open_shop,
    read_rejects,
    run,
    write_csv,
    write_jsonl,
    write_parquet,
)

pytestmark = pytest.mark.django_db
slowly = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
runs = count(1)

good_amounts = st.integers(0, 20_000).map(lambda minor: f"{minor // 100}.{minor % 100:02}")
bad_amounts = st.sampled_from(["", "-1.00", "x", "1.005"])
lines = st.tuples(
    st.sampled_from(["bread", "milk", "tea"]), st.one_of(good_amounts, good_amounts, bad_amounts)
)
orders = st.lists(
    st.tuples(
        st.sampled_from(["ada", "bo", "cy", "nobody"]),
        st.integers(0, 300),
        st.lists(lines, min_size=1, max_size=3),
    ),
    max_size=8,
)


@pytest.fixture(autouse=True)
def shop(db) -> None:
    open_shop()


def rows_of(drawn, tag: str) -> list[tuple[str, ...]]:
    return [
        (
            f"{tag}-{number}",
            f"{tag}-{member}",
            f"2026-{1 + day // 30:02}-{1 + day % 28:02} 10:00",
            sku,
            "1",
            amount,
        )
        for number, (member, day, items) in enumerate(drawn)
        for sku, amount in items
    ]


def begin() -> str:
    tag = f"run{next(runs)}"
    add_members(*(f"{tag}-{name}" for name in ("ada", "bo", "cy")))
    return tag


def state_of(tag: str) -> list[tuple[object, ...]]:
    """Balance, tier and number of entries of each member: all that an import may change."""
    programme = rules.get_current_programme(NOW)
    ids = members.find_member_ids(f"{tag}-{name}" for name in ("ada", "bo", "cy"))
    return [
        (
            ledger.get_balance(ids[f"{tag}-{name}"], NOW),
            tiers.get_standing(ids[f"{tag}-{name}"], programme, NOW).qualified,
            tiers.get_standing(ids[f"{tag}-{name}"], programme, NOW).tier,
            len(ledger.list_entries(ids[f"{tag}-{name}"], size=100).items),
        )
        for name in ("ada", "bo", "cy")
    ]


def shape_of(report) -> tuple[int, int, int, int]:
    return report.rows, report.new, report.rejected, report.rejected_rows


@slowly
@given(drawn=orders, batch=st.sampled_from([1, 2, 100]))
def test_importing_twice_is_importing_once(tmp_path, drawn, batch) -> None:
    tag = begin()
    path = write_csv(tmp_path / "o.csv", rows_of(drawn, tag))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "BATCH_ITEMS", batch)
        first = run("orders", path)
        once = state_of(tag)
        second = run("orders", path)
    assert (second.new, second.unchanged, second.changed_nothing) == (0, first.new, True)
    assert (second.rejected, second.rejected_rows) == (first.rejected, first.rejected_rows)
    assert state_of(tag) == once


@slowly
@given(drawn=orders, data=st.data())
def test_two_halves_are_the_whole_in_either_order(tmp_path, drawn, data) -> None:
    cut = data.draw(st.integers(0, len(drawn)))
    whole, halves, backwards = begin(), begin(), begin()
    run("orders", write_csv(tmp_path / "whole.csv", rows_of(drawn, whole)))
    for tag, order in ((halves, (0, 1)), (backwards, (1, 0))):
        rows = rows_of(drawn, tag)
        firsts = {f"{tag}-{number}" for number in range(cut)}
        parts = [row for row in rows if row[0] in firsts], [row for row in rows if row[0] not in firsts]
        for half in order:
            run("orders", write_csv(tmp_path / f"half{half}.csv", parts[half]))
    assert state_of(whole) == state_of(halves) == state_of(backwards)


@slowly
@given(drawn=orders.filter(bool))  # an empty file is refused
def test_every_format_says_the_same(tmp_path, drawn) -> None:
    found = []
    for name, write in (("o.csv", write_csv), ("o.jsonl", write_jsonl), ("o.parquet", write_parquet)):
        tag = begin()
        report = run("orders", write(tmp_path / name, rows_of(drawn, tag)))
        found.append((shape_of(report), state_of(tag)))
    assert found[0] == found[1] == found[2]


@slowly
@given(drawn=orders)
def test_every_row_is_either_in_or_among_the_rejects(tmp_path, drawn) -> None:
    tag = begin()
    rows = rows_of(drawn, tag)
    report = run("orders", write_csv(tmp_path / "o.csv", rows))
    rejected = read_rejects(report) if report.rejects else []
    assert report.rows == len(rows)
    assert report.new + report.rejected == len(drawn)
    bad = {
        f"{tag}-{number}"
        for number, (member, _day, items) in enumerate(drawn)
        if member == "nobody" or any(amount in {"", "-1.00", "x", "1.005"} for _sku, amount in items)
    }
    assert [row["order_id"] for row in rejected] == [row[0] for row in rows if row[0] in bad]
    assert all(row["reason"] for row in rejected)
    assert [int(row["line"]) - 2 for row in rejected] == [n for n, row in enumerate(rows) if row[0] in bad]
