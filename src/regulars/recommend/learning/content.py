"""What is like an item by what is written on it, for items that too few have bought to tell otherwise."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack

from regulars.recommend.learning.datasets import NOBODY, Items, Numbers
from regulars.recommend.learning.models.base import take_best

WORD = re.compile(r"\w{2,}")
CATEGORY, DEPARTMENT, BRAND, WORDS = 1.0, 0.5, 0.3, 0.7
"""How much of a likeness each is worth; the squares of what two items share add up."""
CHUNK = 512


def find_alike(
    items: Items, asked: NDArray[Any], known: NDArray[Any], count: int
) -> Iterator[tuple[NDArray[Any], NDArray[np.int32], Numbers]]:
    """For each of the `asked` items the most alike of the `known` ones: places, best first, with cosines.

    In blocks (asked items, their lists, cosines); `NOBODY` where nothing more is alike. Words count by how
    rare they are (inverse document frequency: Spärck Jones 1972).
    """
    rows = _describe(items)
    others = rows[known].T.tocsr()
    for start in range(0, len(asked), CHUNK):
        block = asked[start : start + CHUNK]
        alike = (rows[block] @ others).toarray().astype(np.float32)
        alike[block[:, None] == known[None, :]] = -np.inf
        best = take_best(alike, count)
        told = np.take_along_axis(alike, best, axis=1)
        yield block, np.where(told > 0, known[best], NOBODY).astype(np.int32), np.maximum(told, 0)


def _describe(items: Items) -> Any:
    """Items × what is written on them; each row of length 1."""
    parts = [
        _write_codes(items.categories) * CATEGORY,
        _write_codes(items.departments) * DEPARTMENT,
        _write_codes(items.brands) * BRAND,
        _write_words(items.names) * WORDS,
    ]
    rows = csr_matrix(hstack(parts))
    return _level(rows)


def _write_codes(codes: NDArray[np.int32]) -> Any:
    known = np.flatnonzero(codes != NOBODY)
    shape = (len(codes), int(codes.max(initial=0)) + 1)
    return csr_matrix((np.ones(len(known), dtype=np.float32), (known, codes[known])), shape=shape)


def _write_words(names: Any) -> Any:
    vocabulary: dict[str, int] = {}
    rows: list[int] = []
    columns: list[int] = []
    for row, name in enumerate(names):
        for word in set(WORD.findall(name.casefold())):
            rows.append(row)
            columns.append(vocabulary.setdefault(word, len(vocabulary)))
    ones = np.ones(len(rows), dtype=np.float32)
    found = csr_matrix((ones, (rows, columns)), shape=(len(names), max(len(vocabulary), 1)))
    used = np.bincount(found.indices, minlength=found.shape[1])
    found.data *= np.log1p(len(names) / np.maximum(used, 1)).astype(np.float32)[found.indices]
    return _level(found)


def _level(rows: Any) -> Any:
    length = np.sqrt(np.asarray(rows.multiply(rows).sum(axis=1)).ravel())
    return csr_matrix(rows.multiply(1 / np.maximum(length, 1e-12)[:, None]))
