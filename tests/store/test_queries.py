"""As many queries for one thing as for thirty: the pages do not slow down as members get older."""

from collections.abc import Callable
from datetime import timedelta

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


@pytest.mark.parametrize("address", PAGES)
def test_a_page_costs_the_same_at_one_and_at_thirty(shop: Shop, sign_in_as: SignIn, address: str) -> None:
    one, thirty = join(shop.now, MemberInput("one", "Una", "Unger"), MemberInput("thirty", "Tria", "Tilney"))
    grow(one, shop, 1)
    at_one = count(sign_in_as(one), address)
    grow(thirty, shop, 30)
    at_thirty = count(sign_in_as(thirty), address)
    assert at_one == at_thirty
    assert at_one <= MOST[address]


MOST = {
    "/": 30,
    "/rewards/": 14,
    "/my-rewards/": 10,
    "/history/": 24,
    "/history/1/": 20,
    "/rewards/loaf/": 14,
    "/rewards/loaf/redeem/": 14,
}
