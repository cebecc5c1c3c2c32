"""BG/NBD: how often customers buy, and whether they still do.

Fader, Hardie & Lee (2005), "Counting Your Customers the Easy Way: An Alternative to the Pareto/NBD Model",
Marketing Science 24(2). While alive a customer buys at random with a rate of their own, and after each
purchase leaves for good with a chance of their own. Over customers,
rates are gamma (r, α) and chances beta (a, b).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import OptimizeResult, minimize
from scipy.special import betaln, digamma, expit, gammaln

from regulars.analytics.value.history import Grouped, Numbers

STARTS = ((1.0, 5.0, 1.0, 3.0), (0.3, 2.0, 0.5, 10.0))
"""r, α, a, b from which the search sets out: slow shops, and such as groceries."""
BOUNDS = ((-7.0, 7.0), (-7.0, 9.0), (-7.0, 7.0), (-7.0, 9.0))
"""Of their logarithms: beyond it a parameter no longer changes any forecast, only runs away."""
EDGE = 0.02
NODES = 24
SOME = 20_000
"""Distinct histories that tell where the search should begin."""


@dataclass(frozen=True, slots=True)
class BgNbd:
    """The four parameters; `alpha` is in weeks. `at_bound` says that one of them ran into its bound."""

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    at_bound: bool = False

    def find_alive(self, of: Grouped) -> Numbers:
        """The probability that each is still a customer. It is 1 for who never came back: the model lets
        customers leave only after a repeat purchase, and has seen none of theirs.
        """
        x = of.repeats
        log_odds = (
            np.log(self.a)
            - np.log(self.b + np.maximum(x, 1) - 1)
            + (self.r + x) * (np.log(self.alpha + of.age) - np.log(self.alpha + of.last_at))
        )
        return np.where(x > 0, expit(-log_odds), 1.0)

    def expect_purchases(self, of: Grouped, ends: Numbers) -> Numbers:
        """Purchases that each is expected to make until each of `ends` (weeks from now): members × ends.

        Given that they are alive, λ is gamma (r+x, α+T) and p beta (a, b+x); with both known (1 − e^(−λpt))/p
        purchases follow until t. Over λ that is closed, over p it is summed up by Gauss-Jacobi: the closed
        formula (their equation 10) divides by zero at a = 1 and overflows for frequent buyers.
        """
        alive = self.find_alive(of)
        expected = np.empty((len(alive), len(ends)))
        for repeats in np.unique(of.repeats):
            rows = np.flatnonzero(of.repeats == repeats)
            p, share = _quadrature(self.a, self.b + float(repeats))
            for part in np.array_split(rows, 1 + len(rows) // 20_000):
                log_age = np.log(self.alpha + of.age[part])[:, None]
                for column, end in enumerate(ends):
                    later = np.log(self.alpha + of.age[part][:, None] + p * end)
                    expected[part, column] = -np.expm1((self.r + repeats) * (log_age - later)) @ (share / p)
        return expected * alive[:, None]


def fit_bgnbd(of: Grouped) -> BgNbd:
    """The parameters under which these histories are likeliest. The gradient is exact, the search is bounded.

    The search sets out from several points on some of the histories, and ends with all of them from the best.
    """
    some = _thin(of)
    logs = min((_search(np.log(start), some) for start in STARTS), key=lambda result: float(result.fun)).x
    found = _search(logs, of)
    at_bound = any(
        value - low < EDGE or high - value < EDGE for value, (low, high) in zip(found.x, BOUNDS, strict=True)
    )
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    return BgNbd(r, alpha, a, b, float(-found.fun * of.weight.sum()), at_bound)


def _thin(of: Grouped) -> Grouped:
    """Every n-th history where there are many."""
    step = 1 + len(of.weight) // SOME
    return Grouped(of.repeats[::step], of.last_at[::step], of.age[::step], of.weight[::step], of.back[:0])


def _search(start: Numbers, of: Grouped) -> OptimizeResult:
    total = of.weight.sum()
    distinct, back = np.unique(of.repeats, return_inverse=True)

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        value, slope = _log_likelihood(np.exp(logs), of, distinct, back)
        return -value / total, -slope * np.exp(logs) / total

    return minimize(
        loss,
        start,
        jac=True,
        method="L-BFGS-B",
        bounds=BOUNDS,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
    )


def _log_likelihood(
    parameters: Numbers, of: Grouped, distinct: Numbers, back: NDArray[np.intp]
) -> tuple[float, Numbers]:
    """Their equation 6 in logarithms, and its slope by each parameter; `distinct` are the numbers of repeats.

    Either they are alive (`stayed`) or left right after the last purchase (`left`); the two are added as
    logarithms, so nothing under- or overflows however long or busy a history is. Gamma functions depend on
    the number of repeats alone, and are worked out once for each.
    """
    r, alpha, a, b = parameters
    x, n = distinct, np.maximum(distinct, 1)
    shared = (gammaln(r + x) - gammaln(r) + r * np.log(alpha))[back]
    if_stayed = (betaln(a, b + x) - betaln(a, b))[back]
    if_left = np.where(x > 0, betaln(a + 1, b + n - 1) - betaln(a, b), -np.inf)[back]
    now, then = alpha + of.age, alpha + of.last_at
    log_now, log_then, power = np.log(now), np.log(then), r + of.repeats
    stayed, left = if_stayed - power * log_now, if_left - power * log_then
    both = np.logaddexp(stayed, left)
    gone = np.exp(left - both)
    value = float(of.weight @ (shared + both))
    # Of a mixture the slope is the mean of its parts' slopes, each weighing what it contributes.
    slope_r = (digamma(r + x) - digamma(r))[back] + np.log(alpha) - (1 - gone) * log_now - gone * log_then
    slope_alpha = r / alpha - power * ((1 - gone) / now + gone / then)
    slope_a = (digamma(a + b) - digamma(a + b + x))[back] + gone / a
    slope_b = (digamma(b + x) - digamma(a + b + x) - digamma(b) + digamma(a + b))[back]
    slope_b -= gone / (b + n - 1)[back]
    return value, np.array([of.weight @ slope for slope in (slope_r, slope_alpha, slope_a, slope_b)])


def _quadrature(a: float, b: float) -> tuple[Numbers, Numbers]:
    """Points in (0, 1) and weights adding up to 1, under which a sum is the mean over a beta (a, b).

    Golub & Welsch (1969), from the recurrence of the Jacobi polynomials; only ratios enter, so it holds for
    any a and b, where weights by gamma functions overflow.
    """
    k = np.arange(NODES, dtype=np.float64)
    # Exponents of (1 − y) and (1 + y) on [−1, 1], p = (1 + y) / 2.
    high, low = b - 1, a - 1
    both = high + low
    step = 2 * k + both
    with np.errstate(divide="ignore", invalid="ignore"):
        diagonal = (low**2 - high**2) / (step * (step + 2))
    diagonal[0] = (low - high) / (both + 2)
    n = k[1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        squares = 4 * n * (n + high) * (n + low) * (n + both)
        squares /= (2 * n + both) ** 2 * ((2 * n + both) ** 2 - 1)
    squares[0] = 4 * (1 + high) * (1 + low) / ((2 + both) ** 2 * (3 + both))
    nodes, vectors = eigh_tridiagonal(diagonal, np.sqrt(squares))
    return np.clip((1 + nodes) / 2, 1e-12, 1.0), vectors[0] ** 2
