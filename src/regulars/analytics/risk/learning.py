"""What learns the risk: gradient-boosted trees, or a logistic regression where members are few; calibrated.

Trees: Ke et al. (2017), "LightGBM"; what each feature adds: Lundberg et al. (2020), "From local
explanations to global understanding with explainable AI for trees". Calibration: Platt (1999), on predictions
for members that the model was not shown.
"""

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit
from sklearn.linear_model import LogisticRegression

from regulars.analytics.risk.features import FEATURES, Numbers

if TYPE_CHECKING:
    import lightgbm

logger = logging.getLogger(__name__)
SEED = 20_240_101
FOLDS = 5
ROUNDS = 220
TREES = {
    "objective": "binary",
    "learning_rate": 0.03,
    "num_leaves": 8,
    "min_data_in_leaf": 60,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "feature_fraction": 0.6,
    "lambda_l2": 5.0,
    "seed": SEED,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbosity": -1,
}
"""Small trees, slowly: what members do next is mostly chance, and big ones learn that by heart. One
thread: threads that wait for one another on a busy machine cost ten times what they gain here."""
EDGE = 1e-6


class Scorer(Protocol):
    """What was learnt: log-odds of silence, and how much of them each feature brings."""

    def score(self, features: Numbers) -> Numbers:
        """Log-odds, one a row."""
        ...

    def share(self, features: Numbers) -> Numbers:
        """What each feature adds to the log-odds: rows × features."""
        ...


@dataclass(frozen=True, slots=True)
class Trees:
    """Boosted trees. They take gaps (NaN) as they are."""

    booster: "lightgbm.Booster"

    def score(self, features: Numbers) -> Numbers:
        """As promised by `Scorer`."""
        return np.asarray(self.booster.predict(features, raw_score=True), dtype=np.float64)

    def share(self, features: Numbers) -> Numbers:
        """As promised by `Scorer`; the last column that LightGBM gives is everybody's, and left out."""
        found = np.asarray(self.booster.predict(features, pred_contrib=True), dtype=np.float64)
        return found[:, : len(FEATURES)]


@dataclass(frozen=True, slots=True)
class Line:
    """A logistic regression on logarithms, which tame sums of money; a missing gap counts as the median."""

    missing: Numbers
    mean: Numbers
    spread: Numbers
    weights: Numbers
    base: float

    def score(self, features: Numbers) -> Numbers:
        """As promised by `Scorer`."""
        found: Numbers = self.share(features).sum(axis=1) + self.base
        return found

    def share(self, features: Numbers) -> Numbers:
        """As promised by `Scorer`: how far from the usual, times the weight."""
        filled = np.where(np.isnan(features), self.missing, features)
        return (np.log1p(np.maximum(filled, 0)) - self.mean) / self.spread * self.weights


def can_grow_trees() -> bool:
    """Whether LightGBM loads here: it leaves OpenMP (libgomp) to the system, and slim ones have none."""
    try:
        import lightgbm  # noqa: F401, PLC0415 - half a second, for shops with many members alone
    except (ImportError, OSError) as error:
        logger.warning("LightGBM does not load, churn risk is learnt by logistic regression: %s", error)
        return False
    return True


def fit_trees(features: Numbers, silent: NDArray[np.bool_]) -> Scorer:
    """Boosted trees with fixed seeds: the same rows in the same order give the same trees."""
    import lightgbm  # noqa: PLC0415 - as above

    data = lightgbm.Dataset(features, label=silent.astype(np.float64), free_raw_data=True)
    return Trees(lightgbm.train(TREES, data, num_boost_round=ROUNDS))


def fit_line(features: Numbers, silent: NDArray[np.bool_]) -> Scorer:
    """A logistic regression, held back (C = 0.1) because its features say much the same."""
    known = ~np.isnan(features)
    missing = np.array(
        [
            np.median(column[there]) if there.any() else 0.0
            for column, there in zip(features.T, known.T, strict=True)
        ]
    )
    logs = np.log1p(np.maximum(np.where(known, features, missing), 0))
    mean, spread = logs.mean(axis=0), np.maximum(logs.std(axis=0), EDGE)
    model = LogisticRegression(C=0.1, max_iter=2000).fit((logs - mean) / spread, silent)
    return Line(missing, mean, spread, model.coef_[0], float(model.intercept_[0]))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Log-odds made honest: risk = expit(slope × log-odds + offset)."""

    slope: float = 1.0
    offset: float = 0.0

    def apply(self, scores: Numbers) -> Numbers:
        """Probabilities."""
        found: Numbers = expit(self.slope * scores + self.offset)
        return found


def fit_calibration(scores: Numbers, silent: NDArray[np.bool_]) -> Calibration:
    """Platt's line through scores of members whom the model was not shown."""
    clipped = np.clip(scores, logit(EDGE), -logit(EDGE))[:, None]
    model = LogisticRegression(C=1e6, max_iter=1000).fit(clipped, silent)
    slope = float(model.coef_[0, 0])
    # A slope at or below nought would say that higher is safer: then scores say nothing, and stay.
    return Calibration(slope, float(model.intercept_[0])) if slope > 0 else Calibration()
