"""A member's statement: every entry, the balances, and the way from them to a signed root."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from regulars.kit.ids import MemberId
from regulars.ledger.queries.seals import find_checkpoint, list_signing_keys, read_blocks
from regulars.proofs import facade as proofs
from regulars.proofs.facade import BLOCK_LEAVES, ENCODING, Checkpoint, SealedEntry

ENTRIES_PER_READ = 1_000
_WALLETS = """
    SELECT w.currency, w.version, h.leaf, h.start, s.seq
    FROM ledger_wallet w
    LEFT JOIN ledger_head h ON h.member_id = w.member_id AND h.currency = w.currency
    LEFT JOIN LATERAL (
        SELECT seq FROM ledger_seal r
        WHERE r.member_id = w.member_id AND r.currency = w.currency AND r.checkpoint <= %s
        ORDER BY seq DESC LIMIT 1
    ) AS s ON true
    WHERE w.member_id = %s AND w.version > 0 ORDER BY w.currency
"""
_ENTRIES = """
    SELECT member_id, currency, seq, posting, kind, debit, credit, amount, balance_after, pending_after,
        held_after, debt_after, occurred_at, recorded_at, expires_at, activates_at, awaits, sliding,
        refers_to, programme_version, rule, source, actor, lots, lot_amounts
    FROM ledger_journal WHERE member_id = %s AND currency = %s AND seq > %s AND seq <= %s
    ORDER BY seq LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class _Wallet:
    currency: str
    version: int
    leaf: int | None
    start: bytes | None
    sealed: int


def write_statement(member_id: MemberId, now: datetime) -> Iterator[str]:
    """The statement as parts of one JSON text, in the form of docs/proofs.md; a thousand entries in memory.

    What came after the last checkpoint is listed apart. Before the first one, `checkpoint` is null. It holds
    what is hashed and nothing else: no reasons, no texts of the shop's.
    """
    checkpoint = find_checkpoint()
    head: dict[str, Any] = {
        "format": proofs.STATEMENT_FORMAT,
        "encoding": ENCODING,
        "member_id": member_id,
        "issued_at": proofs.write_instant(now),
        "checkpoint": proofs.write_checkpoint(checkpoint) if checkpoint else None,
        "keys": [proofs.write_key(key) for key in list_signing_keys()] if checkpoint else [],
    }
    yield json.dumps(head, indent=1)[:-2] + ',\n "wallets": ['
    for place, wallet in enumerate(_list_wallets(member_id, checkpoint)):
        yield ("," if place else "") + "\n  " + _open_wallet(wallet, checkpoint)
        yield from _write_entries(member_id, wallet.currency, 0, wallet.sealed)
        yield '],\n   "later_entries": ['
        yield from _write_entries(member_id, wallet.currency, wallet.sealed, wallet.version)
        yield "]}"
    yield "\n ]\n}\n"


def _list_wallets(member_id: MemberId, checkpoint: Checkpoint | None) -> list[_Wallet]:
    with connection.cursor() as cursor:
        cursor.execute(_WALLETS, [checkpoint.number if checkpoint else 0, member_id])
        return [
            _Wallet(currency, version, leaf if seq else None, bytes(start) if seq else None, seq or 0)
            for currency, version, leaf, start, seq in cursor.fetchall()
        ]


def _open_wallet(wallet: _Wallet, checkpoint: Checkpoint | None) -> str:
    path = _find_path(checkpoint, wallet.leaf) if checkpoint and wallet.leaf is not None else []
    told = {
        "currency": wallet.currency,
        "start": wallet.start.hex() if wallet.start else None,
        "leaf": wallet.leaf,
        "path": [node.hex() for node in path],
    }
    return json.dumps(told)[:-1] + ',\n   "entries": ['


def _find_path(checkpoint: Checkpoint, leaf: int) -> Sequence[bytes]:
    """The siblings of a leaf: within its block from the leaves as they were, above it from the kept nodes."""
    block = leaf // BLOCK_LEAVES
    first = block * BLOCK_LEAVES
    with connection.cursor() as cursor:
        reach = [checkpoint.number, first, min(first + BLOCK_LEAVES, checkpoint.wallets)]
        cursor.execute("SELECT node FROM ledger_leaves_at(%s, %s, %s)", reach)
        leaves = [bytes(node) for (node,) in cursor.fetchall()]
    above = proofs.find_path(read_blocks(checkpoint.number), block)
    return [*proofs.find_path(leaves, leaf - first), *above]


def _write_entries(member_id: MemberId, currency: str, after: int, last: int) -> Iterator[str]:
    written = 0
    while after < last:
        with connection.cursor() as cursor:
            cursor.execute(_ENTRIES, [member_id, currency, after, last, ENTRIES_PER_READ])
            entries = [read_sealed_entry(row) for row in cursor.fetchall()]
        if not entries:
            return
        lines = [json.dumps(proofs.write_entry(entry), ensure_ascii=False) for entry in entries]
        yield ("," if written else "") + "\n    " + ",\n    ".join(lines)
        written += len(entries)
        after = entries[-1].seq


def read_sealed_entry(row: Sequence[Any]) -> SealedEntry:
    """A row of the journal with the columns of a statement, reduced to what is hashed."""
    *most, source, actor, lots, amounts = row
    most += [proofs.redact_source(source), proofs.redact_actor(actor)]
    most += [tuple(lots or ()), tuple(amounts or ())]
    return SealedEntry(*most)
