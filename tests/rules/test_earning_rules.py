"""Each kind of earning rule and each thing that it may ask for, by example."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from regulars.rules.document import parse_programme
from regulars.rules.evaluation import evaluate_basket, evaluate_happening
from regulars.rules.sentences import explain, explain_parts
from regulars.rules.types import Happening, LineKind, MemberState
from tests.rules.documents import (
    DOUBLE,
    FRIDAY,
    MINIMAL,
    REGULAR,
    TIERS,
    basket,
    bonus,
    by_rule,
    earned,
    line,
    only,
    programme,
)

NEW = MemberState()


# --- base rules


def test_points_per_amount() -> None:
    assert earned(programme(), line(1, 1850)) == {"purchases": 18}
    assert earned(programme(), line(1, 99)) == {}
    assert earned(programme(base="\n"), line(1, 0)) == {}


def test_points_per_amount_in_other_steps_and_currencies() -> None:
    rule = '[[earn]]\nid = "r"\ntype = "per_amount"\npoints = {points}\nper = {per}\n'
    assert earned(only(rule.format(points=3, per="2.50")), line(1, 1000)) == {"r": 12}
    assert earned(only(rule.format(points="0.5", per="1")), line(1, 1050)) == {"r": 5}


def test_a_currency_without_decimals_counts_in_whole_units() -> None:
    found = parse_programme(MINIMAL.replace("EUR", "JPY").replace("1.00", "100"))
    assert earned(found, line(1, 1850)) == {"purchases": 18}
    dinar = parse_programme(MINIMAL.replace("EUR", "KWD"))
    assert earned(dinar, line(1, 1850)) == {"purchases": 1}


def test_points_per_quantity() -> None:
    found = only('[[earn]]\nid = "r"\ntype = "per_quantity"\npoints = 5\nper = 2\nmatch = { skus = ["a"] }\n')
    assert earned(found, line(1, 100, sku="a", quantity=5), line(2, 100, sku="b", quantity=9)) == {"r": 12}


def test_several_base_rules_add_up() -> None:
    found = programme(
        '[[earn]]\nid = "more"\ntype = "per_amount"\npoints = 2\nmatch = { brands = ["Mill"] }\n'
    )
    assert earned(found, line(1, 1000, brand="Mill"), line(2, 500)) == {"purchases": 15, "more": 20}


@pytest.mark.parametrize(
    ("rounding", "round_at", "points"),
    [
        ("floor", "line", 1 + 2),
        ("half_up", "line", 2 + 3),
        ("ceil", "line", 2 + 3),
        ("floor", "subtotal", 4),
        ("half_up", "subtotal", 4),
        ("ceil", "subtotal", 5),
    ],
)
def test_law_4_fractions_become_whole_where_and_how_the_programme_says(
    rounding: str, round_at: str, points: int
) -> None:
    """Law 4: 1.50 and 2.75 give 4.25 points."""
    found = programme(head=f'rounding = "{rounding}"\nround_at = "{round_at}"\n')
    assert earned(found, line(1, 150), line(2, 275)) == {"purchases": points}


def test_a_rule_may_round_in_its_own_way() -> None:
    found = programme(base='rounding = "ceil"\n')
    assert earned(found, line(1, 101)) == {"purchases": 2}


# --- what is bought


@pytest.mark.parametrize(
    ("match", "points"),
    [
        ('skus = ["a"]', 1),
        ('skus = ["a", "b"]', 3),
        ('brands = ["Mill"]', 3),
        ('categories = ["bread"]', 5),
        ('brands = ["Mill"], categories = ["bread"]', 1),
        ('not_skus = ["a"]', 14),
        ('not_brands = ["Mill"]', 12),
        ('not_categories = ["bread", "milk"]', 8),
        ('categories = ["bread"], not_skus = ["c"]', 1),
        ('categories = ["bread"], quantity_min = 4', 5),
        ('categories = ["bread"], quantity_min = 5', 0),
    ],
)
def test_rules_are_about_products_brands_categories_and_quantities(match: str, points: int) -> None:
    found = only(f'[[earn]]\nid = "r"\ntype = "per_amount"\npoints = 1\nmatch = {{ {match} }}\n')
    lines = [
        line(1, 100, sku="a", brand="Mill", categories=("bread", "fresh"), quantity=3),
        line(2, 200, sku="b", brand="Mill", categories=("milk",)),
        line(3, 400, sku="c", categories=("bread",)),
        line(4, 800, sku="d"),
    ]
    assert sum(earned(found, *lines).values()) == points


def test_tax_shipping_gift_cards_and_fees_are_excluded_unless_the_programme_says_otherwise() -> None:
    lines = [line(n, 100, kind=kind) for n, kind in enumerate(LineKind, start=1)]
    assert earned(programme(), *lines) == {"purchases": 1}
    assert earned(programme('[excluded]\nkinds = ["tax"]\n'), *lines) == {"purchases": 4}


def test_products_brands_and_categories_can_be_excluded() -> None:
    found = programme('[excluded]\nskus = ["a"]\nbrands = ["Mill"]\ncategories = ["fuel"]\n')
    lines = [
        line(1, 100, sku="a"),
        line(2, 100, brand="Mill"),
        line(3, 100, categories=("x", "fuel")),
        line(4, 100, kind=LineKind.TAX),
        line(5, 700),
    ]
    assert earned(found, *lines) == {"purchases": 7}


def test_a_product_whose_category_changed_is_judged_anew() -> None:
    found = only('[[earn]]\nid = "r"\ntype = "per_amount"\npoints = 1\nmatch = { categories = ["bread"] }\n')
    before, after = line(1, 100, sku="a"), line(1, 100, sku="a", categories=("bread",))
    for product, points in ((before, {}), (after, {"r": 1}), (before, {}), (after, {"r": 1})):
        assert earned(found, product) == points


def test_negative_lines_earn_nothing_and_are_noted() -> None:
    evaluation = evaluate_basket(
        programme(), REGULAR, basket(line(1, 1000), line(2, -500), line(3, 10, quantity=-1))
    )
    assert by_rule(evaluation) == {"purchases": 10}
    assert [note.code for note in evaluation.notes] == ["line_negative", "line_negative"]


def test_an_empty_basket_earns_nothing() -> None:
    assert evaluate_basket(programme(), REGULAR, basket()).postings == ()
    assert (
        evaluate_basket(bonus("first_purchase = true"), NEW, basket(line(1, 100, kind=LineKind.FEE))).postings
        == ()
    )


# --- multipliers

HALF = '[[earn]]\nid = "half"\ntype = "multiplier"\nfactor = 1.5\n'


def test_the_example_of_the_history() -> None:
    """37 points: 1 for every €1.00 of €18.50, double on bread. The whole is rounded, not each share of it."""
    evaluation = evaluate_basket(programme(DOUBLE), REGULAR, basket(line(1, 1850, categories=("bread",))))
    [posting] = evaluation.postings
    assert posting.amount == 37
    assert by_rule(evaluation) == {"purchases": 18, "double": 19}
    assert explain_parts(posting.parts) == "1 for every €1.00 of €18.50, double on bread"


def test_multipliers_stack_in_the_order_of_the_document() -> None:
    bread = line(1, 1000, categories=("bread",))
    assert earned(programme(DOUBLE + HALF), bread) == {"purchases": 10, "double": 10, "half": 10}
    assert earned(programme(HALF + DOUBLE), bread) == {"purchases": 10, "half": 5, "double": 15}
    assert earned(programme(DOUBLE + HALF), line(1, 1000)) == {"purchases": 10, "half": 5}


def test_or_the_best_one_wins() -> None:
    found = programme(DOUBLE + HALF, head='stacking = "best"\n')
    assert earned(found, line(1, 1000, categories=("bread",))) == {"purchases": 10, "double": 10}
    assert earned(found, line(1, 1000)) == {"purchases": 10, "half": 5}


def test_multipliers_raise_base_rules_and_not_bonuses() -> None:
    found = programme(HALF + '[[earn]]\nid = "extra"\ntype = "bonus"\npoints = 100\n')
    assert earned(found, line(1, 1000)) == {"purchases": 10, "half": 5, "extra": 100}


def test_a_tier_multiplies_what_its_members_earn() -> None:
    found = programme(DOUBLE + TIERS.format(metric="points"))
    gold, silver, gone = (replace(REGULAR, tier=code) for code in ("gold", "silver", "gone"))
    bread = line(1, 1000, categories=("bread",))
    assert earned(found, bread, state=gold) == {"purchases": 10, "double": 10, "tier:gold": 10}
    assert earned(found, bread, state=silver) == {"purchases": 10, "double": 10}
    assert earned(found, bread, state=gone) == {"purchases": 10, "double": 10}
    best = programme(DOUBLE + TIERS.format(metric="points"), head='stacking = "best"\n')
    assert earned(best, bread, state=gold) == {"purchases": 10, "double": 10}
    assert earned(best, line(1, 1000), state=gold) == {"purchases": 10, "tier:gold": 5}


def test_an_extra_waits_and_lapses_with_the_points_that_it_raises() -> None:
    found = programme(DOUBLE, base='pending = { days = 14 }\nexpiry = { kind = "inactivity", months = 3 }\n')
    [posting] = evaluate_basket(found, REGULAR, basket(line(1, 1000, categories=("bread",)))).postings
    assert [part.rule for part in posting.parts] == ["purchases", "double"]
    assert posting.activates_at is not None
    assert posting.sliding


def test_an_extra_may_have_an_expiry_of_its_own() -> None:
    found = programme(DOUBLE + 'expiry = { kind = "after_months", months = 1 }\n')
    first, second = evaluate_basket(found, REGULAR, basket(line(1, 1000, categories=("bread",)))).postings
    assert (first.rule, first.expires_at) == ("purchases", None)
    assert (second.rule, second.expires_at) == ("double", datetime(2026, 12, 20, 23, tzinfo=UTC))


# --- bonuses and what rules ask for


def test_a_bonus_for_the_first_purchase_is_shared_by_what_was_paid() -> None:
    evaluation = evaluate_basket(
        bonus("first_purchase = true"), NEW, basket(line(1, 100), line(2, 200), line(3, 0))
    )
    [part] = evaluation.postings[0].parts
    assert part.shares == ((1, 3), (2, 7))
    assert earned(bonus("first_purchase = true"), line(1, 100), state=REGULAR) == {}


def test_a_minimum_basket_counts_what_is_not_excluded_and_says_what_is_missing() -> None:
    found = bonus("basket_min = 20.00")
    assert earned(found, line(1, 1999), line(2, 1)) == {"extra": 10}
    evaluation = evaluate_basket(found, REGULAR, basket(line(1, 1999), line(2, 1, kind=LineKind.TAX)))
    assert evaluation.postings == ()
    assert [explain(note) for note in evaluation.notes] == ["“Extra” begins at €20.00; €0.01 are missing"]


def test_audiences_are_tiers_and_segments() -> None:
    tiers = TIERS.format(metric="visits")
    found = only(
        '[[earn]]\nid = "extra"\ntype = "bonus"\npoints = 10\naudience = { tiers = ["gold"] }\n' + tiers
    )
    assert earned(found, line(1, 100), state=MemberState(tier="gold")) == {"extra": 10}
    assert earned(found, line(1, 100), state=MemberState(tier="silver")) == {}
    segments = bonus('audience = { segments = ["students", "staff"] }')
    assert earned(segments, line(1, 100), state=MemberState(segments=frozenset({"staff"}))) == {"extra": 10}
    assert earned(segments, line(1, 100), state=MemberState(segments=frozenset({"x"}))) == {}
    assert earned(segments, line(1, 100)) == {}


def test_a_disabled_rule_gives_nothing() -> None:
    assert earned(bonus("enabled = false"), line(1, 100)) == {}


BERLIN = timedelta(hours=1)


def local(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of November 2026 in Berlin; the 20th is a Friday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC) - BERLIN


@pytest.mark.parametrize(
    ("window", "inside", "outside"),
    [
        ("active_from = 2026-11-20", local(20, 0), local(19, 23, 59)),
        ("active_to = 2026-11-20", local(19, 23, 59), local(20, 0)),
        ("active_from = 2026-11-20T12:00:00", local(20, 12), local(20, 11, 59)),
        ("active_from = 2026-11-20T12:00:00Z", local(20, 13), local(20, 12, 59)),
        ('weekdays = ["fri", "Sunday"]', local(20, 0), local(21, 0)),
        ('time_from = "17:00"', local(20, 17), local(20, 16, 59)),
        ("time_to = 09:00:00", local(20, 8, 59), local(20, 9)),
        ('time_from = "12:00", time_to = "14:00"', local(20, 13, 59), local(20, 14)),
        ('time_from = "22:00", time_to = "02:00"', local(20, 1, 59), local(20, 2)),
        ('weekdays = ["friday"], time_from = "22:00", time_to = "02:00"', local(21, 1), local(20, 1)),
        ('weekdays = ["friday"], time_from = "22:00", time_to = "02:00"', local(20, 22), local(21, 22)),
    ],
)
def test_windows_are_half_open_and_in_the_zone_of_the_programme(
    window: str, inside: datetime, outside: datetime
) -> None:
    found = bonus(f"window = {{ {window} }}")
    assert earned(found, line(1, 100), at=inside) == {"extra": 10}
    assert earned(found, line(1, 100), at=outside) == {}


# --- happenings


def test_happenings_give_fixed_points() -> None:
    found = only(
        '[[earn]]\nid = "welcome"\ntype = "event"\nevent = "sign_up"\npoints = 50\n'
        '[[earn]]\nid = "party"\ntype = "event"\nevent = "tasting"\npoints = 5\n'
        '[[earn]]\nid = "party_too"\ntype = "event"\nevent = "tasting"\npoints = 6\n'
    )
    for kind, points in (
        ("sign_up", {"welcome": 50}),
        ("tasting", {"party": 5, "party_too": 6}),
        ("other", {}),
    ):
        evaluation = evaluate_happening(found, NEW, Happening(kind, FRIDAY))
        assert by_rule(evaluation) == points
        assert all(part.shares == () for posting in evaluation.postings for part in posting.parts)
    assert earned(found, line(1, 100)) == {}


def test_happenings_have_windows_audiences_and_their_own_waiting() -> None:
    found = only(
        '[[earn]]\nid = "r"\ntype = "event"\nevent = "review"\npoints = 5\npending = { days = 2 }\n'
        'audience = { segments = ["a"] }\nwindow = { weekdays = ["friday"] }\n'
    )
    member = MemberState(segments=frozenset({"a"}))
    [posting] = evaluate_happening(found, member, Happening("review", FRIDAY)).postings
    assert posting.activates_at == datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert evaluate_happening(found, NEW, Happening("review", FRIDAY)).postings == ()
    saturday = FRIDAY + timedelta(days=1)
    assert evaluate_happening(found, member, Happening("review", saturday)).postings == ()
