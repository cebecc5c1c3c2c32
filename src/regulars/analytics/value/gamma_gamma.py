"""Gamma-Gamma: what customers pay each time they buy.

Fader & Hardie (2013), "The Gamma-Gamma Model of Monetary Value". What one pays varies around an average of
their own, gamma with shape p; its rate is gamma (q, γ) over customers. It supposes that how much somebody
pays has nothing to do with how often they come.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import digamma, gammaln

from regulars.analytics.value.history import Numbers

START = (2.0, 3.0, 2.0)
BOUNDS = ((-4.0, 6.0), (np.log(1.05), 6.0), (-7.0, 9.0))
"""Of the logarithms of p, q, and γ in medians. Below q = 1 there is no average over customers: on real
shops an unbounded search ends there, and expects the infinite."""
TRIMMED_SHARE = 0.005
"""Of members at either end, whose averages count as those of the last that are kept."""
EDGE = 0.02


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """The three parameters; `gamma` is in minor units. `at_bound` says that one of them ran into its bound.

    `correlation` is Spearman's between how often members buy and what they pay then; the model supposes 0.
    """

    p: float
    q: float
    gamma: float
    correlation: float
    at_bound: bool = False

    def expect_spend(self, count: Numbers, average: Numbers) -> Numbers:
        """What each is expected to pay at a purchase, given their average over `count` of them: a mean of the
        two averages, theirs and everybody's, the more of theirs the more is known (equation 5).
        """
        return self.p * (self.gamma + count * average) / (self.p * count + self.q - 1)


def trim(average: Numbers) -> Numbers:
    """Averages without outliers: one till left open for a wedding is not what this member pays."""
    low, high = np.quantile(average, (TRIMMED_SHARE, 1 - TRIMMED_SHARE))
    return np.clip(average, low, high)


def fit_gamma_gamma(count: Numbers, average: Numbers) -> GammaGamma:
    """The parameters under which averages over `count` purchases each are likeliest. All must be above 0."""
    scale = float(np.median(average))
    scaled, n = average / scale, count
    members = len(n)

    def loss(logs: Numbers) -> tuple[float, Numbers]:
        p, q, g = np.exp(logs)
        total = g + n * scaled
        log_total = np.log(total)
        value = (
            gammaln(p * n + q)
            - gammaln(p * n)
            - gammaln(q)
            + q * np.log(g)
            + (p * n - 1) * np.log(scaled)
            + p * n * np.log(n)
            - (p * n + q) * log_total
        )
        both = digamma(p * n + q)
        by_p = n * (both - digamma(p * n) + np.log(scaled) + np.log(n) - log_total)
        by_q = both - digamma(q) + np.log(g) - log_total
        by_g = q / g - (p * n + q) / total
        slope = np.array([by_p.sum() * p, by_q.sum() * q, by_g.sum() * g])
        return -float(value.sum()) / members, -slope / members

    found = minimize(
        loss,
        np.log(START),
        jac=True,
        method="L-BFGS-B",
        bounds=BOUNDS,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
    )
    at_bound = any(
        value - low < EDGE or high - value < EDGE for value, (low, high) in zip(found.x, BOUNDS, strict=True)
    )
    p, q, g = (float(value) for value in np.exp(found.x))
    return GammaGamma(p, q, g * scale, _rank_correlation(count, average), at_bound)


def _rank_correlation(one: Numbers, other: Numbers) -> float:
    """Spearman's, ties shared. `scipy.stats` would take two seconds to import."""
    ranks = []
    for values in (one, other):
        _, back, count = np.unique(values, return_inverse=True, return_counts=True)
        ranks.append((np.cumsum(count) - (count - 1) / 2)[back])
    if any(np.ptp(rank) == 0 for rank in ranks):
        return 0.0
    return float(np.corrcoef(ranks[0], ranks[1])[0, 1])
