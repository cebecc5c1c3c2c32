"""What a basket did not earn, told rule by rule and line by line."""

from dataclasses import replace

from regulars.rules.evaluation import list_left_out
from regulars.rules.facade import explain
from regulars.rules.types import Basket, BasketLine, LineKind, MemberState
from tests.rules.documents import FRIDAY, REGULAR, TIERS, programme

RULES = """
[excluded]
categories = ["tobacco"]
skus = ["9"]
[[earn]]
id = "first"
type = "bonus"
points = 5
first_purchase = true
[[earn]]
id = "weekend"
type = "multiplier"
factor = 2
window = { weekdays = ["saturday"] }
[[earn]]
id = "gold_days"
type = "bonus"
points = 5
audience = { tiers = ["gold"] }
[[earn]]
id = "staff"
type = "bonus"
points = 5
audience = { segments = ["staff"] }
[[earn]]
id = "bread"
type = "bonus"
points = 5
match = { categories = ["bread"] }
[[earn]]
id = "six_eggs"
type = "bonus"
points = 5
match = { skus = ["1"], quantity_min = 6 }
[[earn]]
id = "resting"
type = "bonus"
points = 5
enabled = false
"""
LINES = (
    BasketLine(1, "1", 2, 500),
    BasketLine(2, "9", 1, 500),
    BasketLine(3, "5", 1, 500, categories=("tobacco",)),
    BasketLine(4, "shipping", 1, 500, kind=LineKind.SHIPPING),
)


def told(state: MemberState) -> list[str]:
    found = list_left_out(programme(RULES + TIERS.format(metric="points")), state, Basket(FRIDAY, LINES))
    return [explain(reason) for reason in found]


def test_every_line_and_rule_that_gave_nothing_says_why() -> None:
    assert told(REGULAR) == [
        "line 2 earns nothing: the product 9 is excluded",
        "line 3 earns nothing: the category tobacco is excluded",
        "line 4 earns nothing: shipping never does",
        "“First” is for a first purchase",
        "“Weekend” does not hold at this moment",
        "“Gold days” is for Gold",
        "“Staff” is for chosen members: staff",
        "“Bread” is about other products",
        "“Six eggs” begins at 6 items; 2 are here",
        "“Resting” is put to rest",
    ]


def test_what_holds_is_not_told() -> None:
    state = replace(REGULAR, tier="gold", segments=frozenset({"staff"}), orders_before=0)
    assert not [line for line in told(state) if "Gold days" in line or "Staff" in line or "First" in line]
