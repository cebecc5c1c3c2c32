"""Products picked for a member: the same with scripts and without, and in the member's own hands."""

import re
from collections.abc import Callable, Sequence
from datetime import timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from regulars.activity.facade import LineInput, OrderInput
from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import ProductInput
from regulars.kit.actor import SYSTEM, Actor, ActorKind
from regulars.kit.clock import utc_now
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.members import facade as members
from regulars.recommend import facade as recommend
from regulars.recommend.models import Popular, Shown
from regulars.recommend.queries.tastes import read_recommendations
from tests.recommend.shop import popularise
from tests.store.shop import Shop, buy
from tests.store.test_history import text_of

SignIn = Callable[[MemberId], Client]
HTMX = {"HX-Request": "true"}
NASTY = '<script>alert("1")</script> & 100% %(name)s'


def names(html: str) -> list[str]:
    return [unescape(name) for name in re.findall(r"<article>\s*<h3>(?:<a[^>]*>)?([^<]*)<", html)]


def titles(html: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'<h2 id="shelf-\w+">([^<]*)</h2>', html)]


def fill_shop(shop: Shop, skus: Sequence[str], *, name: str = "") -> None:
    batch = [ProductInput(sku, name or f"Product {sku}", "Meadow", ("pantry", "tea"), 250) for sku in skus]
    catalogue.save_products(actor=SYSTEM, now=shop.now, batch=batch)


def buy_twice(shop: Shop, member_id: MemberId, skus: Sequence[str]) -> None:
    """Two baskets with all of them, long enough ago to be offered again."""
    orders = [
        OrderInput(
            f"T-{member_id}-{days}",
            member_id,
            shop.now - timedelta(days=days),
            "USD",
            tuple(LineInput(line, sku, 1, 250) for line, sku in enumerate(skus, 1)),
            store="367",
            channel="shop",
        )
        for days in (40, 20)
    ]
    buy(member_id, orders)


def act(member_id: MemberId) -> dict[str, Any]:
    return {"actor": Actor(ActorKind.MEMBER, str(member_id)), "member_id": member_id, "now": utc_now()}


def test_what_was_bought_is_offered_again_and_says_why(shop: Shop, sign_in_as: SignIn) -> None:
    html = sign_in_as(shop.anna).get("/for-you/").content.decode()
    assert titles(html)[0] == "Buy again"
    assert {"Coffee beans, 1 lb", "Apples, 3 lb"} <= set(names(html))
    assert re.search(r"You bought it \d+ times, last on \w+ \d+", html)
    assert "$14.50" in html


def test_a_part_is_what_the_whole_page_shows(shop: Shop, sign_in_as: SignIn) -> None:
    for member_id in (shop.anna, shop.ben):
        client = sign_in_as(member_id)
        for address in ("/for-you/", "/for-you/?first=2", "/for-you/?first=nonsense"):
            part = strip_tokens(client.get(address, headers=HTMX).content.decode())
            whole = strip_tokens(client.get(address).content.decode())
            assert "<html" not in part
            assert part.strip() in whole


