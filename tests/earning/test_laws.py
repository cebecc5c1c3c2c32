"""The laws of earning, with generated histories: laws 6, 7 and 14 of the design."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from regulars.activity.facade import OrderInput, ReturnInput
from regulars.earning.facade import SubmitStatus
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from tests.activity.makers import NOON, event, give_back, line, make_members, order
from tests.earning.worlds import (
    BREAD,
    HEAD,
    PER_EURO,
    WHOLE,
    publish,
    snapshot,
    stock_products,
    submit_events,
    submit_orders,
    submit_returns,
)

SUBTOTAL = WHOLE.replace('round_at = "line"', 'round_at = "subtotal"').replace('"floor"', '"half_up"')
BY_SPEND = WHOLE.replace('metric = "points"', 'metric = "spend"').replace(
    "threshold = 50", "threshold = 5000"
)
BY_VISITS = WHOLE.replace('metric = "points"', 'metric = "visits"').replace("threshold = 50", "threshold = 2")
SKUS = ("rye", "milk", "soap", "unknown")

pytestmark = pytest.mark.slow  # every example publishes a programme and shops on a real database

examples = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
programmes = st.sampled_from([WHOLE, SUBTOTAL, BY_SPEND, BY_VISITS])
bought = st.tuples(st.sampled_from(SKUS), st.integers(0, 4), st.sampled_from([0, 1, 99, 550, 1999, 4321]))
baskets = st.lists(bought, min_size=1, max_size=4)


def make_order(
    key: str, member_id: MemberId, basket: Sequence[tuple[str, int, int]], hour: int
) -> OrderInput:
    lines = [
        line(number, amount, quantity, sku=sku) for number, (sku, quantity, amount) in enumerate(basket, 1)
    ]
    return order(key, member_id, *lines, occurred_at=NOON + timedelta(hours=hour))


def of(member_id: MemberId) -> dict[str, Any]:
    """The state of one member, without the member's number, so that twins can be compared."""
    state = snapshot([member_id])
    return {
        "balances": {currency: balance for (_, currency), balance in state["balances"].items()},
        "lots": state["lots"][member_id],
        "usage": [row[1:] for row in state["usage"] if row[0] == member_id],
        "tier": state["tiers"][member_id],
    }


@st.composite
def splits(draw: st.DrawFn, basket: Sequence[tuple[str, int, int]]) -> list[dict[int, tuple[int, int]]]:
    """A whole return cut into pieces, in any order: per return, line → (quantity, amount)."""
    pieces: list[dict[int, tuple[int, int]]] = [{} for _ in range(draw(st.integers(1, 4)))]
    for number, (_, quantity, amount) in enumerate(basket, 1):
        left_quantity, left_amount = quantity, amount
        last = draw(st.integers(0, len(pieces) - 1))
        for piece in pieces[:last]:
            part = (draw(st.integers(0, left_quantity)), draw(st.integers(0, left_amount)))
            if part != (0, 0):
                piece[number] = part
                left_quantity, left_amount = left_quantity - part[0], left_amount - part[1]
        if (left_quantity, left_amount) != (0, 0) or (quantity, amount) == (0, 0):
            pieces[last][number] = (left_quantity, left_amount)
    return draw(st.permutations([piece for piece in pieces if piece]))


def returns_of(key: str, order_key: str, pieces: Sequence[dict[int, tuple[int, int]]]) -> list[ReturnInput]:
    return [
        give_back(f"{key}-{n}", order_key, *((number, *part) for number, part in piece.items()))
        for n, piece in enumerate(pieces)
    ]


