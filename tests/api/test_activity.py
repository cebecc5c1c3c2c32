"""Orders, returns, events and quotes over HTTP."""

from datetime import timedelta
from typing import Any

from regulars.kit.clock import utc_now
from regulars.ledger.facade import get_balance
from tests.api.client import Caller, refused
from tests.redemption.examples import make_member

THEN = (utc_now() - timedelta(days=1)).isoformat()


def order(external_id: str = "O1", member: str = "external:m1", **changes: Any) -> dict[str, Any]:
    return {
        "external_id": external_id,
        "member": member,
        "occurred_at": THEN,
        "currency": "EUR",
        "lines": [{"sku": "bread", "amount": 250}, {"sku": "wine", "quantity": 2, "amount": 1_600}],
    } | changes


def test_an_order_earns_at_once_and_once(caller: Caller) -> None:
    member = make_member()
    first = caller.post("/orders", order())
    assert (first.status_code, first.json()["points"], first.json()["status"]) == (201, 18, "accepted")
    again = caller.post("/orders", order())
    assert (again.status_code, again.json()["points"], again.json()["status"]) == (200, 18, "repeated")
    assert get_balance(member, utc_now()).active == 18
    refused(caller.post("/orders", order(store="other")), 409, "order_key_conflict")
    refused(caller.post("/orders", order("O2", "external:nobody")), 404, "member_not_found")
    refused(caller.post("/orders", order("O2", "99999")), 404, "unknown_member")
    refused(caller.post("/orders", order("O2", currency="USD")), 422, "wrong_currency")
    refused(caller.post("/orders", order("O2", lines=[])), 422, "invalid_input")
    assert get_balance(member, utc_now()).active == 18


def test_a_batch_tells_of_each(caller: Caller) -> None:
    member = make_member()
    caller.post("/orders", order("O0"))
    batch = [
        order("O0"),
        order("O1", str(member)),
        order("O2", "external:nobody"),
        order("O3", lines=[{"sku": "x", "amount": -1}]),
        order("O0", store="other"),
        order("O4"),
    ]
    told = caller.post("/orders/batch", {"orders": batch}).json()
    assert [result["status"] for result in told["results"]] == [
        "repeated", "accepted", "refused", "refused", "refused", "accepted",
    ]  # fmt: skip
    assert [result["external_id"] for result in told["results"]] == ["O0", "O1", "O2", "O3", "O0", "O4"]
    assert [(r["problem"]["code"], r["problem"]["status"]) for r in told["results"] if r["problem"]] == [
        ("member_not_found", 404), ("invalid_input", 422), ("order_key_conflict", 409),
    ]  # fmt: skip
    assert (told["accepted"], told["repeated"], told["refused"]) == (2, 1, 3)
    assert get_balance(member, utc_now()).active == 54


def test_a_return_takes_back_what_was_given(caller: Caller) -> None:
    member = make_member()
    caller.post("/orders", order())
    returned = {
        "external_id": "R1", "order_external_id": "O1", "occurred_at": THEN,
        "lines": [{"line_no": 2, "quantity": 1}],
    }  # fmt: skip
    first = caller.post("/returns", returned)
    assert (first.status_code, first.json()["points"]) == (201, 8)
    assert caller.post("/returns", returned).json()["status"] == "repeated"
    assert get_balance(member, utc_now()).active == 10
    refused(
        caller.post("/returns", returned | {"external_id": "R2", "order_external_id": "O9"}),
        404,
        "unknown_order",
    )
    told = caller.post("/returns/batch", {"returns": [returned, returned | {"external_id": "R3"}, 7]}).json()
    assert (told["accepted"], told["repeated"], told["refused"]) == (1, 1, 1)
    assert get_balance(member, utc_now()).active == 2


def test_events(caller: Caller) -> None:
    make_member()
    event = {"external_id": "E1", "member": "external:m1", "kind": "review", "occurred_at": THEN}
    first = caller.post("/events", event)
    assert (first.status_code, first.json()["points"], first.json()["activated"]) == (201, 0, 0)
    assert caller.post("/events", event).status_code == 200
    refused(caller.post("/events", event | {"kind": "visit"}), 409, "event_key_conflict")
    refused(caller.post("/events", event | {"kind": "A visit"}), 422, "invalid_input")
    told = caller.post("/events/batch", {"events": [event, event | {"external_id": "E2"}, {}]}).json()
    assert [result["status"] for result in told["results"]] == ["repeated", "accepted", "refused"]


def test_a_thousand_orders_cost_few_queries(caller: Caller, django_assert_max_num_queries: Any) -> None:
    for number in range(10):
        make_member(f"m{number}")
    batch = [order(f"O{number}", f"external:m{number % 10}") for number in range(1_000)]
    with django_assert_max_num_queries(60):
        told = caller.post("/orders/batch", {"orders": batch}).json()
    assert told["accepted"] == 1_000


def test_a_quote_promises_what_the_order_keeps(caller: Caller) -> None:
    make_member()
    sent = order()
    asked = {"member": "external:m1", "lines": sent["lines"]}
    told = caller.post("/quote", asked).json()
    assert told["points"] == caller.post("/orders", sent).json()["points"] == 18
    (part,) = [p for credit in told["credits"] if credit["currency"] == "points" for p in credit["parts"]]
    assert part["sentence"] == "1 for every €1.00 of €18.50"
    assert [(share["sku"], share["points"]) for share in part["shares"]] == [("bread", 2), ("wine", 16)]
    assert caller.post("/quote", {"lines": sent["lines"]}).json()["points"] == 18
    refused(caller.post("/quote", asked | {"member": "77777"}), 404, "member_not_found")
