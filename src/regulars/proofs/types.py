"""What crosses the door: entries as they are hashed, leaves, checkpoints, keys, findings."""

from dataclasses import dataclass
from datetime import datetime

ENCODING = 1
"""The version of the canonical encoding. A later one would be signed beside it, never in its place."""
HASH_BYTES = 32


@dataclass(frozen=True, slots=True)
class SealedEntry:
    """One journal entry, with exactly the fields that are hashed. Times are aware, exact to microseconds."""

    member_id: int
    currency: str
    seq: int
    posting: int
    kind: str
    debit: str
    credit: str
    amount: int
    balance_after: int
    pending_after: int
    held_after: int
    debt_after: int
    occurred_at: datetime
    recorded_at: datetime
    expires_at: datetime | None
    activates_at: datetime | None
    awaits: str | None
    sliding: bool
    refers_to: int | None
    programme_version: int | None
    rule: str
    source: str
    actor: str
    lots: tuple[int, ...]
    lot_amounts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Leaf:
    """A wallet in the tree: how far it is sealed, the balances there, and the head of its chain."""

    member_id: int
    currency: str
    seq: int
    balance: int
    pending: int
    held: int
    debt: int
    head: bytes


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that signs checkpoints. `endorsement`: the signature of the key before it, `predecessor`."""

    key_id: bytes
    public_key: bytes
    created_at: datetime
    predecessor: bytes | None = None
    endorsement: bytes | None = None


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """One signed root. `continues` is the checkpoint whose state it continues: an older one after a restore.

    `wallets` is the number of leaves, `entries` the number of entries behind them.
    """

    number: int
    continues: int
    wallets: int
    entries: int
    sealed_at: datetime
    previous: bytes
    root: bytes
    key_id: bytes
    signature: bytes = b""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: whether it holds, in one sentence."""

    holds: bool
    sentence: str
