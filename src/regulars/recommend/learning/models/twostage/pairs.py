"""Values of pairs of members and items, looked up in sparse matrices."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from regulars.recommend.learning.datasets import NOBODY, Numbers


def group_columns(matrix: Any, groups: NDArray[Any]) -> Any:
    """Sums over the columns of each group, members × groups; columns of no group are left out."""
    known = np.flatnonzero(groups != NOBODY)
    width = int(groups.max(initial=0)) + 1
    ones = np.ones(len(known), dtype=np.float32)
    found = csr_matrix(matrix @ csr_matrix((ones, (known, groups[known])), shape=(matrix.shape[1], width)))
    found.sort_indices()
    return found


def take_greatest(matrix: Any, groups: NDArray[Any]) -> Any:
    """The greatest value over the columns of each group, members × groups, sparse."""
    width = int(groups.max(initial=0)) + 1
    known = groups[matrix.indices] != NOBODY
    rows = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))[known]
    keys, values = rows * width + groups[matrix.indices[known]], matrix.data[known]
    order = np.lexsort((values, keys))
    keys, values = keys[order], values[order]
    last = np.flatnonzero(np.r_[keys[1:] != keys[:-1], True]) if len(keys) else keys
    found = csr_matrix((values[last], (keys[last] // width, keys[last] % width)), (matrix.shape[0], width))
    found.sort_indices()
    return found


def find_pairs(
    matrix: Any, rows: NDArray[Any], columns: NDArray[Any]
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Where each pair stands in the data of a sparse matrix with sorted columns, and whether it does."""
    width = max(matrix.shape[1], 1)
    lines = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    there = lines * width + matrix.indices
    asked = rows.astype(np.int64) * width + columns
    places = np.searchsorted(there, asked)
    found = places < len(there)
    found[found] = there[places[found]] == asked[found]
    return np.where(found, places, 0), found


def take_values(data: NDArray[Any], where: tuple[Any, Any], missing: float = 0.0) -> Numbers:
    """Values at places that `find_pairs` found."""
    places, found = where
    if not len(data):
        return np.full(len(places), missing, dtype=np.float32)
    values: Numbers = np.where(found, data[places], np.float32(missing)).astype(np.float32)
    return values


def look_up(matrix: Any, rows: NDArray[Any], columns: NDArray[Any], missing: float = 0.0) -> Numbers:
    """The value of each pair; of pairs that are not there, and of columns `NOBODY`, `missing`."""
    return take_values(matrix.data, find_pairs(matrix, rows, columns), missing)
