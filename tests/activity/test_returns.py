"""Returns: each once, never more than was bought, and the order's own sums stay true."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulars.activity.facade import (
    InvalidReturn,
    RecordedReturn,
    RecordStatus,
    ReturnExceedsOrder,
    ReturnKeyConflict,
    UnknownLine,
    UnknownOrder,
    count_orders_before,
    find_order,
    get_returns,
    list_returns,
    measure_return,
    record_orders,
    record_returns,
)
from regulars.activity.models import Order, Return, ReturnLine
from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.rules.facade import LineKind
from tests.activity.makers import NOW, give_back, line, make_members, order

pytestmark = pytest.mark.django_db
NEW, REPEATED = RecordStatus.NEW, RecordStatus.REPEATED
CONFLICT, REFUSED = RecordStatus.CONFLICT, RecordStatus.REFUSED


@pytest.fixture
def ada() -> MemberId:
    (ada,) = make_members(1)
    shopping = order("A-1", ada, line(1, 1000, 4), line(2, 300, 1), line(3, 0, 2), line(4, 0, 0))
    record_orders(actor=SYSTEM, now=NOW, batch=[shopping, order("A-2", ada, line(1, 500, 5))])
    return ada


def take(*batch: Any) -> list[RecordedReturn]:
    return record_returns(actor=SYSTEM, now=NOW, batch=batch)


def returned(key: str) -> dict[int, tuple[int, int]]:
    detail = find_order(key)
    assert detail is not None
    return {row.line_no: (row.returned_quantity, row.returned_amount) for row in detail.lines}


def unchanged() -> bool:
    untouched = not Order.objects.filter(returned_amount__gt=0).exists()
    return untouched and Return.objects.count() == ReturnLine.objects.count() == 0


def test_a_return_tells_what_was_back_before_and_is_now(ada: MemberId) -> None:
    take(give_back("R-1", "A-1", (1, 1, 250)))
    (outcome,) = take(give_back("R-2", "A-1", (1, 1, 200), (2, 1, 300)))
    assert outcome.status is NEW
    assert outcome.member_id == ada
    first, second = outcome.lines
    assert (first.bought_quantity, first.bought_amount) == (4, 1000)
    assert (first.quantity_before, first.amount_before, first.quantity, first.amount) == (1, 250, 1, 200)
    assert (second.quantity_before, second.amount_before, second.quantity, second.amount) == (0, 0, 1, 300)
    assert returned("A-1") == {1: (2, 450), 2: (1, 300), 3: (0, 0), 4: (0, 0)}
    detail = find_order("A-1")
    assert detail is not None
    assert detail.order.returned_amount == 750
    assert [row.amount for row in list_returns(order_id=detail.order.id)] == [250, 500]
    assert outcome.return_id is not None
    assert get_returns([outcome.return_id])[outcome.return_id].lines == ((1, 1, 200), (2, 1, 300))


def test_the_amount_follows_the_quantity_where_it_is_not_told(ada: MemberId) -> None:
    amounts = [
        outcome.lines[0].amount
        for outcome in take(*(give_back(f"R-{n}", "A-1", (1, 1, None)) for n in "1234"))
    ]
    assert sum(amounts) == 1000
    assert amounts == [250] * 4
    (mixed,) = take(give_back("R-5", "A-2", (1, 0, 450)))
    (rest,) = take(give_back("R-6", "A-2", (1, 5, None)))
    assert (mixed.status, rest.lines[0].amount) == (NEW, 50)


def test_a_repeat_changes_nothing_and_other_content_is_a_conflict(ada: MemberId) -> None:
    told = give_back("R-1", "A-1", (1, 1, 250))
    (first,) = take(told)
    again, conflict, other = take(
        told, give_back("R-1", "A-1", (1, 2, 250)), give_back("R-1", "A-2", (1, 1, 100))
    )
    assert (again.status, again.return_id, again.order_id) == (REPEATED, first.return_id, first.order_id)
    assert conflict.status is other.status is CONFLICT
    assert isinstance(conflict.refusal, ReturnKeyConflict)
    assert returned("A-1")[1] == (1, 250)
    assert returned("A-2")[1] == (0, 0)


def test_within_one_batch_returns_count_on_each_other(ada: MemberId) -> None:
    outcomes = take(
        give_back("R-1", "A-1", (1, 3, 750)),
        give_back("R-1", "A-1", (1, 3, 750)),
        give_back("R-1", "A-1", (1, 2, 750)),
        give_back("R-2", "A-1", (1, 2, 250)),
        give_back("R-3", "A-1", (1, 1, 250)),
    )
    assert [outcome.status for outcome in outcomes] == [NEW, REPEATED, CONFLICT, REFUSED, NEW]
    assert returned("A-1")[1] == (4, 1000)


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (give_back("R", "nope", (1, 1, 1)), UnknownOrder),
        (give_back("R", "A-1", (9, 1, 1)), UnknownLine),
        (give_back("R", "A-1", (1, 5, 1000)), ReturnExceedsOrder),
        (give_back("R", "A-1", (1, 1, 1001)), ReturnExceedsOrder),
        (give_back("R", "A-1", (2, 1, 300), (1, 5, None)), ReturnExceedsOrder),
        (give_back("R", "A-1"), InvalidReturn),
        (give_back("R", "A-1", (1, 1, 1), (1, 1, 1)), InvalidReturn),
        (give_back("R", "A-1", (1, -1, 1)), InvalidReturn),
        (give_back("R", "A-1", (1, 1, -1)), InvalidReturn),
        (give_back("R", "A-1", (1, 0, None)), InvalidReturn),
        (give_back("R", "A-1", (1, 0, 0)), InvalidReturn),
        (give_back("", "A-1", (1, 1, 1)), InvalidReturn),
        (give_back("R\0", "A-1", (1, 1, 1)), InvalidReturn),
        (give_back("R", "\ud800", (1, 1, 1)), InvalidReturn),
    ],
)
def test_a_bad_row_is_refused_and_changes_nothing(ada: MemberId, bad: Any, reason: type[Exception]) -> None:
    (outcome,) = take(bad)
    assert outcome.status is REFUSED
    assert type(outcome.refusal) is reason
    assert unchanged()


def test_a_bad_row_stops_no_good_one(ada: MemberId) -> None:
    outcomes = take(
        give_back("R-1", "nope", (1, 1, 1)), give_back("R-2", "A-1", (2, 1, 300)), give_back("R-3", "A-1")
    )
    assert [outcome.status for outcome in outcomes] == [REFUSED, NEW, REFUSED]


def test_a_line_of_nothing_comes_back_once(ada: MemberId) -> None:
    outcomes = take(give_back("R-1", "A-1", (4, 0, 0)), give_back("R-2", "A-1", (4, 0, 0)))
    assert [outcome.status for outcome in outcomes] == [NEW, REFUSED]


def test_an_order_that_came_back_whole_no_longer_counts(ada: MemberId) -> None:
    assert count_orders_before([ada]) == {ada: 2}
    take(give_back("R-1", "A-2", (1, 4, 400)))
    assert count_orders_before([ada]) == {ada: 2}
    take(give_back("R-2", "A-2", (1, 1, 100)))
    assert count_orders_before([ada]) == {ada: 1}


def test_shipping_need_not_come_back_for_an_order_to_be_whole() -> None:
    (bob,) = make_members(1)
    shopping = order("B-1", bob, line(1, 1000), line(2, 499, kind=LineKind.SHIPPING))
    record_orders(actor=SYSTEM, now=NOW, batch=[shopping])
    take(give_back("R-1", "B-1", (1, 1, None)))
    detail = find_order("B-1")
    assert detail is not None
    assert detail.order.returned_whole


def test_the_measure_of_a_return() -> None:
    assert measure_return(bought_quantity=4, bought_amount=1000, quantity=4, amount=900) == (900, 1000)
    assert measure_return(bought_quantity=4, bought_amount=0, quantity=3, amount=0) == (3, 4)
    assert measure_return(bought_quantity=0, bought_amount=0, quantity=0, amount=0) == (1, 1)


def test_the_number_of_queries_does_not_grow_with_the_batch(ada: MemberId) -> None:
    with CaptureQueriesContext(connection) as one:
        take(give_back("R-0", "A-1", (1, 1, 1)))
    with CaptureQueriesContext(connection) as many:
        take(*(give_back(f"S-{n}", "A-1", (1, 0, 1)) for n in range(30)))
    assert len(one) == len(many)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    takes=st.lists(
        st.tuples(
            st.sampled_from(["A-1", "A-2"]),
            st.integers(1, 5),
            st.integers(0, 5),
            st.none() | st.integers(0, 600),
        ),
        max_size=12,
    ),
    cut=st.integers(0, 12),
)
def test_stored_sums_equal_a_replay_of_the_return_lines(
    ada: MemberId, takes: list[tuple[str, int, int, int | None]], cut: int
) -> None:
    """The projection law for an order's caches, and no line ever gives back more than it was bought for."""
    batch = [
        give_back(f"R-{n}", key, (line_no, quantity, amount))
        for n, (key, line_no, quantity, amount) in enumerate(takes)
    ]
    outcomes = [*take(*batch[:cut]), *take(*batch[cut:])]
    assert len(outcomes) == len(takes)
    for key in ("A-1", "A-2"):
        detail = find_order(key)
        assert detail is not None
        assert detail.order.returned_amount == sum(row.returned_amount for row in detail.lines)
        for row in detail.lines:
            assert row.returned_quantity <= row.quantity
            assert row.returned_amount <= row.amount
        bodies = [row for row in detail.lines if row.quantity or row.amount]
        back = [
            row.returned_amount == row.amount if row.amount else row.returned_quantity == row.quantity
            for row in bodies
        ]
        if detail.order.returned_whole:
            assert all(back)
    # Hypothesis runs every example in one transaction: begin the next one afresh.
    ReturnLine.objects.all().delete()
    Return.objects.all().delete()
    Order.objects.update(returned_amount=0, returned_whole=False)


def test_the_return_of_an_order_in_another_case_is_unknown(ada: MemberId) -> None:
    (outcome,) = take(replace(give_back("R-1", "a-1", (1, 1, 1))))
    assert isinstance(outcome.refusal, UnknownOrder)
