"""Rewards and redemptions over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from regulars.catalogue.facade import get_reward, save_picture
from tests.api.client import Caller, refused
from tests.catalogue.test_pictures import png
from tests.redemption.examples import NOW, OPERATOR, make_member, make_reward, make_voucher


def test_rewards_say_what_they_are_to_whom(caller: Caller) -> None:
    make_member(points=600)
    make_reward()
    make_reward("poster", name="Poster", price_points=840, category="Home")
    make_reward("gold", tiers_allowed=("gold",))
    told = {
        item["code"]: item["availability"]
        for item in caller.get("/rewards", member="external:m1").json()["items"]
    }
    assert told["mug"]["state"] == "available"
    assert (told["poster"]["state"], told["poster"]["points_short"]) == ("short", 240)
    assert told["poster"]["reason"] == "240 more points to go."
    assert told["gold"]["reason"] == "For Gold only."
    affordable = caller.get("/rewards", member="external:m1", affordable="true").json()["items"]
    assert [item["code"] for item in affordable] == ["mug"]
    assert [
        item["code"] for item in caller.get("/rewards", search="post", category="Home").json()["items"]
    ] == ["poster"]
    one = caller.get("/rewards/poster").json()
    assert (one["availability"]["state"], one["picture"]["name"], one["picture"]["url"]) == (
        "short",
        "goods",
        None,
    )
    refused(caller.get("/rewards/nothing"), 404, "reward_not_found")
    refused(caller.get("/rewards", member="77777"), 404, "member_not_found")
    refused(caller.get("/rewards", sort="random"), 422, "invalid_input")


@pytest.mark.parametrize("size", [1, 30])
def test_the_same_queries_for_any_page(caller: Caller, size: int, django_assert_num_queries: Any) -> None:
    member = make_member(points=600)
    for number in range(30):
        make_reward(f"r{number}")
    caller.get("/rewards", member=str(member))
    with django_assert_num_queries(7):
        assert len(caller.get("/rewards", member=str(member), size=size).json()["items"]) == size


def test_redeem_then_cancel(caller: Caller) -> None:
    make_member(points=600)
    make_voucher("SECRET")
    done = caller.post("/redemptions", {"member": "external:m1", "reward": "cinema"}, key="k")
    assert done.status_code == 201
    told = done.json()
    assert (told["state"], told["code"], told["price_points"]) == ("confirmed", "SECRET", 500)
    assert caller.get(f"/redemptions/{told['redemption_id']}").json() == told
    assert caller.get("/redemptions", member="external:m1", state="confirmed").json()["items"] == [told]
    assert caller.get("/redemptions", state="cancelled").json()["items"] == []
    path = f"/redemptions/{told['redemption_id']}"
    refused(caller.post(f"{path}/cancel", {"reason": " "}), 422, "invalid_input")
    back = caller.post(f"{path}/cancel", {"reason": "mistake"}).json()
    assert (back["state"], back["code"], back["cancel_reason"]) == ("cancelled", None, "mistake")
    assert caller.get("/members/external:m1/balance").json()["active"] == 600
    refused(caller.post(f"{path}/fulfil"), 409, "redemption_wrong_state")
    refused(caller.get("/redemptions/424242"), 404, "redemption_not_found")
    refused(caller.get("/redemptions/99999999999999999999"), 422, "invalid_input")


def test_reserve_confirm_fulfil(caller: Caller) -> None:
    make_member(points=600)
    make_reward(price_money=250)
    body = {"member": "external:m1", "reward": "mug"}
    refused(caller.post("/redemptions", body, key="k"), 409, "payment_needed")
    held = caller.post("/redemptions", body | {"mode": "reserve", "hold_minutes": 5}, key="k2").json()
    assert (held["state"], held["price_money"]) == ("reserved", 250)
    assert caller.get("/members/external:m1/balance").json()["held"] == 500
    path = f"/redemptions/{held['redemption_id']}"
    refused(caller.post(f"{path}/fulfil"), 409, "redemption_wrong_state")
    assert caller.post(f"{path}/confirm").json()["state"] == "confirmed"
    assert caller.post(f"{path}/fulfil").json()["state"] == "fulfilled"
    refused(caller.post(f"{path}/cancel", {"reason": "x"}), 409, "not_cancellable")


def test_several_units_are_taken_and_fulfilled_together(caller: Caller) -> None:
    make_member(points=1_600)
    make_reward()
    body = {"member": "external:m1", "reward": "mug", "units": 3}
    told = caller.post("/redemptions", body, key="k").json()
    assert (told["units"], told["units_handed"], told["price_points"]) == (3, 0, 1_500)
    refused(caller.post("/redemptions", body | {"units": 0}, key="o"), 422, "invalid_input")
    refused(caller.post("/redemptions", body | {"units": 51}, key="o"), 422, "invalid_input")
    done = caller.post(f"/redemptions/{told['redemption_id']}/fulfil").json()
    assert (done["state"], done["units_handed"]) == ("fulfilled", 3)
    assert caller.get("/members/external:m1/balance").json()["active"] == 100


def test_refusals_to_redeem(caller: Caller) -> None:
    make_member(points=600)
    make_reward(stock=0)
    make_reward("costly", price_points=601)
    body = {"member": "external:m1", "reward": "mug"}
    refused(caller.post("/redemptions", body), 422, "idempotency_key_needed")
    refused(caller.post("/redemptions", body, key="k"), 409, "sold_out")
    problem = refused(
        caller.post("/redemptions", body | {"reward": "costly"}, key="k"), 409, "insufficient_points"
    )
    assert (problem["balance"], problem["needed"]) == (600, 601)
    refused(caller.post("/redemptions", body | {"member": "424242"}, key="k"), 404, "member_not_found")
    refused(caller.post("/redemptions", body | {"reward": "nothing"}, key="k"), 404, "reward_not_found")
    assert get_reward("mug").taken == 0


def test_the_operations_own_key_outlives_the_answer(caller: Caller) -> None:
    """Another API key, so no stored answer; the redemption itself still knows the request."""
    make_member(points=2_000)
    make_reward()
    body = {"member": "external:m1", "reward": "mug"}
    first = caller.post("/redemptions", body, key="k")
    second = Caller().post("/redemptions", body, key="k")
    assert (second.status_code, second.json()) == (200, first.json())
    assert caller.get("/members/external:m1/balance").json()["active"] == 1_500


def test_uploaded_pictures_are_served_safely(caller: Caller, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    picture = save_picture(actor=OPERATOR, now=NOW, content=png(), alt="A dot")
    make_reward(picture=picture)
    url = caller.get("/rewards/mug").json()["picture"]["url"]
    response = caller.client.get(url)
    assert (response.status_code, response["Content-Type"]) == (200, "image/webp")
    assert response.content[8:12] == b"WEBP"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]
    assert "immutable" in response["Cache-Control"]
    refused(caller.get("/pictures/x.svg"), 404, "picture_not_found")
