"""What members read is what is done: explanations and the guide to earning."""

import pytest
from django.utils import translation

from regulars.rules.document import parse_programme
from regulars.rules.queries import read_example
from regulars.rules.sentences import describe_rules, explain
from regulars.rules.types import Explanation
from tests.rules.documents import only, programme

AMOUNT = {"points": "1", "per": 100, "amount": 1850, "currency": "EUR"}
CAP = {"cap": {"points": 500, "scope": "member", "period": "day"}, "uncapped": 700}


@pytest.mark.parametrize(
    ("code", "params", "phrase"),
    [
        ("per_amount", AMOUNT, "1 for every €1.00 of €18.50"),
        (
            "per_amount",
            AMOUNT | {"points": "1.5", "on": ["bread", "milk"]},
            "1.5 for every €1.00 of €18.50 of bread, milk",
        ),
        ("per_amount", AMOUNT | {"chosen": True}, "1 for every €1.00 of €18.50 of chosen products"),
        ("per_amount", AMOUNT | {"currency": "JPY", "amount": 185000}, "1 for every ¥100 of ¥185,000"),
        ("per_amount", AMOUNT | CAP, "1 for every €1.00 of €18.50, capped at 500 a day"),
        ("per_quantity", {"points": "5", "per": 1, "quantity": 1}, "5 for 1 item"),
        ("per_quantity", {"points": "5", "per": 1, "quantity": 3}, "5 for each of 3 items"),
        (
            "per_quantity",
            {"points": "5", "per": 2, "quantity": 3, "on": ["eggs"]},
            "5 for every 2 of 3 items of eggs",
        ),
        ("multiplier", {"factor": "2", "on": ["bread"]}, "double on bread"),
        ("multiplier", {"factor": "3", "on": ["a"], "more": 2}, "triple on a and 2 more"),
        ("multiplier", {"factor": "1.5"}, "1.5× on everything"),
        ("multiplier", {"factor": "2", "chosen": True}, "double on chosen products"),
        ("tier", {"tier": "gold", "name": "Gold", "factor": "1.5"}, "1.5× as Gold"),
        ("bonus", {"points": "1000", "name": "Welcome"}, "1,000 for “Welcome”"),
        ("event", {"points": "5", "name": "Review"}, "5 for “Review”"),
        ("qualifying_spend", {"amount": 1850, "currency": "EUR"}, "€18.50 spent"),
        ("qualifying_visit", {}, "one visit"),
        ("of_a_later_version", {}, "of_a_later_version"),
    ],
)
def test_explanations(code: str, params: dict[str, object], phrase: str) -> None:
    assert explain(Explanation(code, params)) == phrase


def test_numbers_are_written_as_the_reader_writes_them() -> None:
    with translation.override("ru"):
        assert "18,50" in explain(Explanation("per_amount", AMOUNT))


def test_the_guide_tells_each_rule_with_what_it_asks_for() -> None:
    found = programme(
        """
[[earn]]
id = "double"
type = "multiplier"
factor = 2
match = { categories = ["bread"], quantity_min = 2 }
window = { weekdays = ["sat", "sun"], time_from = "17:00", time_to = "20:00" }

[[earn]]
id = "eggs"
type = "per_quantity"
points = 5
per = 6
match = { skus = ["1"] }

[[earn]]
id = "first"
name = "First purchase"
type = "bonus"
points = 1
first_purchase = true
basket_min = 20
audience = { tiers = ["gold"], segments = ["x"] }
window = { active_from = 2026-03-01, active_to = 2026-04-01 }
when = "basket.store == '1'"

[[earn]]
id = "mill"
type = "bonus"
points = 10
match = { brands = ["Mill"] }
window = { active_to = 2026-04-01T12:00:00 }

[[earn]]
id = "review"
type = "event"
event = "review"
points = 20
pending = { days = 1 }
expiry = { kind = "inactivity", months = 6 }
caps = [
  { scope = "member", period = "month", points = 100 },
  { scope = "programme", period = "ever", points = 9 },
]

[[earn]]
id = "tasting"
name = "Tasting"
type = "event"
event = "tasting"
points = 2
pending = { awaits = "checked_in" }

[[earn]]
id = "gone"
type = "event"
event = "visit"
points = 2
enabled = false

[pending]
days = 14

[expiry]
kind = "end_of_period"
period = "year"

[tiers]
[[tiers.tier]]
code = "gold"
threshold = 1
earn_multiplier = 1.25
""",
        head='points_name = { singular = "star", plural = "stars" }\n',
        base='match = { not_categories = ["fuel"] }\n',
    )
    assert describe_rules(found) == [
        "1 star for every €1.00 you spend on chosen products.",
        "Double stars on bread (from 2 items; on Saturdays, Sundays; from 5 p.m.; to 8 p.m.).",
        "5 stars for every 6 items of chosen products.",
        "1 star for “First purchase” (on your first purchase; from €20.00; for Gold; for chosen members; "
        "from March 1, 2026; until March 31, 2026; on further conditions).",
        "10 stars for “Mill”, with Mill in the basket (until April 1, 2026, noon).",
        "20 stars when you write a review, whatever its stars (at most 100 a month; at most 9 in all "
        "to everyone together; to be spent after 1 day; lapse after 6 months without activity).",
        "2 stars for “Tasting” (to be spent once confirmed (checked in)).",
        "Gold members earn 1.25× stars.",
        "Stars can be spent 14 days after they were earned.",
        "Stars lapse at the end of the year in which they become active.",
    ]


@pytest.mark.parametrize(
    ("tables", "sentences"),
    [
        ("", ["Points can be spent at once.", "Points never lapse."]),
        (
            '[pending]\nawaits = "delivered"\n[expiry]\nkind = "fixed_date"\non = 2026-12-31\n',
            ["Points can be spent once confirmed (delivered).", "Points lapse at the end of Dec. 31, 2026."],
        ),
        (
            '[pending]\ndays = 1\n[expiry]\nkind = "end_of_period"\nperiod = "month"\n',
            [
                "Points can be spent 1 day after they were earned.",
                "Points lapse at the end of the month in which they become active.",
            ],
        ),
        (
            '[expiry]\nkind = "end_of_period"\nperiod = "quarter"\n',
            [
                "Points can be spent at once.",
                "Points lapse at the end of the quarter in which they become active.",
            ],
        ),
        (
            '[expiry]\nkind = "after_months"\nmonths = 1\n',
            ["Points can be spent at once.", "Points lapse after 1 month."],
        ),
    ],
)
def test_the_guide_ends_with_waiting_and_expiry(tables: str, sentences: list[str]) -> None:
    assert describe_rules(programme(tables))[-2:] == sentences


def test_an_override_that_gives_points_at_once_is_told() -> None:
    found = only(
        '[pending]\ndays = 3\n[[earn]]\nid = "b"\ntype = "bonus"\npoints = 2\npending = { days = 0 }\n'
        '[[earn]]\nid = "q"\ntype = "per_quantity"\npoints = 1\n'
    )
    assert describe_rules(found)[:2] == [
        "2 points for “B” (to be spent at once).",
        "1 point for every item of anything.",
    ]


def test_the_example_describes_itself() -> None:
    sentences = describe_rules(parse_programme(read_example()))
    assert sentences[0] == "1 point for every €1.00 you spend."
    assert "1.5× points on everything (on Saturdays, Sundays)." in sentences
    assert "Points lapse after 12 months." in sentences
