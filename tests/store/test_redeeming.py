"""Redeeming: once for each confirmation, refused in words, taken back where that is allowed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.redemption.models import Redemption
from tests.store.shop import Shop

SignIn = Callable[[MemberId], Client]


def confirm(client: Client, code: str) -> Any:
    """Tap two: send the form that tap one brought."""
    form = client.get(f"/rewards/{code}/redeem/").content.decode()
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key
    return client.post(f"/rewards/{code}/redeem/", {"key": key.group(1)})


def points_of(member_id: MemberId) -> int:
    return ledger.get_balance(member_id, utc_now()).active


def test_redeeming_shows_the_code_and_takes_the_points(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    before = points_of(shop.anna)
    response = confirm(client, "coffee")
    assert response.status_code == 302
    page = client.get(response["Location"]).content.decode()
    assert re.search(r"<p data-code>CUP-\d{4}</p>", page)
    assert "It is yours" in page
    assert points_of(shop.anna) == before - 200


def test_the_same_form_sent_twice_redeems_once(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    before = points_of(shop.anna)
    answers = [client.post("/rewards/loaf/redeem/", {"key": "one-key"}) for _ in range(3)]
    assert len({answer["Location"] for answer in answers}) == 1
    assert Redemption.objects.count() == 1
    assert points_of(shop.anna) == before - 150


def test_two_confirmations_redeem_twice(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    assert confirm(client, "loaf")["Location"] != confirm(client, "loaf")["Location"]
    assert Redemption.objects.count() == 2


@pytest.mark.parametrize(
    ("code", "says"),
    [("gift-card", "more"), ("tasting", "For Gold only."), ("coffee", "more")],
)
def test_what_cannot_be_had_is_refused_in_words_and_nothing_changes(
    shop: Shop, sign_in_as: SignIn, code: str, says: str
) -> None:
    member = shop.ben if code == "coffee" else shop.anna
    client = sign_in_as(member)
    before = points_of(member)
    response = client.post(f"/rewards/{code}/redeem/", {"key": "k"})
    assert response.status_code == 409
    assert says in response.content.decode()
    assert Redemption.objects.count() == 0
    assert points_of(member) == before


@pytest.mark.parametrize("key", ["", "x" * 301])
def test_a_form_without_a_sound_key_is_refused(shop: Shop, sign_in_as: SignIn, key: str) -> None:
    response = sign_in_as(shop.anna).post("/rewards/loaf/redeem/", {"key": key})
    assert response.status_code == 409
    assert Redemption.objects.count() == 0


def test_what_also_costs_money_is_set_aside_until_it_is_paid(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    page = client.get(confirm(client, "tote")["Location"]).content.decode()
    assert "Set aside for you until" in page
    assert "$3.00" in page
    assert ledger.get_balance(shop.anna, utc_now()).held == 400


def test_a_member_takes_a_reward_back_and_has_the_points_again(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    before = points_of(shop.anna)
    address = confirm(client, "loaf")["Location"].partition("?")[0]
    assert "Take it back" in client.get(address).content.decode()
    assert "150 points come back" in client.get(f"{address}cancel/").content.decode()
    client.post(f"{address}cancel/")
    page = client.get(address).content.decode()
    assert "Taken back" in page
    assert "150 points are back." in page
    assert points_of(shop.anna) == before


def test_what_may_not_be_taken_back_stays(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    address = confirm(client, "food-bank")["Location"].partition("?")[0]
    before = points_of(shop.anna)
    assert "Take it back" not in client.get(address).content.decode()
    assert "can no longer be taken back" in client.get(f"{address}cancel/").content.decode()
    client.post(f"{address}cancel/")
    assert points_of(shop.anna) == before
    assert Redemption.objects.get().state == "fulfilled"


def test_nobody_sees_or_takes_back_what_is_another_members(shop: Shop, sign_in_as: SignIn) -> None:
    address = confirm(sign_in_as(shop.anna), "loaf")["Location"].partition("?")[0]
    stranger = sign_in_as(shop.ben)
    assert stranger.get(address).status_code == 404
    assert stranger.get(f"{address}cancel/").status_code == 404
    assert stranger.post(f"{address}cancel/").status_code == 404
    assert Redemption.objects.get().state == "confirmed"


def test_my_rewards_lie_where_they_belong(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    confirm(client, "coffee")
    confirm(client, "food-bank")
    cancelled = confirm(client, "loaf")["Location"].partition("?")[0]
    client.post(f"{cancelled}cancel/")

    def shown(shelf: str) -> list[str]:
        page = client.get("/my-rewards/", {"show": shelf}).content.decode()
        return re.findall(r'underline-offset-4" href="/my-rewards/\d+/">([^<]+)</a>', page)

    assert shown("ready") == ["A cup of coffee, any size"]
    assert shown("used") == ["Groceries for the food bank"]
    assert shown("expired") == []
    assert shown("cancelled") == ["A fresh loaf of bread"]
    assert shown("nonsense") == shown("ready")


def test_a_get_never_redeems(shop: Shop, sign_in_as: SignIn) -> None:
    sign_in_as(shop.anna).get("/rewards/loaf/redeem/", {"key": "k"})
    assert Redemption.objects.count() == 0


def test_a_form_from_elsewhere_is_refused(shop: Shop, sign_in_as: SignIn) -> None:
    member = sign_in_as(shop.anna)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = member.cookies
    response = strict.post("/rewards/loaf/redeem/", {"key": "k"})
    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()
    assert Redemption.objects.count() == 0


def stepper(client: Client, code: str, units: str = "") -> tuple[str, list[str]]:
    """The form with so many units, and where less and more lead."""
    form = client.get(f"/rewards/{code}/redeem/{units}").content.decode()
    return form, re.findall(r'href="[^"]*(\?units=\d+)#', form)


def test_as_many_as_are_to_be_had_are_taken_at_once(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    before = points_of(shop.anna)
    form, ways = stepper(client, "loaf")
    assert "How many" in form
    assert ways == ["?units=2"]
    form, ways = stepper(client, "loaf", "?units=2")
    assert "?units=1" in ways
    assert "2 × 150" in form
    assert "−300" in form
    assert "Yes, redeem 2" in form
    key = re.search(r'name="key" value="([^"]+)"', form)
    assert key
    answer = client.post("/rewards/loaf/redeem/", {"key": key.group(1), "units": "2"})
    assert points_of(shop.anna) == before - 300
    assert Redemption.objects.get().units == 2
    assert "2 × " in client.get(answer["Location"]).content.decode()


def test_the_stepper_ends_where_something_binds_and_says_what(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    most = points_of(shop.anna) // 150
    form, ways = stepper(client, "loaf", "?units=50")
    found = re.search(r'role="status"[^>]*>(\d+)<', form)
    assert found
    assert int(found.group(1)) <= most
    assert ways == [f"?units={int(found.group(1)) - 1}"]
    assert re.search(r"enough for|left\.|more of these|at once", form)
    # Each of these has a code of its own.
    assert "How many" not in stepper(client, "coffee")[0]


@pytest.mark.parametrize("units", ["0", "51", "999"])
def test_more_than_can_be_had_is_refused_and_takes_nothing(
    shop: Shop, sign_in_as: SignIn, units: str
) -> None:
    client = sign_in_as(shop.anna)
    before = points_of(shop.anna)
    assert client.post("/rewards/loaf/redeem/", {"key": "k", "units": units}).status_code == 409
    assert points_of(shop.anna) == before
    assert not Redemption.objects.exists()
