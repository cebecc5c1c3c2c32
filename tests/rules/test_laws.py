"""The evaluator's laws, on generated programmes, members and baskets."""

import json
import random
from dataclasses import replace
from datetime import UTC, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from regulars.rules.evaluation import (
    evaluate_basket,
    evaluate_happening,
    list_usage_keys,
    resolve_expiry,
)
from regulars.rules.evaluation.terms import resolve_dates
from regulars.rules.sentences import explain
from regulars.rules.types import (
    Basket,
    Evaluation,
    Happening,
    MemberState,
    Programme,
    RoundAt,
    RuleType,
    UsageKey,
)
from tests.rules.reference import expect
from tests.rules.strategies import baskets, programmes, states

BASKET_KINDS = tuple(kind for kind in RuleType if kind is not RuleType.EVENT)


@settings(max_examples=400, deadline=None)
@given(programmes(), states, baskets, st.data())
def test_the_evaluator_agrees_with_the_obvious_model(
    programme: Programme, state: MemberState, basket: Basket, data: st.DataObject
) -> None:
    keys = list_usage_keys(programme, basket.occurred_at)
    used = {key: data.draw(st.integers(0, 50)) for key in keys}
    state = replace(state, used=used)
    expected = expect(programme, state, basket)
    evaluation = evaluate_basket(programme, state, basket)

    found: dict[tuple[object, ...], dict[int, int]] = {}
    for posting in evaluation.postings:
        if posting.currency == "points":
            for part in posting.parts:
                on = (posting.activates_at, posting.awaits, posting.expires_at, posting.sliding)
                sums = found.setdefault((part.rule, *on), {})
                for number, points in part.shares:
                    sums[number] = sums.get(number, 0) + points
    wanted: dict[tuple[object, ...], dict[int, int]] = {}
    day = basket.occurred_at.astimezone(programme.time_zone).date()
    for (rule, (pending, expiry)), shares in expected.points.items():
        dates = resolve_dates(pending, expiry, day, programme.time_zone)
        on = (dates.activates_at, dates.awaits, dates.expires_at, dates.sliding)
        sums = wanted.setdefault((rule, *on), {})
        for number, points in shares.items():
            sums[number] = sums.get(number, 0) + points
    assert found == wanted
    assert dict(evaluation.usage) == expected.used
    assert evaluation.points_of("qualifying_points") == (expected.qualifying if programme.tiers.tiers else 0)


@settings(deadline=None)
@given(programmes(), states, baskets)
def test_law_4_points_are_whole_and_shares_add_up_exactly(
    programme: Programme, state: MemberState, basket: Basket
) -> None:
    """Law 4: points are integers. A part's shares add up to it, and a posting's parts to its amount."""
    numbers = {line.line_no for line in basket.lines}
    for posting in evaluate_basket(programme, state, basket).postings:
        assert type(posting.amount) is int
        assert posting.amount > 0
        assert posting.amount == sum(part.points for part in posting.parts)
        for part in posting.parts:
            assert part.points == sum(points for _number, points in part.shares)
            assert all(type(points) is int and points > 0 for _number, points in part.shares)
            assert {number for number, _points in part.shares} <= numbers
            assert len({number for number, _points in part.shares}) == len(part.shares)


@settings(deadline=None)
@given(programmes(BASKET_KINDS), states, baskets, st.integers(0, 2**32))
def test_the_order_of_lines_changes_nothing_but_who_gets_a_rounding_point(
    programme: Programme, state: MemberState, basket: Basket, seed: int
) -> None:
    lines = list(basket.lines)
    random.Random(seed).shuffle(lines)
    before = evaluate_basket(programme, state, basket)
    after = evaluate_basket(programme, state, replace(basket, lines=tuple(lines)))

    def points(evaluation: Evaluation) -> list[tuple[str, str, int]]:
        return [(p.currency, part.rule, part.points) for p in evaluation.postings for part in p.parts]

    assert points(before) == points(after)
    assert before.usage == after.usage


@settings(deadline=None)
@given(programmes(BASKET_KINDS), states, baskets, st.integers(0, 2**32))
def test_without_caps_the_order_of_rules_changes_no_total(
    programme: Programme, state: MemberState, basket: Basket, seed: int
) -> None:
    rules = [replace(rule, caps=(), pending=None, expiry=None) for rule in programme.rules]
    # Whose gain a rounded point is depends on the order of multipliers; the sum does not.
    shuffled = rules.copy()
    random.Random(seed).shuffle(shuffled)
    totals = {
        evaluate_basket(replace(programme, rules=tuple(order)), state, basket).points_of("points")
        for order in (rules, shuffled)
    }
    assert len(totals) == 1


