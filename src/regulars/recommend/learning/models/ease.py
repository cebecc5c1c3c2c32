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
class EaseFit:
    """What was learnt: `taken` is XP (dual: dense members × items) or P itself (primal: items × items).

    `inputs` is X; `diagonal` is Pⱼⱼ.
    """

    inputs: Any
    taken: Numbers
    diagonal: Numbers
    penalty: float
    is_dual: bool

    def score(self, members: NDArray[Any]) -> Numbers:
        """As promised by `Fitted`."""
        inputs = self.inputs[members]
        passed = self.taken[members] if self.is_dual else np.asarray(inputs @ self.taken)
        scores: Numbers = np.asarray(passed / -self.diagonal, dtype=np.float32)
        rows = np.repeat(np.arange(len(members)), np.diff(inputs.indptr))
        scores[rows, inputs.indices] += inputs.data
        return scores

    def weigh(self, items: NDArray[Any]) -> Numbers:
        """What buying any item (rows) says of each of `items` (columns): those columns of B."""
        weights: Numbers = self.precise(items) / -self.diagonal[items]
        weights[items, np.arange(len(items))] = 0
        return weights

    def precise(self, items: NDArray[Any]) -> Numbers:
        """Columns of P; what stands on its diagonal means nothing here, `diagonal` has it."""
        if not self.is_dual:
            return self.taken[:, items]
        found = np.asarray(self.inputs.T @ self.taken[:, items], dtype=np.float32)
        passed: Numbers = found / np.float32(-self.penalty)
        return passed


@dataclass(frozen=True, slots=True)
class Ease:
    """EASE over logarithms of counts: a second purchase says less than the first."""

    penalty: float = LAMBDA

    @property
    def name(self) -> str:
        """As promised by `Model`."""
        return "ease"

    def fit(self, history: History) -> EaseFit:
        """As promised by `Model`."""
        inputs = history.counts.copy()
        inputs.data = np.log1p(inputs.data)
        return fit_ease(inputs, self.penalty)


def fit_ease(inputs: Any, penalty: float, *, is_dual: bool | None = None) -> EaseFit:
    """EASE of a sparse members × items; the dual where members (with anything) are fewer than items."""
    inputs = csr_matrix(inputs, dtype=np.float32)
    if is_dual is None:
        is_dual = int(np.count_nonzero(np.diff(inputs.indptr))) < inputs.shape[1]
    return _fit_dual(inputs, penalty) if is_dual else _fit_primal(inputs, penalty)


def _fit_dual(inputs: Any, penalty: float) -> EaseFit:
    some = np.flatnonzero(np.diff(inputs.indptr))
    rows = inputs[some]
    inverse = _invert(_multiply(rows), penalty)
    taken = np.zeros(inputs.shape, dtype=np.float32)
    # (XᵀK⁻¹)ᵀ: sparse by dense, a block of columns at a time to spare a second copy of all.
    across = rows.T.tocsr()
    for start in range(0, inputs.shape[1], CHUNK):
        taken[some, start : start + CHUNK] = (across[start : start + CHUNK] @ inverse).T
    kept = np.asarray(inputs.multiply(taken).sum(axis=0)).ravel()
    return EaseFit(inputs, taken, ((1 - kept) / penalty).astype(np.float32), penalty, is_dual=True)


def _fit_primal(inputs: Any, penalty: float) -> EaseFit:
    inverse = _invert(_multiply(inputs.T.tocsr()), penalty)
    return EaseFit(inputs, inverse, np.diagonal(inverse).copy(), penalty, is_dual=False)


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
        return matrix
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
    found: Numbers = inverse
    return found
