"""Merkle trees as in RFC 6962, section 2.1: a lone last node goes up unchanged."""

import hashlib
from collections.abc import Iterable, Sequence

from regulars.proofs.encoding import LEAF, NODE, encode_leaf
from regulars.proofs.types import HASH_BYTES, Leaf

BLOCK_LEAVES = 256
"""Of each so many leaves the node above them is kept with the checkpoint; a power of two."""
EMPTY_ROOT = hashlib.sha256(b"").digest()


def hash_leaf(leaf: Leaf) -> bytes:
    """The leaf's node."""
    return hashlib.sha256(LEAF + encode_leaf(leaf)).digest()


def hash_nodes(left: bytes, right: bytes) -> bytes:
    """The node above two."""
    return hashlib.sha256(NODE + left + right).digest()


def fold(nodes: Sequence[bytes]) -> bytes:
    """The root above a row of nodes."""
    row = list(nodes)
    if not row:
        return EMPTY_ROOT
    while len(row) > 1:
        row = [
            hash_nodes(*row[at : at + 2]) if at + 1 < len(row) else row[at] for at in range(0, len(row), 2)
        ]
    return row[0]


def split(data: bytes) -> list[bytes]:
    """Hashes that were written one after the other."""
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def find_path(nodes: Sequence[bytes], index: int) -> list[bytes]:
    """The siblings from a node up to the root, lowest first."""
    row, path = list(nodes), []
    while len(row) > 1:
        sibling = index ^ 1
        if sibling < len(row):
            path.append(row[sibling])
        row = [
            hash_nodes(*row[at : at + 2]) if at + 1 < len(row) else row[at] for at in range(0, len(row), 2)
        ]
        index //= 2
    return path


def climb(node: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """The root that a path leads to from the leaf `index` of `size`; None where the path does not fit."""
    if not 0 <= index < size:
        return None
    siblings, last = iter(path), size - 1
    while last:
        if index % 2 or index < last:
            sibling = next(siblings, None)
            if sibling is None:
                return None
            node = hash_nodes(sibling, node) if index % 2 else hash_nodes(node, sibling)
        index, last = index // 2, last // 2
    return node if next(siblings, None) is None else None


class Tree:
    """A tree that is kept: leaves change and are added, and only what lies above them is hashed again.

    64 bytes a leaf: 64 MB for a million wallets.
    """

    def __init__(self) -> None:
        self.rows: list[bytearray] = [bytearray()]

    def __len__(self) -> int:
        return len(self.rows[0]) // HASH_BYTES

    def update(self, changes: Iterable[tuple[int, bytes]]) -> None:
        """Set leaves, in ascending order; new ones follow on the last without a gap, else IndexError."""
        dirty: list[int] = []
        row = self.rows[0]
        for index, node in changes:
            if index * HASH_BYTES > len(row):
                raise IndexError(index)
            row[index * HASH_BYTES : (index + 1) * HASH_BYTES] = node
            dirty.append(index)
        level = 0
        while len(self.rows[level]) > HASH_BYTES:
            if level + 1 == len(self.rows):
                self.rows.append(bytearray())
                dirty = list(range(len(self.rows[level]) // HASH_BYTES))
            dirty = self._raise(level, dirty)
            level += 1

    def _raise(self, level: int, dirty: list[int]) -> list[int]:
        below, above = self.rows[level], self.rows[level + 1]
        parents = list(dict.fromkeys(index // 2 for index in dirty))
        for parent in parents:
            at = parent * 2 * HASH_BYTES
            pair = below[at : at + 2 * HASH_BYTES]
            node = hashlib.sha256(NODE + pair).digest() if len(pair) > HASH_BYTES else pair
            above[parent * HASH_BYTES : (parent + 1) * HASH_BYTES] = node
        return parents

    @property
    def root(self) -> bytes:
        """The root of the leaves so far."""
        return bytes(self.rows[-1]) if self.rows[0] else EMPTY_ROOT

    @property
    def blocks(self) -> bytes:
        """The nodes above each BLOCK_LEAVES leaves, one after the other."""
        level = BLOCK_LEAVES.bit_length() - 1
        return bytes(self.rows[min(level, len(self.rows) - 1)])
