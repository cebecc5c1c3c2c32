"""Exact arithmetic for points and money: integers and rationals, never floats.

Money is an integer of minor units (cents); points are integers of a wallet's smallest unit.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction


class Rounding(StrEnum):
    """How a fraction of a point becomes whole."""

    FLOOR = "floor"
    HALF_UP = "half_up"
    CEIL = "ceil"


def round_fraction(value: Fraction, rounding: Rounding) -> int:
    """Round an exact, non-negative value to an integer. Half-up takes x.5 up.

    >>> round_fraction(Fraction(5, 2), Rounding.HALF_UP), round_fraction(Fraction(5, 2), Rounding.FLOOR)
    (3, 2)
    """
    return round_ratio(value.numerator, value.denominator, rounding)


def round_ratio(numerator: int, denominator: int, rounding: Rounding) -> int:
    """Round `numerator / denominator` (denominator > 0) without building a Fraction: the hot path."""
    if rounding is Rounding.FLOOR:
        return numerator // denominator
    if rounding is Rounding.CEIL:
        return -(-numerator // denominator)
    return (2 * numerator + denominator) // (2 * denominator)


def share_out(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` ≥ 0 over `weights` ≥ 0 so that the parts are whole and add up exactly.

    Largest remainder method (Hamilton); ties go to the earlier part. Where all weights are zero
    everything goes to the first part, so that nothing is dropped and nothing divides by zero.

    >>> share_out(10, [1, 1, 1])
    [4, 3, 3]
    """
    if not weights:
        if total:
            raise ValueError("cannot share a total over no parts")
        return []
    whole = sum(weights)
    if whole == 0:
        return [total, *([0] * (len(weights) - 1))]
    parts = [total * weight // whole for weight in weights]
    left = total - sum(parts)
    if left:
        remainders = [total * weight % whole for weight in weights]
        # A reversed sort keeps equals in their order.
        for i in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:left]:
            parts[i] += 1
    return parts


def cumulative_target(total: int, part: int, whole: int) -> int:
    """How much of `total` belongs to `part` out of `whole` so far: floor, and all of it at the end.

    Reversing `cumulative_target(so far) - already` at each step ends at `total` in any split.
    """
    if whole <= 0 or part >= whole:
        return total
    return total * part // whole
