"""Home, rewards and explanations: what is shown is what is so."""

import base64
import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, RequestFactory

from regulars.catalogue import facade as catalogue
from regulars.kit.actor import SYSTEM
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.store.views import errors
from tests.store.shop import Shop
from tests.store.test_history import text_of

SignIn = Callable[[MemberId], Client]


def names(html: str) -> list[str]:
    return [unescape(name) for name in re.findall(r'class="reward-link"[^>]*>([^<]+)</a>', html)]


def test_home_shows_the_balance_that_can_be_spent(shop: Shop, sign_in_as: SignIn) -> None:
    balance = ledger.get_balance(shop.anna, utc_now())
    text = text_of(sign_in_as(shop.anna).get("/"))
    assert f"Hello, Anna Silver {balance.active:,} points" in text
    assert "Silver until" in text


def test_home_offers_what_can_be_had_and_the_nearest(shop: Shop, sign_in_as: SignIn) -> None:
    html = sign_in_as(shop.anna).get("/").content.decode()
    assert len(names(html)) == 4
    assert "An evening at the roastery" not in names(html)
    assert re.search(r"Next: <a href=\"/rewards/delivery/\">", html)


def test_home_of_a_newcomer_names_the_first_reward(shop: Shop, sign_in_as: SignIn) -> None:
    text = text_of(sign_in_as(shop.ben).get("/"))
    assert "Hello, Ben Member 0 points" in text
    assert "Your first reward: A fresh loaf of bread 150 to go" in text
    assert "Within reach" in text


def test_home_warns_of_points_about_to_lapse(shop: Shop, sign_in_as: SignIn) -> None:
    text = text_of(sign_in_as(shop.anna).get("/"))
    (expires_at, points), *_rest = ledger.list_expiring(shop.anna, utc_now(), 60)
    assert f"{points} points lapse at the end of" in text
    assert "in 7 days" in text or "in 8 days" in text or "in 6 days" in text
    assert expires_at > utc_now()


def test_rewards_are_searched_filtered_and_sorted(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)

    def found(query: str) -> list[str]:
        return names(client.get(f"/rewards/?{query}").content.decode())

    assert found("q=coffee") == ["A cup of coffee, any size"]
    assert found("kind=donation") == ["Groceries for the food bank"]
    assert "A gift card of $20" not in found("affordable=on")
    assert found("sort=price_high")[0] == "A gift card of $20"
    assert found("kind=nonsense&sort=nonsense") == found("")
    assert found("q=bicycle") == []


def test_the_list_alone_is_sent_where_the_list_alone_is_asked_for(shop: Shop, client: Client) -> None:
    part = client.get("/rewards/?q=loaf", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<section id="reward-list"')
    back = client.get(
        "/rewards/?q=loaf", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}
    ).content.decode()
    assert "<html" in back


def test_a_part_is_what_the_whole_page_shows(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    for query in ("q=coffee", "affordable=on", "q=bicycle"):
        part = client.get(f"/rewards/?{query}", headers={"HX-Request": "true"}).content.decode()
        assert part.strip() in client.get(f"/rewards/?{query}").content.decode()


def test_show_more_brings_the_rest(shop: Shop, sign_in_as: SignIn) -> None:
    for number in range(40):
        reward = catalogue.RewardInput(
            f"mug-{number}", f"Mug {number:02}", catalogue.RewardKind.GOODS, 3000 + number
        )
        catalogue.save_reward(actor=SYSTEM, now=shop.now, reward=reward)
    client = sign_in_as(shop.anna)
    html = client.get("/rewards/").content.decode()
    seen = names(html)
    while more := re.search(r'hx-get="(/rewards/\?[^"]+cursor[^"]+)"', html):
        html = client.get(unescape(more.group(1)), headers={"HX-Request": "true"}).content.decode()
        seen += names(html)
    assert len(seen) == len(set(seen)) == 50


def test_a_stranger_sees_the_rewards_but_no_button(shop: Shop, client: Client) -> None:
    html = client.get("/rewards/").content.decode()
    assert names(html)
    assert "/redeem/" not in html
    assert "Sign in to redeem" in client.get("/rewards/loaf/").content.decode()


def test_how_it_works_is_the_programme_itself(shop: Shop, client: Client) -> None:
    text = text_of(client.get("/how-it-works/"))
    for sentence in (
        "1 point for every $1.00 you spend.",
        "Double points on bread.",
        "Points lapse after 12 months.",
    ):
        assert sentence in text
    assert "Silver 500 points within 12 months" in text


def test_about_the_data_is_for_demonstrations(shop: Shop, client: Client, settings: Any) -> None:
    assert client.get("/about-the-data/").status_code == 404
    settings.DEMO_MODE = True
    assert "The Complete Journey" in client.get("/about-the-data/").content.decode()


def test_before_a_programme_is_published_the_shop_says_so(db: None, client: Client) -> None:
    for address in ("/", "/rewards/", "/how-it-works/"):
        response = client.get(address)
        assert response.status_code == 200
        assert "We are not open yet" in response.content.decode()


def test_an_erased_member_is_a_stranger_again(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.ben)
    members.erase_member(actor=SYSTEM, now=utc_now(), member_id=shop.ben, reason="asked for")
    assert "Hello" not in client.get("/").content.decode()
    assert client.get("/history/").status_code == 302


@pytest.mark.parametrize("days", [0, 1])
def test_days_are_those_of_the_members_zone(shop: Shop, sign_in_as: SignIn, days: int) -> None:
    """Half past midnight UTC is the evening before in New York."""
    midnight = shop.now.replace(hour=0, minute=30, second=0, microsecond=0) - timedelta(days=20 + days)
    ledger.adjust_points(
        actor=SYSTEM, now=midnight, member_id=shop.ben, amount=5, reason="Zone", key=f"zone-{days}"
    )
    evening = midnight - timedelta(days=1)
    assert f"{evening:%B} {evening.day}" in text_of(sign_in_as(shop.ben).get("/history/"))


def test_errors_look_like_the_shop_and_say_what_to_do(shop: Shop, client: Client) -> None:
    response = client.get("/nothing/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()
    assert client.get("/rewards/nothing/").status_code == 404
    assert client.get("/pictures/nothing").status_code == 404


def test_the_page_for_our_own_faults_needs_no_database(
    db: None, rf: RequestFactory, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        response = errors.failed(rf.get("/"))
    assert response.status_code == 500
    assert "your points are safe" in response.content.decode()


def test_an_uploaded_picture_is_served_for_ever(
    shop: Shop, client: Client, settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path
    content = base64.b64decode(PIXEL)
    picture = catalogue.save_picture(actor=SYSTEM, now=shop.now, content=content, alt="A pixel")
    reward = catalogue.RewardInput("pixel", "Pixel", catalogue.RewardKind.GOODS, 10, picture=picture)
    catalogue.save_reward(actor=SYSTEM, now=shop.now, reward=reward)
    html = client.get("/rewards/pixel/").content.decode()
    found = re.search(r'<img src="([^"]+)" alt="A pixel"', html)
    assert found
    response = client.get(found.group(1))
    assert response.content[:3] == b"\xff\xd8\xff"
    assert f"/pictures/{picture.name} 1w" in html
    assert client.get(f"/pictures/{picture.name}").content[8:12] == b"WEBP"
    assert "immutable" in response["Cache-Control"]


PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
