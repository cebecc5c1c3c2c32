"""Whether every signed root follows from what is sealed. That links follow from entries, `prove` says."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from regulars.ledger.queries.seals import (
    list_checkpoints,
    list_local_keys,
    list_signing_keys,
    read_blocks,
)
from regulars.ledger.types import SealProof
from regulars.proofs import facade as proofs
from regulars.proofs.facade import BLOCK_LEAVES, Checkpoint, Tree

ROWS_PER_FETCH = 10_000
NAMED_MAX = 5
# What each checkpoint changed: the last run of a wallet that it covers is the wallet's leaf.
_CHANGES = """
    SELECT s.checkpoint, h.leaf, octet_length(s.links) / 32 AS number,
        sha256('\\x00'::bytea || ledger_encode_leaf(s.member_id, s.currency, s.seq, s.balance, s.pending,
            s.held, s.debt, substr(s.links, octet_length(s.links) - 31)))
    FROM ledger_seal s JOIN ledger_head h USING (member_id, currency)
    WHERE s.checkpoint <= %s
    ORDER BY s.checkpoint, h.leaf, s.seq
"""
_SUSPECTS = """
    SELECT s.member_id, s.currency, min(s.seq - octet_length(s.links) / 32 + 1), max(s.seq)
    FROM ledger_seal s JOIN ledger_head h USING (member_id, currency)
    WHERE s.checkpoint > %s AND s.checkpoint <= %s AND h.leaf / %s = ANY(%s)
    GROUP BY s.member_id, s.currency ORDER BY 1, 2 LIMIT %s
"""


def prove_seals(*, trusted: Sequence[bytes] = ()) -> SealProof:
    """Verify all checkpoints against the keys of this machine and `trusted` public keys, and their roots.

    Everything stored is read from one snapshot. Memory: 64 bytes for each wallet, the tree.
    """
    problems: list[str] = []
    try:
        local = list_local_keys()
    except proofs.DocumentUnusable as refusal:
        local, problems = [], [refusal.detail]
    ring = [*(key.public_key for key in local), *trusted]
    with transaction.atomic():
        checkpoints = list_checkpoints()
        if checkpoints:
            found = proofs.check_checkpoints(checkpoints, [*local, *list_signing_keys()], ring)
            problems += [one.sentence for one in found if not one.holds]
            notices = tuple(one.sentence for one in found if one.holds)[1 if not problems else 0 :]
        else:
            notices = ()
        problems += _compare_published(checkpoints)
        problems += _find_orphans(checkpoints)
        wrong = _prove_roots(checkpoints)
        problems += [wrong] if wrong else []
    last = checkpoints[-1] if checkpoints else None
    return SealProof(
        checkpoints=len(checkpoints),
        wallets=last.wallets if last else 0,
        entries=last.entries if last else 0,
        problems=tuple(problems),
        notices=notices,
    )


def _compare_published(checkpoints: Sequence[Checkpoint]) -> Iterator[str]:
    stored = {one.number: one for one in checkpoints}
    for number, file in proofs.list_checkpoint_files(Path(settings.CHECKPOINTS_DIR)).items():
        try:
            published = proofs.read_checkpoint(proofs.read_file(file))
        except proofs.DocumentUnusable as refusal:
            yield f"{file.name}: {refusal.detail}"
            continue
        if number not in stored:
            yield f"Checkpoint {number} was published and is missing in the database."
        elif stored[number] != published:
            yield f"Checkpoint {number} is another one in the database than was published."


def _find_orphans(checkpoints: Sequence[Checkpoint]) -> Iterator[str]:
    """Seals name the checkpoint that covers them: at most the one that comes next."""
    last = checkpoints[-1].number if checkpoints else 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(checkpoint) FROM ledger_seal")
        (named,) = cursor.fetchone()
    if named is not None and named > last + 1:
        yield f"Entries are sealed for checkpoint {named}, and the last one is {last or 'missing'}."


def _prove_roots(checkpoints: Sequence[Checkpoint]) -> str:
    """The first checkpoint whose root does not follow, and where; empty where all follow."""
    if not checkpoints:
        return ""
    lost = {n for one in checkpoints for n in range(one.continues + 1, one.number)}
    tree, entries, before = Tree(), 0, 0
    changes = _read_changes(checkpoints[-1].number)
    upcoming = next(changes, None)
    for checkpoint in checkpoints:
        if checkpoint.number in lost:
            continue
        while upcoming is not None and upcoming[0] <= checkpoint.number:
            try:
                entries += _apply(tree, upcoming[1])
            except IndexError:
                return (
                    f"Checkpoint {checkpoint.number}: a leaf has no place, the seals of a wallet are missing."
                )
            upcoming = next(changes, None)
        if (len(tree), entries) != (checkpoint.wallets, checkpoint.entries):
            return (
                f"Checkpoint {checkpoint.number} covers {checkpoint.entries:,} entries of "
                f"{checkpoint.wallets:,} wallets, and {entries:,} of {len(tree):,} are sealed: "
                f"{_name_suspects(tree, before, checkpoint)}."
            )
        if tree.root != checkpoint.root:
            return (
                f"Checkpoint {checkpoint.number}: its signed root does not follow from what is sealed; "
                f"rewritten is {_name_suspects(tree, before, checkpoint)}."
            )
        before = checkpoint.number
    return ""


def _apply(tree: Tree, changes: Iterable[tuple[int, int, bytes]]) -> int:
    """Take over what a checkpoint changed; the number of entries behind it."""
    entries = 0

    def leaves() -> Iterator[tuple[int, bytes]]:
        nonlocal entries
        for leaf, number, node in changes:
            entries += number
            yield leaf, node

    tree.update(leaves())
    return entries


def _read_changes(last: int) -> Iterator[tuple[int, Iterator[tuple[int, int, bytes]]]]:
    """What changed, checkpoint by checkpoint, as a stream."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(_CHANGES, [last])
        rows = (row for batch in iter(lambda: cursor.fetchmany(ROWS_PER_FETCH), []) for row in batch)
        for number, group in groupby(rows, key=lambda row: row[0]):
            yield number, ((leaf, count, bytes(node)) for _, leaf, count, node in group)


def _name_suspects(tree: Tree, before: int, checkpoint: Checkpoint) -> str:
    """Where the wrong part may be: what was sealed since the last right root, in blocks that differ."""
    signed, stored = read_blocks(checkpoint.number), proofs.split(tree.blocks)
    whole = range(max(len(signed), len(stored)))
    is_kept = proofs.fold(signed) == checkpoint.root
    blocks = [n for n in whole if not is_kept or signed[n : n + 1] != stored[n : n + 1]]
    with connection.cursor() as cursor:
        cursor.execute(_SUSPECTS, [before, checkpoint.number, BLOCK_LEAVES, blocks, NAMED_MAX + 1])
        rows = cursor.fetchall()
    if not rows:
        return "a wallet whose seals are gone"
    named = [f"member {member}, {currency}, entries {low} to {high}" for member, currency, low, high in rows]
    more = ", or others" if len(named) > NAMED_MAX else ""
    return "; or ".join(named[:NAMED_MAX]) + more


def last_sealed_at() -> datetime | None:
    """When the last checkpoint was made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(sealed_at) FROM ledger_checkpoint")
        found: datetime | None = cursor.fetchone()[0]
    return found
