"""Recommendations over HTTP."""

import pytest

from regulars.catalogue.facade import RewardInput, RewardKind, save_reward
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger.facade import adjust_points
from regulars.recommend import facade as recommend
from regulars.recommend.facade import ShelfCode
from regulars.recommend.models import Dismissal, Feedback, Shown
from tests.api.client import Caller, refused
from tests.recommend.shop import join, learn, relate, stock, taste

SKUS = [f"p{number:02}" for number in range(12)]


@pytest.fixture
def member(caller: Caller) -> int:
    stock(*SKUS)
    relate("p00", "p01", "p02")
    member_id = join("r1")
    learn(member_id, ShelfCode.NEW, *SKUS, as_of=utc_now().date())
    return member_id


def test_shelves_come_with_reasons_in_the_language_asked_for(caller: Caller, member: int) -> None:
    (shelf,) = caller.get("/members/external:r1/recommendations", shelf="new", count=4).json()["shelves"]
    assert [item["sku"] for item in shelf["items"]] == SKUS[:4]
    assert (shelf["code"], shelf["title"], shelf["served_by"]) == ("new", "New for you", "model")
    (reason,) = shelf["items"][0]["reasons"]
    assert (reason["code"], reason["values"]) == ("category", {"category": "Food", "orders": 3})
    assert reason["sentence"]
    caller.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ru"
    (told,) = caller.get(f"/members/{member}/recommendations", shelf="new", count=4).json()["shelves"]
    assert told["title"] == "Новое для вас"
    assert told["items"][0]["reasons"][0]["sentence"] != reason["sentence"]
    del caller.client.defaults["HTTP_ACCEPT_LANGUAGE"]
    shelves = caller.get(f"/members/{member}/recommendations", basket=["p00"]).json()["shelves"]
    assert [one["code"] for one in shelves] == ["new"]
    assert "p00" not in {item["sku"] for one in shelves for item in one["items"]}
    assert shelves[0]["items"][0]["sku"] == "p01"
    assert Shown.objects.filter(placement="api").count() == 3


def test_feedback_counts_once_and_a_dismissed_product_does_not_come_again(
    caller: Caller, member: int
) -> None:
    (shelf,) = caller.get(f"/members/{member}/recommendations", shelf="new", count=4).json()["shelves"]
    path, told = f"/members/{member}/recommendations/feedback", {"shown_id": shelf["shown_id"]}
    seen = told | {"kind": "seen", "skus": SKUS[:4]}
    assert caller.post(path, seen).json() == {"noted": 4}
    assert caller.post(path, seen).json() == {"noted": 0}
    assert caller.post(path, told | {"kind": "dismissed", "skus": ["p00"]}).json() == {"noted": 1}
    (shelf,) = caller.get(f"/members/{member}/recommendations", shelf="new", count=4).json()["shelves"]
    assert [item["sku"] for item in shelf["items"]] == SKUS[1:5]
    assert Feedback.objects.count() == 5


def test_refusals_change_nothing(caller: Caller, member: int) -> None:
    refused(caller.get("/members/99999999/recommendations"), 404, "member_not_found")
    refused(caller.get(f"/members/{member}/recommendations", count=61), 422, "invalid_input")
    refused(caller.get("/products/none/similar"), 404, "product_unknown")
    stranger = join("r2")
    (shelf,) = caller.get(f"/members/{member}/recommendations", shelf="new", count=4).json()["shelves"]
    told = {"shown_id": shelf["shown_id"], "kind": "dismissed", "skus": ["p00"]}
    path = "/members/{}/recommendations/feedback"
    refused(caller.post(path.format(stranger), told), 404, "shown_not_found")
    refused(caller.post(path.format(member), told | {"skus": ["p00", "p11"]}), 404, "shown_not_found")
    refused(caller.post(path.format(member), told | {"kind": "loved"}), 422, "invalid_input")
    assert not Feedback.objects.exists()
    assert not Dismissal.objects.exists()


def test_similar_products_leave_out_what_is_not_sold(caller: Caller, member: int) -> None:
    found = caller.get("/products/p00/similar").json()["items"]
    assert [item["sku"] for item in found] == ["p01", "p02"]
    assert found[0]["reasons"][0]["values"] == {"sku": "p00", "name": "The p00"}
    assert recommend.list_dismissals(member) == ()  # type: ignore[arg-type]


def test_rewards_are_suggested_with_how_near_they_are(caller: Caller, member: int) -> None:
    now = utc_now()
    for code, price in (("mug", 300), ("bike", 1_200)):
        reward = RewardInput(code=code, name=code.title(), kind=RewardKind.GOODS, price_points=price)
        save_reward(actor=SYSTEM, now=now, reward=reward)
    adjust_points(actor=SYSTEM, now=now, member_id=MemberId(member), amount=400, reason="Gift", key="g")
    taste(member, points_a_day=100.0, basket_minor=40_000)
    told = caller.get(f"/members/{member}/reward-suggestions", count=4).json()
    mug, bike = told["items"]
    assert (mug["code"], mug["missing"], mug["days"], mug["amount"]) == ("mug", 0, None, None)
    assert (bike["code"], bike["missing"], bike["days"], bike["amount"]) == ("bike", 800, 8, 80_000)
    assert [reason["code"] for reason in bike["reasons"]] == ["near"]
    assert "8 days" in bike["reasons"][0]["sentence"]
    row = Shown.objects.get()
    assert (row.pk, row.shelf, row.skus) == (told["shown_id"], "rewards", ["mug", "bike"])
    refused(caller.get("/members/99999999/reward-suggestions"), 404, "member_not_found")
    refused(caller.get(f"/members/{member}/reward-suggestions", count=25), 422, "invalid_input")
    assert Shown.objects.count() == 1
