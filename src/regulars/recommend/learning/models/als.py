"""ALS: factors of items for implicit feedback (Hu, Koren & Volinsky 2008, "Collaborative filtering for
implicit feedback datasets"), where items × items would be too many numbers for EASE.

Only the factors of items are learnt of all. A member's own factors are the exact least squares over what they
bought, given those: they need nobody else's purchases, and are never stored. The score is a sum over the
member's purchases (§5 there), so that reasons are exact here too.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from threadpoolctl import threadpool_limits

from regulars.recommend.learning.datasets import History, Numbers
from regulars.recommend.learning.models.ease import log_counts

FACTORS, ITERATIONS, SEED = 64, 15, 20_260_101
CONFIDENCE = 1.0
"""How much surer a purchase is than none, times the logarithm of its count and one."""
PENALTY = 10.0


@dataclass(frozen=True, slots=True)
class AlsFactors:
    """`factors`, items × 64, and their `gram`. `penalty` is λ; `is_scaled`: times the items of the member, as
    Spark has it (Zhou et al. 2008).
    """

    factors: Numbers
    gram: NDArray[np.float64]
    penalty: float
    is_scaled: bool = False

    @property
    def size(self) -> int:
        """How many items there are."""
        return len(self.factors)

    def over(self, history: History) -> "AlsFit":
        """As promised by `Learnt`."""
        return self.of(log_counts(history.counts), history.dataset.member_ids)

    def of(self, inputs: Any, member_ids: NDArray[np.int64]) -> "AlsFit":  # noqa: ARG002 (as EASE has it)
        """The same for the rows of a sparse members × items."""
        return AlsFit(self, inputs)

    def say(self, items: NDArray[Any]) -> Numbers:
        """How like each of `items` (rows) any item is: cosines of factors."""
        lengths = np.maximum(np.linalg.norm(self.factors, axis=1), 1e-9)
        said: Numbers = (self.factors[items] @ self.factors.T) / lengths / lengths[items][:, None]
        return said


@dataclass(frozen=True, slots=True)
class AlsFit:
    """Factors over the rows of `inputs`, logarithms of counts."""

    weights: AlsFactors
    inputs: Any

    def score(self, members: NDArray[Any]) -> Numbers:
        """As promised by `Fitted`."""
        own = np.zeros((len(members), self.weights.factors.shape[1]), dtype=np.float32)
        # So small products only wait for one another in several threads.
        with threadpool_limits(1, "blas"):
            for row, member in enumerate(members.tolist()):
                bought, sure = self._list_own(member)
                if len(bought):
                    own[row] = np.linalg.solve(self._weigh(bought, sure), self._rows(bought).T @ sure)
            scores: Numbers = own @ self.weights.factors.T
        return scores

    def explain(self, member: int, items: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.float64]]:
        """What a member bought, and what each of it adds to the score of each of `items`: bought × items."""
        bought, sure = self._list_own(member)
        passed = np.linalg.solve(self._weigh(bought, sure), self._rows(items).T)
        return bought, (self._rows(bought) @ passed) * sure[:, None]

    def _list_own(self, member: int) -> tuple[NDArray[Any], NDArray[np.float64]]:
        own = slice(self.inputs.indptr[member], self.inputs.indptr[member + 1])
        return self.inputs.indices[own], 1 + CONFIDENCE * self.inputs.data[own].astype(np.float64)

    def _weigh(self, bought: NDArray[Any], sure: NDArray[np.float64]) -> NDArray[np.float64]:
        """YᵀCY + λI of one member: in doubles, where its inverse keeps enough digits."""
        rows = self._rows(bought)
        penalty = self.weights.penalty * (max(len(bought), 1) if self.weights.is_scaled else 1)
        matrix: NDArray[np.float64] = self.weights.gram + (rows.T * (sure - 1)) @ rows
        matrix[np.diag_indices_from(matrix)] += penalty
        return matrix

    def _rows(self, items: NDArray[Any]) -> NDArray[np.float64]:
        rows: NDArray[np.float64] = self.weights.factors[items].astype(np.float64)
        return rows


LearnFactors = Callable[[Any], AlsFactors]
"""From logarithms of counts, sparse members × items."""


def learn_factors(inputs: Any) -> AlsFactors:
    """Factors by `implicit` in this process. Fixed seed, one thread: the same purchases, the same factors."""
    sure = csr_matrix(inputs, dtype=np.float32, copy=True)
    sure.data = 1 + np.float32(CONFIDENCE) * sure.data
    # Conjugate gradients, as many threads of BLAS would only wait for one another.
    with threadpool_limits(1, "blas"):
        model = AlternatingLeastSquares(
            factors=FACTORS,
            regularization=PENALTY,
            alpha=1.0,
            iterations=ITERATIONS,
            num_threads=1,
            random_state=SEED,
        )
        model.fit(sure, show_progress=False)
    return make_factors(model.item_factors, PENALTY)


def make_factors(factors: NDArray[Any], penalty: float, *, is_scaled: bool = False) -> AlsFactors:
    """Factors with what scoring needs of all of them."""
    found = np.ascontiguousarray(factors, dtype=np.float32)
    doubled = found.astype(np.float64)
    return AlsFactors(found, doubled.T @ doubled, penalty, is_scaled)


@dataclass(frozen=True, slots=True)
class Als:
    """ALS over logarithms of counts."""

    learn_factors: LearnFactors = learn_factors

    @property
    def name(self) -> str:
        """As promised by `Model`."""
        return "als"

    def learn(self, history: History) -> AlsFactors:
        """As promised by `Model`."""
        return self.learn_factors(log_counts(history.counts))
