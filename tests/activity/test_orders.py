"""Orders are recorded once each, and one bad row stops no other."""

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from regulars.activity.facade import (
    InvalidOrder,
    OrderKeyConflict,
    RecordedOrder,
    RecordStatus,
    UnknownMember,
    UnknownOrder,
    count_orders_before,
    find_order,
    get_order,
    list_orders,
    record_orders,
)
from regulars.activity.models import Order, OrderLine
from regulars.activity.policies import prepare_order
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId, OrderId
from regulars.kit.paging import BadCursor
from regulars.rules.facade import LineKind
from tests.activity.makers import NOON, NOW, line, make_members, order

pytestmark = pytest.mark.django_db
NEW, REPEATED = RecordStatus.NEW, RecordStatus.REPEATED
CONFLICT, REFUSED = RecordStatus.CONFLICT, RecordStatus.REFUSED


def record(*batch: Any) -> list[RecordedOrder]:
    return record_orders(actor=SYSTEM, now=NOW, batch=batch)


def statuses(*batch: Any) -> list[RecordStatus]:
    return [outcome.status for outcome in record(*batch)]


def test_an_order_is_kept_with_all_that_was_told_of_it() -> None:
    (ada,) = make_members(1)
    told = order(
        "A-1",
        ada,
        line(1, 1850, 2, discount=150, sku="bread"),
        line(7, 499, 1, kind=LineKind.SHIPPING),
        store="north",
        channel="till",
        attributes={"till": 4, "tags": ["a", "Ж"]},
        simulated=True,
    )
    (outcome,) = record(told)
    assert outcome.status is NEW
    assert outcome.order_id is not None
    detail = get_order(outcome.order_id)
    assert detail.order.amount == 2349
    assert detail.order.occurred_at == NOON
    assert (detail.order.store, detail.order.channel, detail.order.simulated) == ("north", "till", True)
    assert detail.order.attributes == {"till": 4, "tags": ["a", "Ж"]}
    assert [(row.line_no, row.sku, row.quantity, row.amount, row.discount) for row in detail.lines] == [
        (1, "bread", 2, 1850, 150),
        (7, "sku7", 1, 499, 0),
    ]
    assert [row.kind for row in detail.lines] == [LineKind.PRODUCT, LineKind.SHIPPING]
    assert find_order("A-1") == detail


def test_a_repeat_changes_nothing_and_other_content_is_a_conflict() -> None:
    (ada,) = make_members(1)
    first = order("A-1", ada)
    (recorded,) = record(first)
    other = replace(first, lines=(line(1, 999),))
    again, conflict, fresh = record(first, other, order("A-2", ada))
    assert (again.status, again.order_id) == (REPEATED, recorded.order_id)
    assert conflict.status is CONFLICT
    assert isinstance(conflict.refusal, OrderKeyConflict)
    assert fresh.status is NEW
    assert Order.objects.count() == OrderLine.objects.count() == 2


def test_within_one_batch_the_first_of_a_key_counts() -> None:
    (ada,) = make_members(1)
    first = order("A-1", ada)
    assert statuses(first, first, replace(first, store="x")) == [NEW, REPEATED, CONFLICT]
    assert Order.objects.count() == OrderLine.objects.count() == 1


def test_the_same_instant_in_another_zone_is_a_repeat() -> None:
    (ada,) = make_members(1)
    east = timezone(timedelta(hours=9))
    assert statuses(order("A-1", ada)) == [NEW]
    assert statuses(order("A-1", ada, occurred_at=NOON.astimezone(east))) == [REPEATED]


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        ({"lines": ()}, "at least one line"),
        ({"lines": (line(1), line(1))}, "twice"),
        ({"lines": (line(1), line(2, -1))}, "negative"),
        ({"lines": (line(1, quantity=-1),)}, "negative"),
        ({"lines": (line(1, discount=-1),)}, "negative"),
        ({"lines": (line(1, sku=""),)}, "no product"),
        ({"lines": (line(1, sku="a\0b"),)}, "NUL"),
        ({"lines": (line(1, sku="\ud800"),)}, "not text"),
        ({"lines": (line(1, 10**14),)}, "larger"),
        ({"lines": (line(1, quantity=2**31),)}, "larger"),
        ({"lines": (line(2**31),)}, "too large"),
        ({"lines": (line(1, amount=1.5),)}, "whole"),  # type: ignore[arg-type]
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 201}, "external_id"),
        ({"store": "\0"}, "store"),
        ({"external_id": "A\x1f1"}, "control"),
        ({"channel": "x" * 101}, "channel"),
        ({"currency": "euro"}, "currency"),
        ({"occurred_at": datetime(2026, 9, 1)}, "offset"),  # noqa: DTZ001
        ({"occurred_at": NOW + timedelta(days=2)}, "future"),
        ({"attributes": {"a": float("nan")}}, "attributes"),
        ({"attributes": {"a": "\0"}}, "attributes"),
        ({"attributes": {"a": "x" * 20_000}}, "attributes"),
        ({"attributes": {"a": object()}}, "attributes"),
    ],
)
def test_a_bad_row_is_refused_with_its_reason_and_the_good_ones_go_on(
    spoil: dict[str, Any], reason: str
) -> None:
    (ada,) = make_members(1)
    bad = replace(order("bad", ada), **spoil)
    before, refused, after = record(order("A-1", ada), bad, order("A-2", ada))
    assert (before.status, after.status) == (NEW, NEW)
    assert refused.status is REFUSED
    assert refused.order_id is None
    assert isinstance(refused.refusal, InvalidOrder)
    assert reason in refused.refusal.detail
    assert Order.objects.count() == OrderLine.objects.count() == 2


