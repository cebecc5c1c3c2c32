"""What bounds earning, and what counts towards tiers."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from regulars.rules.evaluation import evaluate_basket, evaluate_happening, list_usage_keys
from regulars.rules.evaluation import plan as plans
from regulars.rules.sentences import explain
from regulars.rules.types import CapPeriod, CapScope, Happening, LineKind, MemberState, UsageKey
from tests.rules.documents import (
    DOUBLE,
    FRIDAY,
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


def cap(scope: str, period: str, points: int) -> str:
    return f'{{ scope = "{scope}", period = "{period}", points = {points} }}'


@pytest.mark.parametrize(
    ("period", "name"),
    [
        ("day", "day:2026-11-20"),
        ("week", "week:2026-W47"),
        ("month", "month:2026-11"),
        ("year", "year:2026"),
        ("ever", "ever"),
    ],
)
def test_caps_count_by_period_and_scope(period: str, name: str) -> None:
    for scope in CapScope:
        found = programme(base=f"caps = [{cap(scope, period, 15)}]\n")
        key = UsageKey("purchases", scope, name)
        assert list_usage_keys(found, FRIDAY) == (key,)
        evaluation = evaluate_basket(
            found, replace(REGULAR, used={key: 5}), basket(line(1, 900), line(2, 900))
        )
        assert by_rule(evaluation) == {"purchases": 10}
        assert evaluation.usage == ((key, 10),)


def test_a_cap_clips_shares_and_extras_in_proportion_and_says_so() -> None:
    found = programme(DOUBLE, base=f"caps = [{cap('member', 'day', 10)}]\n")
    evaluation = evaluate_basket(found, REGULAR, basket(line(1, 1200), line(2, 800, categories=("bread",))))
    assert by_rule(evaluation) == {"purchases": 10, "double": 4}
    first, second = evaluation.postings[0].parts
    assert first.shares == ((1, 6), (2, 4))
    assert second.shares == ((2, 4),)
    assert explain(first.explanation) == "1 for every €1.00 of €20.00, capped at 10 a day"
    assert [explain(note) for note in evaluation.notes] == [
        "“Purchases” gives at most 10 a day: 10 were left out"
    ]


def test_the_tightest_cap_counts_and_all_of_them_are_used() -> None:
    found = bonus(f"caps = [{cap('member', 'month', 100)}, {cap('programme', 'ever', 7)}]")
    evaluation = evaluate_basket(found, REGULAR, basket(line(1, 100)))
    assert by_rule(evaluation) == {"extra": 7}
    assert [points for _key, points in evaluation.usage] == [7, 7]
    assert "to everyone together" in explain(evaluation.notes[0])


def test_a_cap_that_is_used_up_gives_nothing_and_uses_nothing() -> None:
    found = bonus(f"caps = [{cap('member', 'ever', 10)}]")
    used = {UsageKey("extra", CapScope.MEMBER, "ever"): 12}
    evaluation = evaluate_basket(found, replace(REGULAR, used=used), basket(line(1, 100)))
    assert evaluation.postings == ()
    assert evaluation.usage == ()
    assert evaluation.notes[0].params["lost"] == 10


def test_caps_on_happenings() -> None:
    found = only(
        '[[earn]]\nid = "r"\ntype = "event"\nevent = "review"\npoints = 20\n'
        + f"caps = [{cap('member', 'year', 30)}]\n"
    )
    [key] = list_usage_keys(found, FRIDAY)
    assert key.period == "year:2026"
    for used, points in ((0, 20), (10, 20), (15, 15), (30, 0)):
        state = MemberState(used={key: used})
        assert evaluate_happening(found, state, Happening("review", FRIDAY)).points_of("points") == points


def test_periods_are_those_of_the_programmes_calendar() -> None:
    found = bonus("caps = [" + ", ".join(cap("member", str(period), 5) for period in CapPeriod) + "]")
    new_year_in_berlin = datetime(2026, 12, 31, 23, 30, tzinfo=UTC)
    periods = [key.period for key in list_usage_keys(found, new_year_in_berlin)]
    assert periods == ["day:2027-01-01", "week:2026-W53", "month:2027-01", "year:2027", "ever"]


# --- qualifying


def test_purchases_qualify_and_bonuses_and_extras_do_not_unless_the_programme_says_so() -> None:
    rules = DOUBLE + '[[earn]]\nid = "extra"\ntype = "bonus"\npoints = 100\n'
    gold = replace(REGULAR, tier="gold")
    bought = basket(line(1, 1000, categories=("bread",)))
    evaluation = evaluate_basket(programme(rules + TIERS.format(metric="points")), gold, bought)
    assert by_rule(evaluation, "qualifying_points") == {"purchases": 10}
    all_of_them = (rules + TIERS.format(metric="points")).replace(
        "points = 100\n", "points = 100\nqualifying = true\n"
    )
    evaluation = evaluate_basket(programme(all_of_them), gold, bought)
    assert by_rule(evaluation, "qualifying_points") == {"purchases": 10, "extra": 100}


def test_spend_and_visits_qualify_as_the_metric_says() -> None:
    bought = basket(line(1, 1000), line(2, 3000), line(3, 500, kind=LineKind.TAX))
    spend = evaluate_basket(programme(TIERS.format(metric="spend")), REGULAR, bought)
    assert spend.points_of("qualifying_spend") == 4000
    assert spend.postings[-1].parts[0].shares == ((1, 1000), (2, 3000))
    visits = evaluate_basket(programme(TIERS.format(metric="visits")), REGULAR, bought)
    assert visits.points_of("qualifying_visits") == 1
    assert visits.postings[-1].parts[0].shares == ((2, 1),)
    assert [p.currency for p in evaluate_basket(programme(), REGULAR, bought).postings] == ["points"]


def test_an_order_of_excluded_things_is_no_visit() -> None:
    found = programme(TIERS.format(metric="visits"))
    assert evaluate_basket(found, REGULAR, basket(line(1, 1000, kind=LineKind.GIFT_CARD))).postings == ()


def test_a_happening_qualifies_only_where_its_rule_says_so() -> None:
    rule = '[[earn]]\nid = "r"\ntype = "event"\nevent = "review"\npoints = 5\nqualifying = {}\n'
    for word, points in (("true", 5), ("false", 0)):
        found = programme(rule.format(word) + TIERS.format(metric="points"))
        evaluation = evaluate_happening(found, NEW, Happening("review", FRIDAY))
        assert evaluation.points_of("qualifying_points") == points


def test_thousands_of_products_do_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plans, "_PRODUCTS_MAX", 10)
    found = programme()
    for number in range(50):
        assert earned(found, line(1, 100, sku=f"s{number}")) == {"purchases": 1}
    assert len(plans.plan_of(found).products) <= 10