def strip_tokens(html: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", html)


def test_home_asks_for_the_shelves_and_has_a_link_to_them(shop: Shop, sign_in_as: SignIn) -> None:
    html = sign_in_as(shop.anna).get("/").content.decode()
    assert 'hx-get="/for-you/?first=2"' in html
    assert '<a href="/for-you/">' in html
    assert html.index("Yours to have now") < html.index("/for-you/?first=2") < html.index("Lately")
    assert names(html) == []


def test_shelves_cost_the_same_for_few_and_for_many(shop: Shop, sign_in_as: SignIn) -> None:
    """As many products as serving looks at in one go; past that there is one look more, however many."""
    fill_shop(shop, [f"TEA-{n:02}" for n in range(20)])
    few, many = sign_in_as(shop.ben), sign_in_as(shop.anna)
    buy_twice(shop, shop.ben, ["TEA-00", "TEA-01", "TEA-02", "TEA-03"])
    buy_twice(shop, shop.anna, [f"TEA-{n:02}" for n in range(20)])
    for member_id, skus in ((shop.ben, ["TEA-00"]), (shop.anna, [f"TEA-{n:02}" for n in range(5)])):
        for sku in skus:
            recommend.dismiss_product(sku=sku, **act(member_id))
    for address, most in (("/for-you/", 28), ("/for-you/?first=2", 20), ("/profile/recommendations/", 18)):
        counted = [count(client, address) for client in (few, many)]
        assert counted[0] == counted[1] <= most, (address, counted)


def count(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_not_for_me_and_back_without_scripts(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    done = client.post("/for-you/products/", {"sku": "COFFEE", "wish": "hide"}, follow=True)
    assert done.redirect_chain == [("/for-you/", 302)]
    assert "“Coffee beans, 1 lb” is not shown to you any more." in text_of(done)
    assert "Coffee beans, 1 lb" not in names(done.content.decode())
    here = "/profile/recommendations/"
    assert "Put back: Coffee beans, 1 lb" in client.get(here).content.decode()
    back = client.post("/for-you/products/", {"sku": "COFFEE", "wish": "show", "next": here}, follow=True)
    assert back.redirect_chain == [(here, 302)]
    assert "Coffee beans, 1 lb" in names(client.get("/for-you/").content.decode())


def test_not_for_me_and_back_in_place(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    covered = client.post(
        "/for-you/products/", {"sku": "COFFEE", "wish": "hide"}, headers=HTMX
    ).content.decode()
    assert covered.lstrip().startswith("<form")
    assert "autofocus" in covered
    assert 'name="wish" value="show"' in covered
    assert [one.sku for one in recommend.list_dismissals(shop.anna)] == ["COFFEE"]
    open_again = client.post(
        "/for-you/products/", {"sku": "COFFEE", "wish": "show"}, headers=HTMX
    ).content.decode()
    assert 'aria-label="Not for me: Coffee beans, 1 lb"' in open_again
    assert recommend.list_dismissals(shop.anna) == ()


@pytest.mark.parametrize(
    "form", [{"sku": "NOTHING", "wish": "hide"}, {"wish": "hide"}, {"sku": "COFFEE", "wish": "x"}]
)
def test_what_is_no_product_or_no_wish_changes_nothing(
    shop: Shop, sign_in_as: SignIn, form: dict[str, str]
) -> None:
    answer = sign_in_as(shop.anna).post("/for-you/products/", form)
    assert answer.status_code == (302 if form.get("wish") == "x" else 404)
    assert recommend.list_dismissals(shop.anna) == ()


def test_a_reward_that_was_waved_off_is_put_back(shop: Shop, sign_in_as: SignIn) -> None:
    client, here = sign_in_as(shop.anna), "/profile/recommendations/"
    shown = recommend.suggest_rewards(member_id=shop.anna, now=utc_now(), placement=recommend.Placement.HOME)
    first = shown[0]
    recommend.note_feedback(
        actor=SYSTEM,
        member_id=shop.anna,
        shown_id=first.shown_id or 0,
        skus=[first.code],
        kind=recommend.FeedbackKind.DISMISSED,
        now=utc_now(),
    )
    assert f"Put back: {first.view.name}" in unescape(client.get(here).content.decode())
    client.post("/for-you/products/", {"sku": "nothing", "wish": "suggest", "next": here})
    assert [one.sku for one in recommend.list_dismissals(shop.anna)] == [first.code]
    back = {"sku": first.code, "wish": "suggest", "next": here}
    assert "may be shown to you again" in text_of(client.post("/for-you/products/", back, follow=True))
    assert recommend.list_dismissals(shop.anna) == ()


def test_a_purchase_is_taken_out_and_put_back(shop: Shop, sign_in_as: SignIn) -> None:
    client, here = sign_in_as(shop.anna), "/profile/recommendations/"
    client.post("/for-you/products/", {"sku": "MILK", "wish": "forget", "next": here})
    assert [(one.sku, one.kind.value) for one in recommend.list_dismissals(shop.anna)] == [("MILK", "learn")]
    assert "Whole milk, one gallon" not in names(client.get("/for-you/").content.decode())
    assert "Put back: Whole milk, one gallon" in client.get(here).content.decode()
    client.post("/for-you/products/", {"sku": "MILK", "wish": "learn", "next": here})
    assert recommend.list_dismissals(shop.anna) == ()


def test_personal_off_shows_what_is_popular_and_says_so(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.anna)
    done = client.post("/profile/recommendations/", {"personal": "no"}, follow=True)
    assert "Personal recommendations are off" in text_of(done)
    page = client.get("/for-you/")
    assert "Personal recommendations are off, so you see what is popular. Switch them on" in text_of(page)
    assert "Buy again" not in titles(page.content.decode())
    assert names(page.content.decode())
    assert "What do you like?" not in page.content.decode()
    client.post("/profile/recommendations/", {"personal": "yes"})
    assert titles(client.get("/for-you/").content.decode())[0] == "Buy again"


def test_a_newcomer_is_asked_what_they_like_until_they_say(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.ben)
    html = client.get("/for-you/?first=2", headers=HTMX).content.decode()
    assert "What do you like?" in html
    assert 'name="interest" value="dairy"' in html
    assert len(titles(html)) == 1
    told = client.post("/for-you/interests/", {"interest": ["dairy", "bread"], "next": "/"})
    assert (told.status_code, told["Location"]) == (302, "/")
    assert members.split_interests(members.get_member(shop.ben).attributes) == ("dairy", "bread")
    assert "What do you like?" not in client.get("/for-you/").content.decode()
    profile = client.get("/profile/").content.decode()
    assert 'name="interest" value="dairy" checked' in profile
    assert 'name="interest" value="produce">' in profile


def test_who_would_rather_not_say_is_asked_no_more(shop: Shop, sign_in_as: SignIn) -> None:
    client = sign_in_as(shop.ben)
    client.post("/for-you/interests/", {"interest": "dairy", "wish": "later", "next": "https://example.org/"})
    html = client.get("/for-you/").content.decode()
    assert "What do you like?" not in html
    assert "Nothing has been learnt from purchases yet" in html
    assert "What do you like?" not in sign_in_as(shop.ben).get("/for-you/").content.decode(), "elsewhere"
    # It is a word on the question, not on a product; their copy has it, and it goes with them.
    assert recommend.list_dismissals(shop.ben) == ()
    kinds = [row["kind"] for row in read_recommendations(shop.ben)]
    assert kinds.count("dismissal.question") == 1
    assert members.split_interests(members.get_member(shop.ben).attributes) == ()


def test_a_shop_without_products_says_so(shop: Shop, sign_in_as: SignIn) -> None:
    everything = [ProductInput(sku, sku, active=False) for sku in ("LOAF", "MILK", "COFFEE", "APPLES")]
    catalogue.save_products(actor=SYSTEM, now=shop.now, batch=everything)
    client = sign_in_as(shop.ben)
    assert "Nothing to show yet" in text_of(client.get("/for-you/"))
    assert "Nothing has been learnt of you yet" in text_of(client.get("/profile/recommendations/"))


def test_names_of_products_are_text(shop: Shop, sign_in_as: SignIn) -> None:
    fill_shop(shop, ["NASTY"], name=NASTY)
    client = sign_in_as(shop.ben)
    html = client.get("/for-you/").content.decode()
    assert NASTY in names(html)
    for wish in ("hide", "show"):
        part = client.post(
            "/for-you/products/", {"sku": "NASTY", "wish": wish}, headers=HTMX
        ).content.decode()
        assert "<script>alert" not in part + html
    done = client.post("/for-you/products/", {"sku": "NASTY", "wish": "hide"}, follow=True)
    assert f"“{NASTY}” is not shown" in unescape(done.content.decode())
    assert "<script>alert" not in done.content.decode()


@pytest.mark.parametrize("address", ["/for-you/", "/profile/recommendations/"])
def test_strangers_are_asked_to_sign_in(shop: Shop, client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/sign-in/?next=")
    for form in ("/for-you/products/", "/for-you/interests/"):
        assert client.get(form).status_code == 405
        assert client.post(form, {"sku": "COFFEE", "wish": "hide"})["Location"].startswith("/sign-in/")


def test_strangers_see_what_is_popular_and_nothing_is_written_down(shop: Shop, client: Client) -> None:
    assert titles(client.get("/").content.decode()) == [], "nothing was counted yet"
    popularise("shop", "LOAF", "MILK", "COFFEE", "APPLES")
    with CaptureQueriesContext(connection) as few:
        html = client.get("/").content.decode()
    assert titles(html) == ["Popular in the shop"]
    assert len(names(html)) == 4
    assert "/for-you/products/" not in html
    skus = [f"S{number}" for number in range(30)]
    fill_shop(shop, skus)
    Popular.objects.filter(scope="shop").delete()
    popularise("shop", *skus)
    with CaptureQueriesContext(connection) as many:
        assert len(names(client.get("/").content.decode())) == 12
    assert len(many) <= len(few), "where four are too few the newest are asked for, too"
    assert not Shown.objects.exists()


def test_what_was_shown_is_written_down(shop: Shop, sign_in_as: SignIn) -> None:
    sign_in_as(shop.anna).get("/for-you/")
    shown = recommend.list_shown(shop.anna).items
    assert {one.placement for one in shown} == {recommend.Placement.HOME}
    sign_in_as(shop.anna).get("/for-you/?first=1", headers=HTMX)
    assert len(recommend.list_shown(shop.anna).items) == len(shown) + 1, "what is not shown is not logged"


def test_a_product_leads_to_the_shop_where_it_has_a_page_there(shop: Shop, sign_in_as: SignIn) -> None:
    address = "https://shop.example/beans?a=1&b=2"
    beans = ProductInput("COFFEE", "Coffee beans, 1 lb", "Harbour", ("pantry", "coffee"), 1450, url=address)
    catalogue.save_products(actor=SYSTEM, now=shop.now, batch=[beans])
    html = sign_in_as(shop.anna).get("/for-you/").content.decode()
    assert [unescape(one) for one in re.findall(r'<h3><a href="([^"]*)"', html)] == [address]


def test_a_reward_leads_to_others_like_it(shop: Shop, sign_in_as: SignIn, client: Client) -> None:
    for code, price, stock in (("tea", 140, None), ("juice", 170, None), ("cocoa", 160, 0)):
        reward = catalogue.RewardInput(
            code, f"A {code}", catalogue.RewardKind.GOODS, price, category="Drinks", stock=stock
        )
        catalogue.save_reward(actor=SYSTEM, now=shop.now, reward=reward)
    for who in (sign_in_as(shop.anna), client):
        html = who.get("/rewards/tea/").content.decode()
        related = re.findall(r'class="reward-link" href="/rewards/([\w-]+)/"', html)
        assert related[0] == "juice"
        assert not {"tea", "cocoa"} & set(related)


def test_rewards_are_picked_with_what_speaks_for_them(shop: Shop, sign_in_as: SignIn) -> None:
    html = sign_in_as(shop.anna).get("/for-you/").content.decode()
    assert html.index("Rewards for you") < html.index("shelf-again")
    (expires_at, points), *_rest = ledger.list_expiring(shop.anna, utc_now(), 60)
    last = timezone.localtime(expires_at - timedelta(microseconds=1), ZoneInfo("America/New_York"))
    assert f"It uses {points} points that lapse at the end of {last:%B} {last.day}" in html
    assert "Still missing" not in html, "the tile says it already"
