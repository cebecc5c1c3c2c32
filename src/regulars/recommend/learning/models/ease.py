"""EASE: items from items, in closed form (Steck 2019, "Embarrassingly shallow autoencoders for sparse data").

With X members × items and P = (XᵀX + λI)⁻¹, the weights are Bᵢⱼ = −Pᵢⱼ / Pⱼⱼ and 0 on the diagonal, so that
scores are XB = X − XP · diag(1/Pⱼⱼ). Two ways to the same: the primal inverts items × items; the dual inverts
members × members, since XP = (XXᵀ + λI)⁻¹X (Woodbury), and is taken where members are fewer.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg.lapack import spotrf, spotri
from scipy.sparse import csr_matrix

from regulars.recommend.learning.datasets import History, Numbers

LAMBDA = 500.0
CHUNK = 512
"""Items whose weights are worked out at once."""


@dataclass(frozen=True, slots=True)
class EaseWeights:
    """What items say of items. Primal: `inverse` is P, items × items. Dual: `inverse` is (XXᵀ + λI)⁻¹ of the
    members who taught, `members` their numbers, rising, and `across` Xᵀ; it scores no others.

    `diagonal` is Pⱼⱼ. Each score is a sum in the order of items (dual: of members), whoever is asked about
    beside: the same wherever it is worked out.
    """

    inverse: Numbers
    diagonal: Numbers
    penalty: float
    members: NDArray[np.int64] | None = None
    across: Any = None

    @property
    def size(self) -> int:
        """How many items there are."""
        return len(self.diagonal)

    @property
    def is_dual(self) -> bool:
        """Whether members × members was inverted."""
        return self.members is not None

    def over(self, history: History) -> "EaseFit":
        """As promised by `Learnt`."""
        return self.of(log_counts(history.counts), history.dataset.member_ids)

    def of(self, inputs: Any, member_ids: NDArray[np.int64]) -> "EaseFit":
        """The same for the rows of a sparse members × items."""
        return EaseFit(self, inputs, member_ids)

    def pass_on(self, inputs: Any, member_ids: NDArray[np.int64]) -> Numbers:
        """XP of some rows, dense."""
        if self.members is None:
            return np.asarray(inputs @ self.inverse)
        some = np.flatnonzero(np.diff(inputs.indptr))
        places = np.searchsorted(self.members, member_ids[some])
        if not np.array_equal(self.members[np.minimum(places, len(self.members) - 1)], member_ids[some]):
            raise ValueError("the dual of EASE scores those it was learnt of, and no others")
        passed = np.zeros(inputs.shape, dtype=np.float32)
        passed[some] = (self.across @ self.inverse[:, places]).T
        return passed

    def weigh(self, items: NDArray[Any]) -> Numbers:
        """What buying any item (rows) says of each of `items` (columns): those columns of B."""
        weights: Numbers = self.precise(items) / -self.diagonal[items]
        weights[items, np.arange(len(items))] = 0
        return weights

    def say(self, items: NDArray[Any]) -> Numbers:
        """What buying each of `items` (rows) says of any item: those rows of B, but for its diagonal."""
        said: Numbers = self.precise(items).T / -self.diagonal
        return said

    def precise(self, items: NDArray[Any]) -> Numbers:
        """Columns of P; what stands on its diagonal means nothing here, `diagonal` has it."""
        if not self.is_dual:
            columns: Numbers = self.inverse[items].T
            return columns
        found = np.asarray(self.across @ (self.across[items] @ self.inverse).T, dtype=np.float32)
        passed: Numbers = found / np.float32(-self.penalty)
        return passed


@dataclass(frozen=True, slots=True)
class EaseFit:
    """Weights over the rows of `inputs`, X, whose members are `member_ids`."""

    weights: EaseWeights
    inputs: Any
    member_ids: NDArray[np.int64]

    def score(self, members: NDArray[Any]) -> Numbers:
        """As promised by `Fitted`."""
        inputs = self.inputs[members]
        scores: Numbers = self.weights.pass_on(inputs, self.member_ids[members])
        scores /= -self.weights.diagonal
        rows = np.repeat(np.arange(len(members)), np.diff(inputs.indptr))
        scores[rows, inputs.indices] += inputs.data
        return scores


@dataclass(frozen=True, slots=True)
class Ease:
    """EASE over logarithms of counts: a second purchase says less than the first."""

    penalty: float = LAMBDA
    is_dual: bool | None = None

    @property
    def name(self) -> str:
        """As promised by `Model`."""
        return "ease"

    def learn(self, history: History) -> EaseWeights:
        """As promised by `Model`; by the dual where members (with anything) are fewer than items."""
        ids = history.dataset.member_ids
        return learn_ease(log_counts(history.counts), ids, self.penalty, is_dual=self.is_dual)


def log_counts(counts: Any) -> Any:
    """Logarithms of a sparse matrix's values, each with one added."""
    inputs = counts.copy()
    inputs.data = np.log1p(inputs.data)
    return inputs


