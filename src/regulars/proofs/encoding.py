"""The canonical encoding, version 1, byte for byte as docs/proofs.md lays it down. Integers are big-endian.

The ledger computes the same in the database (`ledger_encode_entry`); tests compare both.
"""

import hashlib
import re
import struct
from datetime import UTC, datetime, timedelta

from regulars.proofs.types import Checkpoint, Leaf, PublicKey, SealedEntry

EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
LEAF, NODE, LINK, CHECKPOINT, KEY = b"\x00", b"\x01", b"\x02\x01", b"\x03\x01", b"\x04\x01"
"""What is hashed or signed begins with its kind, so that nothing passes for another; then the version."""
_SOURCE = re.compile(r"[a-z_]+:[0-9]{1,18}")
_ACTOR = re.compile(r"[a-z_]+(?::[0-9]{1,18}\Z|(?=:)|\Z)")


def redact_source(source: str) -> str:
    """The source as it is hashed: a kind and a number of this system (`order:17`), or nothing."""
    return source if _SOURCE.fullmatch(source) else ""


def redact_actor(actor: str) -> str:
    """The actor as it is hashed: the kind, and the reference if it is a number (`operator:7`, `import`)."""
    found = _ACTOR.match(actor)
    return found[0] if found else ""


def encode_entry(entry: SealedEntry) -> bytes:
    """The bytes of one entry."""
    return b"".join(
        (
            _int(entry.member_id),
            _text(entry.currency),
            _int(entry.seq),
            _int(entry.posting),
            *map(_text, (entry.kind, entry.debit, entry.credit)),
            *map(_int, (entry.amount, entry.balance_after, entry.pending_after)),
            *map(_int, (entry.held_after, entry.debt_after)),
            *map(encode_instant, (entry.occurred_at, entry.recorded_at)),
            *(
                b"\0" if at is None else b"\1" + encode_instant(at)
                for at in (entry.expires_at, entry.activates_at)
            ),
            b"\0" if entry.awaits is None else b"\1" + _text(entry.awaits),
            b"\1" if entry.sliding else b"\0",
            *(b"\0" if n is None else b"\1" + _int(n) for n in (entry.refers_to, entry.programme_version)),
            *map(_text, (entry.rule, entry.source, entry.actor)),
            struct.pack(">i", len(entry.lots)),
            *(b"\0\0\0\x08" + _int(n) for n in (*entry.lots, *entry.lot_amounts)),
        )
    )


def link_entry(before: bytes, entry: SealedEntry) -> bytes:
    """The link of an entry: SHA-256 over the link before it (or the wallet's start) and the entry."""
    return hashlib.sha256(LINK + before + encode_entry(entry)).digest()


def encode_leaf(leaf: Leaf) -> bytes:
    """The bytes of a leaf, version first."""
    numbers = (leaf.seq, leaf.balance, leaf.pending, leaf.held, leaf.debt)
    return b"\1" + _int(leaf.member_id) + _text(leaf.currency) + b"".join(map(_int, numbers)) + leaf.head


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    """The bytes that are signed, and whose SHA-256 the next checkpoint names."""
    numbers = (checkpoint.number, checkpoint.continues, checkpoint.wallets, checkpoint.entries)
    return b"".join(
        (
            CHECKPOINT,
            *map(_int, numbers),
            encode_instant(checkpoint.sealed_at),
            checkpoint.previous,
            checkpoint.root,
            checkpoint.key_id,
        )
    )


def hash_checkpoint(checkpoint: Checkpoint) -> bytes:
    """What names a checkpoint."""
    return hashlib.sha256(encode_checkpoint(checkpoint)).digest()


def encode_key(key: PublicKey) -> bytes:
    """The bytes that the key before it signs."""
    return KEY + key.public_key + encode_instant(key.created_at)


def encode_instant(at: datetime) -> bytes:
    """Microseconds since 2000-01-01T00:00:00Z, as PostgreSQL counts."""
    return _int((at - EPOCH) // timedelta(microseconds=1))


def _int(number: int) -> bytes:
    return struct.pack(">q", number)


def _text(word: str) -> bytes:
    data = word.encode()
    return struct.pack(">i", len(data)) + data