@settings(deadline=None)
@given(programmes(), states, baskets)
def test_an_evaluation_is_repeatable_and_its_reasons_can_be_stored(
    programme: Programme, state: MemberState, basket: Basket
) -> None:
    first = evaluate_basket(programme, state, basket)
    assert evaluate_basket(programme, state, basket) == first
    reasons = [part.explanation for posting in first.postings for part in posting.parts]
    for reason in [*reasons, *first.notes]:
        assert json.loads(json.dumps(reason.params)) == reason.params
        assert explain(reason) not in {"", reason.code}


@settings(max_examples=50, deadline=None)
@given(programmes(), st.lists(st.tuples(baskets, states), min_size=2, max_size=6), st.booleans())
def test_caps_are_never_exceeded_over_a_sequence_of_baskets_and_happenings(
    programme: Programme, sequence: list[tuple[Basket, MemberState]], same_day: bool
) -> None:
    used: dict[UsageKey, int] = {}
    limits: dict[UsageKey, int] = {}
    given_by_rule: dict[str, int] = {}
    for basket, member in sequence:
        at = sequence[0][0].occurred_at if same_day else basket.occurred_at
        keys = list_usage_keys(programme, at)
        state = replace(member, used={key: used.get(key, 0) for key in keys})
        bought = evaluate_basket(programme, state, replace(basket, occurred_at=at))
        done = evaluate_happening(programme, state, Happening("review", at))
        assert not {key.rule for key, _n in bought.usage} & {key.rule for key, _n in done.usage}
        for evaluation in (bought, done):
            for key, points in evaluation.usage:
                assert key in keys
                used[key] = used.get(key, 0) + points
            for posting in evaluation.postings:
                for part in posting.parts:
                    if posting.currency == "points":
                        given_by_rule[part.rule] = given_by_rule.get(part.rule, 0) + part.points
    for rule in programme.rules:
        for cap in rule.caps:
            limits |= {
                key: cap.points
                for key in used
                if (key.rule, key.scope) == (rule.id, cap.scope)
                and key.period.partition(":")[0] == str(cap.period)
            }
    assert all(points <= limits[key] for key, points in used.items())
    for rule in programme.rules:
        for scope in {cap.scope for cap in rule.caps}:
            for period in {cap.period for cap in rule.caps if cap.scope is scope}:
                counted = sum(
                    points
                    for key, points in used.items()
                    if (key.rule, key.scope) == (rule.id, scope)
                    and key.period.partition(":")[0] == str(period)
                )
                assert counted == given_by_rule.get(rule.id, 0)


@settings(deadline=None)
@given(programmes(BASKET_KINDS), states, baskets)
def test_rounding_on_the_subtotal_and_by_line_differ_by_less_than_a_point_a_line_and_step(
    programme: Programme, state: MemberState, basket: Basket
) -> None:
    rules = tuple(replace(rule, caps=()) for rule in programme.rules)
    totals = [
        evaluate_basket(replace(programme, rules=rules, round_at=where), state, basket).points_of("points")
        for where in RoundAt
    ]
    base = sum(rule.type in (RuleType.PER_AMOUNT, RuleType.PER_QUANTITY) for rule in rules)
    assert abs(totals[0] - totals[1]) <= base * max(len(basket.lines), 1)


@settings(deadline=None)
@given(programmes(), states, baskets, st.integers(0, 400))
def test_law_12_dates_are_resolved_once_and_the_same_way_at_activation(
    programme: Programme, state: MemberState, basket: Basket, days: int
) -> None:
    """Law 12: a date is resolved once, in the programme's zone: a local midnight, now or at activation."""
    zone = programme.time_zone
    for posting in evaluate_basket(programme, state, basket).postings:
        for instant in (posting.activates_at, posting.expires_at):
            if instant is not None:
                assert instant.tzinfo is UTC
                local = instant.astimezone(zone)
                assert (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
        if posting.currency != "points":
            assert posting.expires_at is None
            assert posting.activates_at is None
            assert posting.awaits is None
        elif posting.awaits is not None:
            assert (posting.expires_at, posting.activates_at) == (None, None)
            activated_at = basket.occurred_at + timedelta(days=days)
            expires_at = resolve_expiry(programme, posting.rule, activated_at)
            assert expires_at is None or expires_at > activated_at
        else:
            active_at = posting.activates_at or basket.occurred_at
            assert resolve_expiry(programme, posting.rule, active_at) == posting.expires_at
            assert posting.expires_at is None or posting.expires_at > active_at


def test_the_obvious_model_can_disagree() -> None:
    """A negative control: the comparison above would notice a single point."""
    from tests.rules.documents import basket, line, programme

    bought = basket(line(1, 199))
    expected = expect(programme(), MemberState(), bought).total
    assert expected == 1
    more = evaluate_basket(programme(head='rounding = "ceil"\n'), MemberState(), bought)
    assert more.points_of("points") != expected