def learn_ease(
    inputs: Any, member_ids: NDArray[np.int64], penalty: float, *, is_dual: bool | None = None
) -> EaseWeights:
    """EASE of a sparse members × items; the dual where members (with anything) are fewer than items.

    Members' numbers rise. Raises ValueError where the matrix cannot be inverted.
    """
    inputs = csr_matrix(inputs, dtype=np.float32)
    if is_dual is None:
        is_dual = int(np.count_nonzero(np.diff(inputs.indptr))) < inputs.shape[1]
    return _learn_dual(inputs, member_ids, penalty) if is_dual else _learn_primal(inputs, penalty)


def _learn_dual(inputs: Any, member_ids: NDArray[np.int64], penalty: float) -> EaseWeights:
    some = np.flatnonzero(np.diff(inputs.indptr))
    rows = inputs[some]
    inverse = _invert(_multiply(rows), penalty)
    across = rows.T.tocsr()
    kept = np.zeros(inputs.shape[1], dtype=np.float32)
    # Σₘ Xₘⱼ (XP)ₘⱼ of a block of columns at a time, to spare a dense members × items.
    for start in range(0, inputs.shape[1], CHUNK):
        block = across[start : start + CHUNK]
        kept[start : start + CHUNK] = np.asarray(block.multiply(block @ inverse).sum(axis=1)).ravel()
    diagonal = ((1 - kept) / penalty).astype(np.float32)
    return EaseWeights(inverse, diagonal, penalty, member_ids[some], across)


def _learn_primal(inputs: Any, penalty: float) -> EaseWeights:
    inverse = _invert(_multiply(inputs.T.tocsr()), penalty)
    return EaseWeights(inverse, np.diagonal(inverse).copy(), penalty)


def _multiply(rows: Any) -> Numbers:
    """RRᵀ of a sparse R, dense: by blocks of columns, as a sparse one would take thrice the memory."""
    gram = np.empty((rows.shape[0], rows.shape[0]), dtype=np.float32, order="F")
    for start in range(0, rows.shape[0], CHUNK):
        gram[:, start : start + CHUNK] = (rows @ rows[start : start + CHUNK].T).toarray()
    return gram


def _invert(gram: NDArray[Any], penalty: float) -> Numbers:
    """(G + λI)⁻¹ by Cholesky in place: half the work of a general inverse, and no second copy of it."""
    matrix = np.asfortranarray(gram, dtype=np.float32)
    matrix[np.diag_indices_from(matrix)] += np.float32(penalty)
    if not len(matrix):
        return np.ascontiguousarray(matrix)
    factor, failed = spotrf(matrix, lower=1, overwrite_a=1)
    if failed:
        raise ValueError(
            f"the matrix of EASE is not positive definite at {failed}: is λ = {penalty} above 0?"
        )
    inverse, failed = spotri(factor, lower=1, overwrite_c=1)
    if failed:
        raise ValueError(f"the matrix of EASE has no inverse: a pivot of nought at {failed}")
    for start in range(0, len(inverse), CHUNK):
        block = inverse[start:, start : start + CHUNK]
        # The upper half mirrors the lower one.
        inverse[start : start + CHUNK, start + block.shape[1] :] = block[block.shape[1] :].T
        square = block[: block.shape[1]]
        upper = np.triu_indices(len(square), 1)
        square[upper] = square.T[upper]
    # Row by row in memory, which is what sparse products read without a second copy of it; it is symmetric.
    found: Numbers = inverse.T
    return found
