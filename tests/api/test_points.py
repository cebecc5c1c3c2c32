"""Balance, lots, history and corrections over HTTP."""

from datetime import timedelta
from typing import Any

import pytest

from regulars.kit.clock import utc_now
from tests.api.client import Caller, refused
from tests.api.test_activity import order
from tests.redemption.examples import give, make_member, make_reward


def test_the_balance_costs_one_query(caller: Caller, django_assert_num_queries: Any) -> None:
    member = make_member(points=120)
    caller.get(f"/members/{member}/balance")
    with django_assert_num_queries(1):
        told = caller.get(f"/members/{member}/balance").json()
    assert told | {"as_of": None} == {
        "member_id": member, "active": 120, "pending": 0, "held": 0, "debt": 0, "as_of": None,
    }  # fmt: skip
    with django_assert_num_queries(2):
        assert caller.get("/members/external:m1/balance").json()["active"] == 120


def test_nothing_is_told_from_nobody(caller: Caller) -> None:
    make_member()
    assert caller.get("/members/external:m1/balance").json()["active"] == 0
    assert caller.get("/members/external:m1/history").json()["items"] == []
    assert caller.get("/members/external:m1/lots").json()["items"] == []
    for what in ("balance", "history", "lots"):
        refused(caller.get(f"/members/424242/{what}"), 404, "member_not_found")


def test_lots_in_the_order_of_spending(caller: Caller) -> None:
    member = make_member()
    soon, late = utc_now() + timedelta(days=1), utc_now() + timedelta(days=9)
    give(member, 10, key="late", expires_at=late)
    give(member, 20, key="soon", expires_at=soon)
    lots = caller.get(f"/members/{member}/lots").json()["items"]
    assert [lot["remaining"] for lot in lots] == [20, 10]


def test_history_explains_itself(caller: Caller) -> None:
    make_member(points=1_000)
    make_reward()
    caller.post("/orders", order())
    done = caller.post("/redemptions", {"member": "external:m1", "reward": "mug"}, key="k").json()
    caller.post(f"/redemptions/{done['redemption_id']}/cancel", {"reason": "Broken mug"})
    entries = caller.get("/members/external:m1/history").json()["items"]
    told = [(entry["kind"], entry["active"], entry["reasons"], entry["reference"]) for entry in entries]
    assert told == [
        ("refund", 500, ["Reward: Mug", "Broken mug"], done["reference"]),
        ("spend", -500, ["Reward: Mug"], done["reference"]),
        ("earn", 18, ["1 for every €1.00 of €18.50"], "O1"),
        ("earn", 1_000, [], None),
    ]
    (part,) = entries[2]["parts"]
    assert (part["rule"], sum(share["points"] for share in part["shares"])) == ("purchases", 18)
    first = caller.get("/members/external:m1/history", size=3).json()
    rest = caller.get("/members/external:m1/history", size=3, cursor=first["next_cursor"]).json()
    assert [entry["seq"] for entry in first["items"] + rest["items"]] == [4, 3, 2, 1]
    other = caller.get("/members/external:m1/history", currency="qualifying_points").json()["items"]
    assert [entry["amount"] for entry in other] == [18]


@pytest.mark.parametrize("size", [2, 30])
def test_the_same_queries_for_any_page(caller: Caller, size: int, django_assert_num_queries: Any) -> None:
    """The smallest page has one of each kind: an order and a redemption."""
    member = make_member(points=20_000)
    make_reward()
    for number in range(15):
        caller.post("/orders", order(f"O{number}"))
        caller.post("/redemptions", {"member": "external:m1", "reward": "mug"}, key=f"k{number}")
    with django_assert_num_queries(9):
        assert len(caller.get(f"/members/{member}/history", size=size).json()["items"]) == size


def test_corrections_need_a_key_and_a_reason(caller: Caller) -> None:
    make_member(points=100)
    path = "/members/external:m1/adjustments"
    done = caller.post(path, {"points": 50, "reason": "Goodwill"}, key="a")
    assert (done.status_code, done.json()["balance_after"]) == (201, 150)
    assert caller.post(path, {"points": 50, "reason": "Goodwill"}, key="a").json() == done.json()
    assert caller.post(path, {"points": -30, "reason": "Mistake"}, key="b").json()["balance_after"] == 120
    refused(caller.post(path, {"points": 1, "reason": "x"}), 422, "idempotency_key_needed")
    refused(caller.post(path, {"points": 1, "reason": "  "}, key="c"), 422, "invalid_input")
    refused(caller.post(path, {"points": 0, "reason": "x"}, key="d"), 422, "invalid_posting")
    lapsed = {"points": 5, "reason": "x", "expires_at": (utc_now() - timedelta(days=1)).isoformat()}
    refused(caller.post(path, lapsed, key="e"), 422, "invalid_posting")
    assert caller.get("/members/external:m1/balance").json()["active"] == 120