def test_a_refused_key_is_free_for_the_mended_order() -> None:
    (ada,) = make_members(1)
    assert statuses(order("A-1", ada, line(1, -5)), order("A-1", ada)) == [REFUSED, NEW]


def test_an_unknown_member_is_refused() -> None:
    (ada,) = make_members(1)
    stranger, known = record(order("A-1", MemberId(ada + 1000)), order("A-2", ada))
    assert isinstance(stranger.refusal, UnknownMember)
    assert known.status is NEW
    assert Order.objects.count() == 1


def test_awkward_text_survives() -> None:
    (ada,) = make_members(1)
    sku = 'back\\slash "quote" Ж 北\u00a0, \\N'
    (outcome,) = record(
        order("\\.\n\t'", ada, line(1, sku=sku), line(2, sku="\\N"), line(3, sku="a\tb\nc\rd"))
    )
    assert outcome.order_id is not None
    assert [row.sku for row in get_order(outcome.order_id).lines] == [sku, "\\N", "a\tb\nc\rd"]
    assert statuses(order("\\.\n\t'", ada, line(1, sku=sku), line(2, sku="\\N"), line(3, sku="a"))) == [
        CONFLICT
    ]


def test_a_single_order_without_store_and_channel_is_kept_as_told() -> None:
    (ada,) = make_members(1)
    record(order("A-1", ada, attributes={"note": "a\x1fb"}))
    detail = find_order("A-1")
    assert detail is not None
    assert (detail.order.store, detail.order.channel) == ("", "")
    assert detail.order.attributes == {"note": "a\x1fb"}


def test_free_lines_and_lines_of_no_quantity_are_fine() -> None:
    (ada,) = make_members(1)
    assert statuses(order("A-1", ada, line(1, 0), line(2, 0, 0))) == [NEW]


def test_recording_needs_a_transaction_of_the_caller() -> None:
    connection.in_atomic_block, kept = False, connection.in_atomic_block
    try:
        with pytest.raises(RuntimeError):
            record_orders(actor=SYSTEM, now=NOW, batch=[])
    finally:
        connection.in_atomic_block = kept


def test_nothing_in_nothing_out() -> None:
    assert record() == []


def test_a_fingerprint_never_changes() -> None:
    """What is stored today must be recognised in ten years."""
    told = order("A-1", MemberId(5), line(1, 1850, 2, discount=150, sku="bread"), attributes={"b": 1, "a": 2})
    assert prepare_order(told, now=NOW, skus={}).fingerprint.hex() == "06e196f03ad15159bd150bc1d174701b"


def test_orders_before_are_counted_by_arrival() -> None:
    ada, bob, eve = make_members(3)
    outcomes = record(
        order("A-1", ada), order("A-2", ada, minutes=-5), order("B-1", bob), order("B-2", bob, minutes=9)
    )
    ids = [outcome.order_id for outcome in outcomes if outcome.order_id is not None]
    assert count_orders_before([ada, bob, eve]) == {ada: 2, bob: 2}
    assert count_orders_before([ada, bob, eve], excluding=ids[1:3]) == {ada: 1, bob: 1}
    assert count_orders_before([]) == {}


def test_orders_are_listed_latest_first_page_by_page() -> None:
    ada, bob = make_members(2)
    record(*(order(f"A-{n}", ada, minutes=n // 2) for n in range(7)), order("B-1", bob))
    seen: list[str] = []
    cursor = None
    while True:
        page = list_orders(member_id=ada, cursor=cursor, size=3)
        seen += [row.external_id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(seen) == [f"A-{n}" for n in range(7)]
    assert seen[0] == "A-6"
    with pytest.raises(BadCursor):
        list_orders(member_id=ada, cursor="WyJub3BlIiwxXQ")


def test_the_number_of_queries_does_not_grow_with_the_batch() -> None:
    (ada,) = make_members(1)
    with CaptureQueriesContext(connection) as one:
        record(order("A-1", ada))
    with CaptureQueriesContext(connection) as many:
        record(*(order(f"B-{n}", ada) for n in range(30)))
    assert len(one) == len(many)


def test_an_unknown_order_is_not_found() -> None:
    with pytest.raises(UnknownOrder):
        get_order(OrderId(1))
    assert find_order("nope") is None


@pytest.mark.django_db(transaction=True)
def test_a_refused_batch_leaves_the_transaction_usable() -> None:
    (ada,) = make_members(1)
    with transaction.atomic():
        record(order("A-1", ada, line(1, -1)))
        assert Order.objects.count() == 0
