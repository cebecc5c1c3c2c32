"""As many queries for one thing as for thirty: the pages do not slow down as members get older."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from regulars.catalogue import facade as catalogue
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.members.facade import MemberInput
from regulars.redemption import facade as redemption
from tests.store.shop import Shop, buy, join, order

SignIn = Callable[[MemberId], Client]
PAGES = [
    "/",
    "/rewards/",
    "/my-rewards/",
    "/history/",
    "/status/",
    "/history/1/",
    "/rewards/loaf/",
    "/rewards/loaf/redeem/",
]


def count(client: Client, address: str) -> int:
    client.get(address)  # whatever is kept in the process is kept now
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def grow(member_id: MemberId, shop: Shop, times: int) -> None:
    """So many purchases, so many redemptions in turn, so many rewards to choose from."""
    first = shop.now - timedelta(days=90)
    actor = Actor(ActorKind.MEMBER, str(member_id))
    for n in range(times):
        buy(member_id, [order(f"{member_id}-{n}", member_id, first + timedelta(days=n), big=True)])
        code = f"sticker-{member_id}-{n}"
        reward = catalogue.RewardInput(code, f"Sticker {n}", catalogue.RewardKind.GOODS, 2)
        catalogue.save_reward(actor=SYSTEM, now=shop.now, reward=reward)
        redemption.redeem_reward(
            actor=actor, now=utc_now(), member_id=member_id, reward_code=code, idempotency_key=f"{n}"
        )


@pytest.mark.slow  # thirty purchases and thirty redemptions take a while
def test_pages_cost_the_same_at_one_and_at_thirty(shop: Shop, sign_in_as: SignIn) -> None:
    one, thirty = join(shop.now, MemberInput("one", "Una", "Unger"), MemberInput("thirty", "Tria", "Tilney"))
    grow(one, shop, 1)
    at_one = {address: count(sign_in_as(one), address) for address in MOST}
    grow(thirty, shop, 30)
    at_thirty = {address: count(sign_in_as(thirty), address) for address in MOST}
    assert at_one == at_thirty
    assert {address: found for address, found in at_thirty.items() if found > MOST[address]} == {}


@pytest.mark.parametrize("members", [1, 30])
def test_the_welcome_of_a_demonstration_costs_the_same_for_few_and_for_many(
    shop: Shop, client: Client, settings: Any, members: int
) -> None:
    settings.DEMO_MODE = True
    join(shop.now, *(MemberInput(f"m-{n}", "Mia", f"Member {n}") for n in range(members)))
    assert count(client, "/") <= 12


MOST = {
    "/": 21,
    "/profile/": 22,
    "/status/": 12,
    "/rewards/": 12,
    "/my-rewards/": 10,
    "/history/": 22,
    "/history/1/": 19,
    "/rewards/loaf/": 18,
    "/rewards/loaf/redeem/": 11,
}
