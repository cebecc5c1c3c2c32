"""Exact arithmetic: nothing is dropped, nothing is clamped, nothing divides by zero."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulars.kit.points import Rounding, cumulative_target, round_fraction, round_ratio, share_out

totals = st.integers(0, 10**12)
weights = st.lists(st.integers(0, 10**9), min_size=1, max_size=40)


@given(totals, weights)
def test_law_5_shares_add_up_and_none_is_negative(total: int, parts: list[int]) -> None:
    shares = share_out(total, parts)
    assert sum(shares) == total
    assert len(shares) == len(parts)
    assert min(shares) >= 0


@given(totals, weights)
def test_each_share_is_within_one_point_of_its_exact_part(total: int, parts: list[int]) -> None:
    whole = sum(parts)
    if whole == 0:
        assert share_out(total, parts)[0] == total
        return
    for share, weight in zip(share_out(total, parts), parts, strict=True):
        assert abs(Fraction(share) - Fraction(total * weight, whole)) < 1


def test_sharing_something_over_nothing_is_a_mistake() -> None:
    assert share_out(0, []) == []
    with pytest.raises(ValueError, match="over no parts"):
        share_out(1, [])


@given(st.integers(0, 10**12), st.integers(1, 10**6))
def test_law_4_rounding_agrees_with_its_definition(numerator: int, denominator: int) -> None:
    exact = Fraction(numerator, denominator)
    down, up = (
        round_ratio(numerator, denominator, Rounding.FLOOR),
        round_ratio(numerator, denominator, Rounding.CEIL),
    )
    assert down <= exact < down + 1
    assert up - 1 < exact <= up
    half = round_fraction(exact, Rounding.HALF_UP)
    assert abs(exact - half) <= Fraction(1, 2)
    assert half - exact != Fraction(-1, 2), "x.5 goes up"


@given(st.integers(0, 10**9), st.lists(st.integers(0, 10**6), min_size=1, max_size=12))
def test_law_6_any_split_of_returns_ends_at_the_whole(total: int, steps: list[int]) -> None:
    whole = sum(steps)
    taken = so_far = 0
    for step in steps:
        so_far += step
        due = cumulative_target(total, so_far, whole) - taken
        assert due >= 0
        taken += due
    assert taken == total
