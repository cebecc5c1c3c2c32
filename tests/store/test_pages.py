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
    "/status/",
    "/profile/",
    "/how-it-works/",
]


@pytest.mark.parametrize("address", PAGES)
def test_pages_answer_a_member(shop: Shop, sign_in_as: Callable[[MemberId], Client], address: str) -> None:
    for member in (shop.anna, shop.ben):
        response = sign_in_as(member).get(address)
        assert response.status_code == 200, response.headers
        assert "Linden Market" in response.content.decode()


@pytest.mark.parametrize(
    ("address", "status"),
    [("/rewards/%00/", 404), ("/pictures/%00", 404), ("/static/%00", 404), ("/rewards/?search=%00", 400)],
)
def test_a_nul_in_an_address_is_nobodys_page(shop: Shop, client: Client, address: str, status: int) -> None:
    answer = client.get(address)
    assert answer.status_code == status
    assert "text/html" in answer["Content-Type"]


def test_a_nul_in_a_cookie_is_refused(shop: Shop, client: Client) -> None:
    assert client.get("/", headers={"Cookie": 'sessionid="aaaaaaaaaa\\000"'}).status_code == 400
