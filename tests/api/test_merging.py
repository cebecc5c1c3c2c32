"""Merging two members and parting them over HTTP; the statement with its proof."""

import json

from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.ledger import facade as ledger
from regulars.proofs import facade as proofs
from tests.api.client import Caller, refused

WHY = {"reason": "the same person twice"}


def make(caller: Caller, name: str, points: int) -> int:
    number = int(caller.post("/members", {"external_id": name}).json()["member_id"])
    caller.post(f"/members/{number}/adjustments", {"points": points, "reason": "start"}, key=f"start-{name}")
    return number


def active(caller: Caller, member: int | str) -> int:
    return int(caller.get(f"/members/{member}/balance").json()["active"])


def test_two_become_one_and_two_again(caller: Caller) -> None:
    ann, ben = make(caller, "ann", 30), make(caller, "ben", 12)
    merged = caller.post("/members/external:ann/merge", WHY | {"into": "external:ben"}, key="m")
    assert merged.status_code == 200
    told = merged.json()
    assert (told["member_id"], told["into_member_id"]) == (ann, ben)
    (points,) = [moved for moved in told["moved"] if moved["currency"] == "points"]
    assert (points["active"], points["missing"]) == (30, 0)
    assert active(caller, "external:ann") == active(caller, ben) == 42
    again = caller.post("/members/external:ann/merge", WHY | {"into": "external:ben"}, key="m")
    assert again.json() == told
    assert active(caller, ben) == 42
    refused(caller.post("/members/external:ann/merge/undo", WHY), 422, "invalid_input")
    parted = caller.post(f"/members/{ann}/merge/undo", WHY)
    assert parted.status_code == 200
    assert (active(caller, "external:ann"), active(caller, "external:ben")) == (30, 12)


def test_refusals_move_nothing(caller: Caller) -> None:
    ann, ben = make(caller, "ann", 30), make(caller, "ben", 12)
    refused(caller.post(f"/members/{ann}/merge", WHY | {"into": str(ann)}), 422, "merge_invalid")
    refused(caller.post(f"/members/{ann}/merge", WHY | {"into": "external:nobody"}), 404, "member_not_found")
    refused(caller.post(f"/members/{ann}/merge", {"into": str(ben), "reason": ""}), 422, "invalid_input")
    refused(caller.post(f"/members/{ann}/merge/undo", WHY), 409, "member_merged")
    assert (active(caller, ann), active(caller, ben)) == (30, 12)


def test_the_statement_can_be_checked_without_us(caller: Caller) -> None:
    ann = make(caller, "ann", 30)
    ledger.seal_ledger(actor=SYSTEM, now=utc_now())
    response = caller.client.get(
        "/api/v1/members/external:ann/statement", headers={"Authorization": f"Bearer {caller.secret}"}
    )
    assert (response.status_code, response["Content-Type"]) == (200, "application/json")
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    statement = json.loads(text)
    assert (statement["format"], statement["member_id"]) == (proofs.STATEMENT_FORMAT, ann)
    assert statement["checkpoint"]
    assert response["Cache-Control"] == "no-store"
    refused(caller.get("/members/external:nobody/statement"), 404, "member_not_found")


def test_an_adjustment_of_who_was_merged_is_the_survivors(caller: Caller) -> None:
    ann, ben = make(caller, "ann", 30), make(caller, "ben", 12)
    caller.post("/members/external:ann/merge", WHY | {"into": "external:ben"}, key="m")
    told = caller.post(f"/members/{ann}/adjustments", {"points": 7, "reason": "sorry"}, key="a").json()
    assert told["balance_after"] == active(caller, ben) == 49
    assert ledger.prove().ok