class Laws(TestCase):
    @examples
    @given(st.data(), programmes, st.lists(baskets, min_size=1, max_size=3), st.booleans())
    def test_any_split_and_order_of_returns_ends_as_one_whole_return(
        self, data: st.DataObject, programme: str, shopping: list[Any], in_one_batch: bool
    ) -> None:
        """Law 6: balance, lots, use of caps and tier end the same (law 14)."""
        publish(programme)
        stock_products()
        whole, split = make_members(2)
        for name, member_id in (("W", whole), ("S", split)):
            submit_orders(
                *(make_order(f"{name}-{n}", member_id, basket, n) for n, basket in enumerate(shopping))
            )
        assert of(whole) == of(split)
        picked = data.draw(st.integers(0, len(shopping) - 1))
        basket = shopping[picked]
        everything = {number: row[1:] for number, row in enumerate(basket, 1)}
        told = submit_returns(*returns_of("RW", f"W-{picked}", [everything]))
        assert [outcome.status for outcome in told] == [SubmitStatus.ACCEPTED]
        pieces = returns_of("RS", f"S-{picked}", data.draw(splits(basket)))
        batches = [pieces] if in_one_batch else [[piece] for piece in pieces]
        for batch in batches:
            outcomes = submit_returns(*batch)
            assert {outcome.status for outcome in outcomes} <= {SubmitStatus.ACCEPTED}
        assert of(whole) == of(split)
        if len(shopping) == 1:
            assert all(balance == ledger.Balance() for balance in of(split)["balances"].values())
            assert of(split)["usage"] == []
        assert ledger.prove().ok

    @examples
    @given(st.data(), programmes, baskets)
    def test_partial_returns_in_another_order_end_the_same(
        self, data: st.DataObject, programme: str, basket: list[Any]
    ) -> None:
        """Law 6, where not everything comes back."""
        publish(programme)
        stock_products()
        ada, bob = make_members(2)
        submit_orders(make_order("A", ada, basket, 0), make_order("B", bob, basket, 0))
        pieces = data.draw(splits(basket))
        kept = pieces[: data.draw(st.integers(0, len(pieces)))]
        for batch in returns_of("RA", "A", kept):
            submit_returns(batch)
        for batch in returns_of("RB", "B", kept[::-1]):
            submit_returns(batch)
        assert of(ada) == of(bob)

    @examples
    @given(programmes, st.lists(st.tuples(st.integers(0, 2), baskets), min_size=1, max_size=8))
    def test_a_batch_equals_single_submissions_in_order(self, programme: str, shopping: list[Any]) -> None:
        publish(programme)
        stock_products()
        members = make_members(6)
        together = [
            make_order(f"T-{n}", members[who], basket, 7 * n) for n, (who, basket) in enumerate(shopping)
        ]
        alone = [
            make_order(f"S-{n}", members[who + 3], basket, 7 * n) for n, (who, basket) in enumerate(shopping)
        ]
        points = [outcome.points for outcome in submit_orders(*together)]
        assert points == [submit_orders(one)[0].points for one in alone]
        for who in range(3):
            assert of(members[who]) == of(members[who + 3])
        assert ledger.prove().ok

    @examples
    @given(st.data(), st.lists(baskets, min_size=1, max_size=6))
    def test_where_no_rule_looks_back_arrival_does_not_matter(
        self, data: st.DataObject, shopping: list[Any]
    ) -> None:
        """Late and out of order, without caps, first purchases and tiers: the same points, dated the same."""
        publish(HEAD + PER_EURO + BREAD)
        stock_products()
        ada, bob = make_members(2)
        numbers = range(len(shopping))
        in_order = [make_order(f"A-{n}", ada, shopping[n], n) for n in numbers]
        arrived = data.draw(st.permutations(numbers))
        cut = data.draw(st.integers(0, len(shopping)))
        outcomes = submit_orders(*in_order)
        late = [make_order(f"B-{n}", bob, shopping[n], n) for n in arrived]
        told = [*submit_orders(*late[:cut]), *submit_orders(*late[cut:])]
        assert {arrived[place]: outcome.points for place, outcome in enumerate(told)} == {
            n: outcome.points for n, outcome in enumerate(outcomes)
        }
        assert of(ada)["balances"] == of(bob)["balances"]
        assert sorted(row[1:] for row in of(ada)["lots"]) == sorted(row[1:] for row in of(bob)["lots"])

    @examples
    @given(st.data(), programmes, st.lists(st.tuples(st.integers(0, 1), baskets), min_size=1, max_size=5))
    def test_submitting_everything_again_changes_nothing(
        self, data: st.DataObject, programme: str, shopping: list[Any]
    ) -> None:
        """Law 7: the same key and input, the same answer."""
        publish(programme)
        stock_products()
        members = make_members(2)
        orders = [make_order(f"O-{n}", members[who], basket, n) for n, (who, basket) in enumerate(shopping)]
        events = [event(f"E-{n}", members[n % 2], "review", occurred_at=NOON) for n in range(4)]
        backs = [
            returns_of(f"R-{n}", f"O-{n}", data.draw(splits(shopping[n][1])))[:1] for n in range(len(orders))
        ]
        returns = [back for pair in backs for back in pair]
        first = (submit_orders(*orders), submit_events(*events), submit_returns(*returns))
        state = snapshot(members)
        cut = data.draw(st.integers(0, len(orders)))
        again = (
            [*submit_orders(*orders[cut:]), *submit_orders(*orders[:cut])],
            submit_events(*events),
            submit_returns(*returns),
        )
        assert snapshot(members) == state
        assert again[0] == [
            replace(one, status=SubmitStatus.REPEATED) for one in (*first[0][cut:], *first[0][:cut])
        ]
        assert again[1] == [replace(one, status=SubmitStatus.REPEATED) for one in first[1]]
        assert again[2] == [replace(one, status=SubmitStatus.REPEATED) for one in first[2]]
