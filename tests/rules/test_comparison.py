"""What a document makes worse: nothing against itself, and no basket earns less without a warning."""

import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.kit.points import Rounding
from regulars.rules.comparison import compare_promises
from regulars.rules.comparison.terms import lapses_sooner
from regulars.rules.document import parse_programme
from regulars.rules.evaluation import evaluate_basket, resolve_expiry
from regulars.rules.facade import describe_worsening, read_example
from regulars.rules.types import (
    Audience,
    Basket,
    Expiry,
    ExpiryKind,
    MemberState,
    Pending,
    Programme,
    RoundAt,
    Stacking,
)
from tests.rules.strategies import (
    FACTORS,
    START,
    baskets,
    make_caps,
    make_match,
    make_window,
    programmes,
    seeds,
    states,
)

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
EXAMPLE = read_example()


def worse(old: str, new: str, *, text: str = EXAMPLE) -> list[tuple[str, str]]:
    assert old in text
    found = compare_promises(parse_programme(text), parse_programme(text.replace(old, new, 1)), as_of=NOW)
    assert all(describe_worsening(each) for each in found)
    back = compare_promises(parse_programme(text.replace(old, new, 1)), parse_programme(text), as_of=NOW)
    # What gets worse one way gets better the other way, but a rule of another id is another rule.
    assert not found or not back or "_2" in new
    return [(each.code, each.subject) for each in found]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("threshold = 1500", "threshold = 2000", [("tier_threshold", "tier:gold")]),
        ("earn_multiplier = 1.5", "earn_multiplier = 1.4", [("tier_multiplier", "tier:gold")]),
        ("early_access_hours = 48", "", [("tier_early_access", "tier:gold")]),
        ('perks = ["Rewards a day before everyone else"]', "", [("tier_perks", "tier:silver")]),
        ("grace_days = 30", "grace_days = 7", [("tier_grace", "")]),
        ("window_months = 12", "window_months = 6", [("tier_window", "")]),
        ("points = 1\nper = 1.00", "points = 1\nper = 2.00", [("rule_rate", "rule:purchases")]),
        ("factor = 1.5", "factor = 1.2", [("rule_factor", "rule:weekend")]),
        ('["saturday", "sunday"]', '["sunday"]', [("rule_window", "rule:weekend")]),
        ("basket_min = 50.00", "basket_min = 60.00", [("rule_basket_min", "rule:big_basket")]),
        ('id = "survey"', 'id = "survey"\nenabled = false', [("rule_gone", "rule:survey")]),
        ('id = "survey"', 'id = "survey_2"', [("rule_gone", "rule:survey")]),
        ("points = 30000", "points = 20000", [("rule_cap", "rule:survey")]),
        ('id = "visit"', 'id = "visit"\naudience = { tiers = ["gold"] }', [("rule_audience", "rule:visit")]),
        ("months = 2 }", "months = 1 }", [("rule_expiry", "rule:birthday")]),
        ("months = 12\n", "months = 6\n", [("expiry", "")]),
        ("days = 0", "days = 14", [("pending", "")]),
        ('"multiply"', '"best"', [("stacking", "")]),
        ("lapsed_grace_days = 14", "lapsed_grace_days = 0", [("lapsed_grace", "")]),
        ('shortfall = "debt"', 'shortfall = "pending_only"', []),
        ("kinds = [", 'categories = ["tobacco"]\nkinds = [', [("excluded", "")]),
        ('name = "Weekend"', 'name = "Sunny days"', []),
        ("points = 100\nfirst", "points = 150\nfirst", []),
        ('id = "weekend"', 'id = "weekend"\nwhen = "basket.total > 5"', [("rule_condition", "rule:weekend")]),
    ],
)  # fmt: skip
def test_each_promise_made_worse_is_named(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert worse(old, new) == expected


def test_a_rule_whose_time_is_over_promises_nothing() -> None:
    over = EXAMPLE.replace('id = "survey"', 'id = "survey"\nwindow = { active_to = 2026-11-01 }')
    assert worse('id = "survey"', 'id = "survey"\nenabled = false', text=over) == []


def test_a_tier_taken_away_and_another_metric() -> None:
    head, _gold, rest = EXAMPLE.rpartition("[[tiers.tier]]")
    assert worse("[[tiers.tier]]" + rest, "", text=EXAMPLE) == [("tier_gone", "tier:gold")]
    assert head
    before = parse_programme(EXAMPLE)
    after = parse_programme(EXAMPLE.replace('metric = "points"', 'metric = "visits"'))
    assert [w.code for w in compare_promises(before, after, as_of=NOW)] == ["tier_metric"]


@settings(deadline=None, max_examples=60)
@given(programmes())
def test_law_a_programme_compared_with_itself_warns_of_nothing(programme: Programme) -> None:
    assert compare_promises(programme, replace(programme), as_of=START) == ()


def tweak(programme: Programme, seed: int) -> Programme:
    """The programme with one thing changed, for better or worse."""
    chance = random.Random(seed)
    if not programme.rules or chance.random() < 0.3:
        change: dict[str, Any] = chance.choice([
            {"rounding": chance.choice(list(Rounding))},
            {"round_at": chance.choice(list(RoundAt))},
            {"stacking": chance.choice(list(Stacking))},
            {"excluded": replace(programme.excluded, skus=frozenset(chance.sample(["s1", "s2", "s3"], 2)))},
            {"rules": (*programme.rules[1:],)},
        ])  # fmt: skip
        return replace(programme, **change)
    place = chance.randrange(len(programme.rules))
    rule = programme.rules[place]
    change = chance.choice([
        {"points": rule.points + chance.choice((-1, 1)) if rule.points > 1 else rule.points},
        {"per": max(rule.per + chance.choice((-1, 1)), 1)},
        {"factor": chance.choice(FACTORS) if rule.factor > 1 else rule.factor},
        {"match": make_match(chance)},
        {"window": make_window(chance)},
        {"audience": Audience(frozenset(chance.sample(["t1", "t2"], chance.choice((0, 1, 2)))))},
        {"first_purchase": not rule.first_purchase},
        {"basket_min": chance.choice((0, 500, 2000))},
        {"caps": make_caps(chance)},
        {"rounding": chance.choice((None, *Rounding)) if rule.rounding else None},
        {"enabled": not rule.enabled},
    ])  # fmt: skip
    changed = replace(rule, **change)
    return replace(programme, rules=(*programme.rules[:place], changed, *programme.rules[place + 1 :]))


@settings(deadline=None, max_examples=100)
@given(programmes(), seeds, states, baskets)
def test_law_no_basket_earns_less_without_a_warning(
    programme: Programme, seed: int, state: MemberState, basket: Basket
) -> None:
    state = replace(state, used={})
    other = tweak(programme, seed)
    if not compare_promises(programme, other, as_of=START):
        before, after = (
            evaluate_basket(each, state, basket).points_of("points") for each in (programme, other)
        )
        assert after >= before


EXPIRIES = st.one_of(
    st.just(Expiry()),
    st.builds(Expiry, st.just(ExpiryKind.AFTER_MONTHS), st.integers(1, 15)),
    st.builds(Expiry, st.just(ExpiryKind.INACTIVITY), st.integers(1, 15)),
    st.builds(
        Expiry, st.just(ExpiryKind.END_OF_PERIOD), period=st.sampled_from(["month", "quarter", "year"])
    ),
    st.builds(Expiry, st.just(ExpiryKind.FIXED_DATE), on=st.dates(date(2027, 1, 1), date(2028, 1, 1))),
)


@settings(deadline=None, max_examples=60)
@given(EXPIRIES, EXPIRIES, st.integers(0, 700))
def test_law_points_lapse_no_sooner_without_a_warning(before: Expiry, after: Expiry, days: int) -> None:
    """Of one who does nothing: the date after is never earlier than the date before."""
    if lapses_sooner(before, after):
        return
    base = parse_programme(EXAMPLE)
    at = START + timedelta(days=days)
    dates = [
        resolve_expiry(replace(base, expiry=each, pending=Pending()), "purchases", at)
        for each in (before, after)
    ]
    assert dates[1] is None or (dates[0] is not None and dates[1] >= dates[0])


def test_a_lower_rate_says_by_how_much() -> None:
    before = parse_programme(EXAMPLE)
    after = replace(before, rules=(replace(before.rules[0], points=Fraction(3, 4)), *before.rules[1:]))
    (warning,) = compare_promises(before, after, as_of=NOW)
    assert describe_worsening(warning) == "“Every purchase” gives 25% less: 0.75 instead of 1."
