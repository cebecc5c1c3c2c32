"""What the demonstration is made of: the data as they are, readable names, a sound programme and rewards."""

from datetime import UTC, datetime
from importlib import resources
from itertools import islice

import pytest

from regulars.catalogue.policies import check_reward, find_product_fault
from regulars.demo import people
from regulars.demo.dataset import BRANDS, WHOLE, Dataset, Part
from regulars.demo.naming import CATEGORIES
from regulars.demo.redeeming import POPULARITY, WITH_MONEY
from regulars.demo.rewards import CODES_EACH, POOLS, list_rewards, make_codes
from regulars.demo.wording import name_categories, name_product, tidy
from regulars.design.pictures import TINTS
from regulars.rules import facade as rules

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.slow  # reads the whole data set: a million and a half rows
def test_the_data_set_is_what_it_is_said_to_be() -> None:
    baskets = lines = cents = 0
    households: set[int] = set()
    last = None
    for week in Dataset().read_weeks():
        assert week.baskets
        for basket in week.baskets:
            assert last is None or basket.bought_at >= last
            last = basket.bought_at
            baskets += 1
            lines += len(basket.lines)
            cents += sum(line.amount for line in basket.lines)
            households.add(basket.household)
    assert (week.number, baskets, lines, cents, len(households)) == (
        52,
        155_848,
        1_469_307,
        459_603_958,
        2_469,
    )


@pytest.mark.slow  # names ninety thousand products
def test_every_product_has_a_name_that_the_catalogue_takes() -> None:
    products = [product for batch in Dataset().read_products() for product in batch]
    assert len(products) == 92_331
    assert [product.sku for product in products if find_product_fault(product)] == []
    assert {product.brand for product in products} == {"Maple Street", ""}
    by_sku = {product.sku: product for product in products}
    milk = by_sku["1029743"]
    assert (milk.name, milk.price) == ("Milk, 1 gal", 269)
    # Of what nobody bought that year, and of fuel, which is counted by hundredths, no price is known.
    assert sum(product.price is None for product in products) == 24_166


def test_two_parts_are_the_whole() -> None:
    weeks = [list(islice(Dataset().read_weeks(part), 3)) for part in (WHOLE, Part(0, 2), Part(1, 2))]
    for whole, *parts in zip(*weeks, strict=True):
        dealt = [basket for part in parts for basket in part.baskets]
        assert sorted(dealt, key=lambda basket: basket.id) == sorted(whole.baskets, key=lambda b: b.id)
        assert all(basket.household % 2 == 0 for basket in parts[0].baskets)


def test_names_are_written_out() -> None:
    assert tidy("FRZN VEGETABLE/VEG DSH") == "Frozen Vegetable/Vegetable Dishes"
    assert tidy("DAIRY CASE FRUIT DRINKS (NO JU") == "Dairy Case Fruit Drinks"
    assert name_product("SHREDDED CHEESE", "AB    8 OZ", 1) == "Shredded Cheese, 8 oz"
    assert name_product("TUNA", "5.0 OZ", 1) == "Tuna, 5 oz"
    assert name_product("WATER", "6/.5 L", 1) == "Water, 6/0.5 L"
    assert name_product("SUGAR", "(600) 4 LB", 1) == "Sugar, 4 lb"
    assert name_product("FLUID MILK WHITE ONLY", "1 GA", 1) == "Milk, 1 gal"
    assert (
        name_product("PREMIUM", "56 OZ", 1, category="ICE CREAM/MILK/SHERBTS") == "Premium Ice Cream, 56 oz"
    )
    assert name_product(None, None, 17) == "Item 17"
    assert name_categories("GROCERY", "BAKED BREAD/BUNS/ROLLS", None) == (
        "Grocery",
        "Bread",
        "Sliced Bread & Buns",
    )
    assert name_categories("MISCELLANEOUS", "COUPON/MISC ITEMS", "GASOLINE-REG UNLEADED") == (
        "Fuel",
        "Gasoline",
    )
    assert name_categories(None, None, None) == ("Various",)


def test_what_is_sold_loose_is_not_called_by_its_crate() -> None:
    for kind, size, name in (
        ("BANANAS", "40 LB", "Bananas"),
        ("HEAD LETTUCE", "24 CT", "Head Lettuce"),
        ("PEPPERS GREEN BELL", "48-54 CT", "Green Bell Peppers"),
        ("POTATOES RUSSET (BULK&BAG)", "5 LB", "Russet Potatoes, 5 lb"),
        ("TOMATOES GRAPE", "PT", "Grape Tomatoes, 1 pt"),
    ):
        assert name_product(kind, size, 1, department="PRODUCE") == name
    assert name_product("DOG FOOD", "40 LB", 1, department="GROCERY") == "Dog Food, 40 lb"


def test_no_two_categories_become_one() -> None:
    assert len(set(CATEGORIES.values())) == len(CATEGORIES)
    assert CATEGORIES.keys().isdisjoint(CATEGORIES.values())


def test_the_programme_is_sound_and_speaks_of_categories_that_exist() -> None:
    text = resources.files("regulars.demo").joinpath("programme.toml").read_text("utf-8")
    assert rules.check_programme(text) == []
    programme = rules.parse_programme(text)
    products = (product for batch in Dataset().read_products() for product in batch)
    known = {name for product in products for name in product.categories}
    named = set(programme.excluded.categories)
    for rule in programme.rules:
        named |= rule.match.categories | rule.match.not_categories
    assert named <= known
    brands = {brand for rule in programme.rules for brand in rule.match.brands}
    assert brands <= set(BRANDS.values())


def test_fuel_gift_cards_and_tobacco_earn_nothing() -> None:
    text = resources.files("regulars.demo").joinpath("programme.toml").read_text("utf-8")
    programme = rules.parse_programme(text)
    lines = (
        rules.BasketLine(1, "1", 8963, 2500, categories=("Fuel", "Gasoline")),
        rules.BasketLine(2, "2", 1, 5000, kind=rules.LineKind.GIFT_CARD),
        rules.BasketLine(3, "3", 1, 900, categories=("Health & Home", "Tobacco", "Cigarettes")),
        rules.BasketLine(4, "4", 0, 0, categories=("Grocery",)),
        rules.BasketLine(5, "5", 1, 300, categories=("Produce",)),
    )
    monday = datetime(2026, 11, 23, 20, tzinfo=UTC)
    state = rules.MemberState(orders_before=3)
    found = rules.evaluate_basket(programme, state, rules.Basket(monday, lines))
    assert found.points_of("points") == 6


def test_rewards_make_sense_and_have_their_codes_and_pictures() -> None:
    rewards = list(list_rewards(NOW))
    assert len({reward.code for reward in rewards}) == len(rewards) == 26
    pools = {pool.code for pool in POOLS}
    for reward in rewards:
        check_reward(reward)
        assert reward.code_pool is None or reward.code_pool in pools
        assert reward.picture is not None
        assert reward.picture.name in TINTS
    prices = {reward.code: reward.price_points for reward in rewards}
    assert {code: price for code, (price, _) in POPULARITY.items()}.items() <= prices.items()
    assert {reward.code for reward in rewards if reward.price_money} == WITH_MONEY
    for pool in POOLS:
        assert len(set(make_codes(pool))) == CODES_EACH


def test_a_household_is_the_same_member_every_time() -> None:
    one, again = (people.make_member(7, {"age": "45-54"}, NOW) for _ in range(2))
    assert one == again
    assert one.attributes["simulated"] == people.SIMULATED
    assert one.email == "household-7@example.com"
    assert one.birthday is not None
    assert 45 <= NOW.year - one.birthday.year <= 54
