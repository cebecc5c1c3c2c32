"""What a member saves for: set, seen on the way, reached, let go."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import RewardInput, RewardKind
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.redemption import facade as redemption
from regulars.redemption.models import Goal
from tests.store.shop import Shop
from tests.store.test_history import text_of
from tests.store.test_redeeming import confirm

SignIn = Callable[[MemberId], Client]


def test_a_goal_is_set_and_home_shows_how_near_it_is(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.ben)
    assert "Make it my goal" in client.get("/rewards/cheese/").content.decode()
    answer = client.post("/rewards/cheese/goal/", follow=True).content.decode()
    assert "This is your goal now." in answer
    assert "Let it go" in answer
    assert "Your goal: The cheese of the month 450 to go" in text_of(client.get("/"))
    client.post("/rewards/loaf/goal/")
    assert "Your goal: A fresh loaf of bread 150 to go" in text_of(client.get("/"))
    assert Goal.objects.count() == 1


def test_a_goal_within_reach_is_one_tap_away_and_gone_once_redeemed(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.ben)
    client.post("/rewards/loaf/goal/")
    ledger.adjust_points(
        actor=SYSTEM, now=shop.now, member_id=shop.ben, amount=400, reason="Goodwill", key="a"
    )
    assert "You can have it now. Redeem" in text_of(client.get("/"))
    address = confirm(client, "loaf")["Location"].partition("?")[0]
    assert "Your goal" not in text_of(client.get("/"))
    client.post(f"{address}cancel/")
    assert "Your goal: A fresh loaf" in text_of(client.get("/"))  # taken back: still wished for


def test_a_goal_is_let_go(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.ben)
    client.post("/rewards/cheese/goal/")
    for _ in range(2):
        client.post("/rewards/cheese/goal/", {"wish": "no"})
    assert "Your goal" not in text_of(client.get("/"))
    assert client.get("/rewards/cheese/goal/").status_code == 405


def test_what_a_member_is_not_shown_or_has_ended_is_nobodys_goal(shop: Shop, sign_in_as: SignIn) -> None:
    hidden = RewardInput(
        "hidden", "Hidden", RewardKind.GOODS, 10, tiers_allowed=("gold",), hidden_from_others=True
    )
    ended = RewardInput("ended", "Ended", RewardKind.GOODS, 10, active_to=shop.now - timedelta(days=1))
    for reward in (hidden, ended):
        catalogue.save_reward(actor=SYSTEM, now=shop.now, reward=reward)
    client = sign_in_as(shop.ben)
    assert client.post("/rewards/hidden/goal/").status_code == 404
    assert "no longer offered" in client.post("/rewards/ended/goal/", follow=True).content.decode()
    assert Goal.objects.count() == 0


def test_a_goal_that_ends_says_so_and_one_that_is_hidden_disappears(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.ben)
    client.post("/rewards/tasting/goal/")
    assert "For Gold only." in text_of(client.get("/"))
    tasting = catalogue.get_reward("tasting").decided
    from dataclasses import replace

    catalogue.save_reward(actor=SYSTEM, now=shop.now, reward=replace(tasting, hidden_from_others=True))
    assert "Your goal" not in text_of(client.get("/"))


def test_nobody_sets_another_members_goal_nor_that_of_an_erased_one(shop: Shop) -> None:
    stranger = Actor(ActorKind.MEMBER, str(shop.anna))
    with pytest.raises(redemption.NotYours):
        redemption.set_goal(actor=stranger, now=shop.now, member_id=shop.ben, reward_code="loaf")
    with pytest.raises(redemption.NotYours):
        redemption.clear_goal(actor=stranger, member_id=shop.ben)
    members.erase_member(actor=SYSTEM, now=shop.now, member_id=shop.ben, reason="Asked")
    with pytest.raises(members.MemberErased):
        redemption.set_goal(actor=SYSTEM, now=shop.now, member_id=shop.ben, reward_code="loaf")
    assert Goal.objects.count() == 0
