"""Every page, as a member and as a stranger."""

from collections.abc import Callable

import pytest
from django.test import Client

from regulars.kit.ids import MemberId
from tests.store.shop import Shop

PAGES = [
    "/",
    "/rewards/",
    "/rewards/loaf/",
    "/rewards/loaf/redeem/",
    "/my-rewards/",
    "/history/",
    "/how-it-works/",
]


@pytest.mark.parametrize("address", PAGES)
def test_pages_answer_a_member(shop: Shop, sign_in_as: Callable[[MemberId], Client], address: str) -> None:
    for member in (shop.anna, shop.ben):
        response = sign_in_as(member).get(address)
        assert response.status_code == 200, response.headers
        assert "Linden Market" in response.content.decode()
