"""Which of the offers that are open to a member they want, and whether they take any: from what they buy.

An offer is a set of products that it is good for, or akin to, so that what a member buys tells of offers that
nobody has taken yet. Which one needs no learning: orders with those products, by the root of everybody's, is
the cosine between binary histories but for a factor of the member's own (item-based collaborative filtering,
Sarwar et al. 2001). On the coupons that are kept for comparison (`coupons.py`) it ranks better than what was
learnt from a few hundred redemptions. Whether any: logistic regression.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

Values = NDArray[np.float64]
Flags = NDArray[np.bool_]

ORDERS_EASED = 50.0
"""Orders that are added to everybody's, so that what hardly anybody buys does not outweigh all."""
STRENGTH = 0.1
"""Inverse of the ridge of the logistic regression, over features of mean 0 and deviation 1."""


@dataclass(frozen=True, slots=True)
class Taking:
    """Who takes any: weights of features brought to mean 0 and deviation 1."""

    weights: Values
    base: float
    means: Values
    deviations: Values

    def foretell(self, features: Values) -> Values:
        """The probability of each row."""
        logits = self.base + ((features - self.means) / self.deviations) @ self.weights
        told: Values = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
        return told


def count_own(counts: Any, products: Any) -> Values:
    """Orders of each member with the products of each offer, a product at a time: members × offers.

    `counts` are sparse members × products, `products` offers × products with a weight of 0 to 1.
    """
    found: Values = np.asarray((counts @ products.T).todense(), dtype=np.float64)
    return found


def weigh_rarity(own: Values, of_all: Values) -> Values:
    """Own orders by the root of everybody's (of each offer): bread says less of one than what few buy."""
    found: Values = own / np.sqrt(of_all + ORDERS_EASED)
    return found


def fit_taking(features: Values, took: Flags) -> Taking:
    """Learn who takes any. Needs one who did and one who did not. Deterministic."""
    means, deviations = features.mean(axis=0), features.std(axis=0)
    deviations = np.where(deviations < 1e-9, 1.0, deviations)
    model = LogisticRegression(C=STRENGTH, max_iter=2_000)
    model.fit((features - means) / deviations, took)
    return Taking(model.coef_[0], float(model.intercept_[0]), means, deviations)
