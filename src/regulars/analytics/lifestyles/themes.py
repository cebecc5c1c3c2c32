"""Themes: which categories go together in members' baskets, and how much of each is in whose.

Non-negative matrix factorisation (Lee & Seung 1999): a member's row is a sum of themes, a theme a sum of
categories, and nothing is subtracted, so each can be read. How many: the number whose themes come back most
alike when other members are drawn (bootstrap; Brunet et al. 2004 choose the rank by stability likewise).
"""

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment
from sklearn.decomposition import NMF
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from threadpoolctl import threadpool_limits

from regulars.analytics.lifestyles.baskets import Members, Numbers

SEED = 20_240_305
COUNTS = (5, 6, 7, 8)
"""Fewer always come back more alike, and say less; more are no longer read."""
DRAWS = 5
FITTED_MAX = 5000
"""Members that themes are learnt from; everybody's shares are worked out."""
CHUNK = 50_000


@dataclass(frozen=True, slots=True)
class Stability:
    """How alike themes come back from other draws of members.

    `themes`: mean cosine of the matched themes; `weakest`: of the one least so. `members`: adjusted Rand
    index of members' first themes; `seeds`: that of another starting point instead of other members.
    """

    count: int
    themes: float
    weakest: float
    members: float
    seeds: float


@dataclass(frozen=True, slots=True)
class Themes:
    """`weights`: themes × categories, each adding up to 1, the theme of most members first. `usual`: how much
    of each there is in the mean of all rows.
    """

    model: NMF
    order: tuple[int, ...]
    weights: Numbers
    usual: Numbers
    stability: tuple[Stability, ...]
    """Of every number that was tried; the one taken is the most stable."""

    def share(self, rows: Any) -> Numbers:
        """How much of each theme is in each row, to how much of it is usual; adds up to 1, or 0 where nothing
        of any is. Everybody buys bread: what tells is of what somebody buys more than others do.
        """
        with threadpool_limits(1):
            parts = [
                _transform(self.model, rows[start : start + CHUNK])
                for start in range(0, rows.shape[0], CHUNK)
            ]
        return _compare(np.concatenate(parts)[:, list(self.order)], self.usual)


def find_themes(members: Members, rows: Any, counts: tuple[int, ...]) -> Themes:
    """The themes of a shop, by the most stable of some numbers. Fixed seeds: same rows, same themes."""
    with threadpool_limits(1):
        # Threads that wait for one another on a busy machine cost ten times what they gain here.
        return _find(members, rows, counts)


def _find(members: Members, rows: Any, counts: tuple[int, ...]) -> Themes:
    rng = np.random.default_rng(SEED)
    if len(members) > FITTED_MAX:
        rows = rows[np.sort(rng.choice(len(members), FITTED_MAX, replace=False))]
    tried = {count: _fit(rows, count, SEED) for count in counts if count < min(rows.shape)}
    draws = [rng.integers(0, rows.shape[0], rows.shape[0]) for _ in range(DRAWS)]
    stability = tuple(_measure(rows, model, draws) for model in tried.values())
    best = max(stability, key=lambda found: (round(found.themes, 3), -found.count))
    model = tried[best.count]
    found = _transform(model, rows)
    usual = found.mean(axis=0)
    first = np.bincount(_compare(found, usual).argmax(axis=1), minlength=best.count)
    order = tuple(int(place) for place in np.argsort(-first, kind="stable"))
    weights = model.components_[list(order)]
    return Themes(model, order, weights / weights.sum(axis=1, keepdims=True), usual[list(order)], stability)


def match_themes(one: Numbers, other: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Pairs of themes most alike: rows of `one`, rows of `other`, cosines."""
    left, right = (
        table / np.maximum(np.linalg.norm(table, axis=1, keepdims=True), 1e-12) for table in (one, other)
    )
    alike = left @ right.T
    rows, columns = linear_sum_assignment(-alike)
    return rows, columns, alike[rows, columns]


def _fit(rows: Any, count: int, seed: int) -> NMF:
    model = NMF(
        count, init="nndsvda" if seed == SEED else "nndsvdar", random_state=seed, max_iter=200, tol=1e-3
    )
    with warnings.catch_warnings():
        # The last steps change no reading: stability, printed, is what counts.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(rows)
    return model


def _transform(model: NMF, rows: Any) -> Numbers:
    """Shares by weight: a theme counts as much as its categories add up to."""
    found: Numbers = model.transform(rows) * model.components_.sum(axis=1)
    return found


def _compare(found: Numbers, usual: Numbers) -> Numbers:
    lifted = found / np.maximum(usual, 1e-12)
    total = lifted.sum(axis=1, keepdims=True)
    shares: Numbers = np.divide(lifted, total, out=np.zeros_like(lifted), where=total > 0)
    return shares


def _rank_first(model: NMF, rows: Any) -> Any:
    found = _transform(model, rows)
    return _compare(found, found.mean(axis=0)).argmax(axis=1)


def _measure(rows: Any, model: NMF, draws: list[Any]) -> Stability:
    mine, count = model.components_, model.n_components
    first = _rank_first(model, rows)
    alike, agreed = [], []
    for drawn in draws:
        again = _fit(rows[drawn], count, SEED)
        matched, _, cosines = match_themes(mine, again.components_)
        alike.append(cosines[np.argsort(matched)])
        agreed.append(adjusted_rand_score(first, _rank_first(again, rows)))
    seeded = _rank_first(_fit(rows, count, SEED + 1), rows)
    mean = np.mean(alike, axis=0)
    return Stability(
        count,
        float(mean.mean()),
        float(mean.min()),
        float(np.mean(agreed)),
        float(adjusted_rand_score(first, seeded)),
    )
