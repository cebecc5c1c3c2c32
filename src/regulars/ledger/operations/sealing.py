"""Sealing: chains are extended, all heads are gathered into a tree, its root is signed and published."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from regulars.kit.actor import Actor
from regulars.ledger.errors import CheckpointsDiverge
from regulars.ledger.operations.signing_keys import open_signing_key, write_new
from regulars.ledger.queries.seals import (
    find_checkpoint,
    find_published,
    list_checkpoints,
    list_local_keys,
    list_signing_keys,
    lock_sealing,
)
from regulars.ledger.types import SealReport
from regulars.proofs import facade as proofs
from regulars.proofs.facade import BLOCK_LEAVES, ENCODING, NOTHING, Checkpoint, SigningKey
from regulars.trail.facade import record_audit

WALLETS_PER_STEP = 2_500
ENTRIES_PER_STEP = 2_500
LEAVES_PER_READ = 16 * BLOCK_LEAVES
"""A step or a read takes some hundredths of a second."""
QUIET_SHARE = 0.04
"""Beside postings: of two processors that are busy with them, this takes a fiftieth at most."""
_LOWEST = -(2**63)
_STEP = "SELECT wallets, entries, broken, member_id, currency, more FROM ledger_seal_step(%s, %s, %s, %s, %s)"
_INSERT = """
    INSERT INTO ledger_checkpoint (number, continues, wallets, entries, sealed_at, encoding, previous, root,
        key_id, signature, blocks, is_lost)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the next checkpoint goes: its number, the one it continues, and what it names as before it."""

    number: int
    continues: int
    previous: bytes
    sealed_at: datetime


def seal_ledger(
    *, actor: Actor, now: datetime, after_restore: bool = False, share: float = 1.0
) -> SealReport:
    """Seal what was posted since, and sign a checkpoint over all wallets; many short transactions, then one.

    `share` is the part of the time spent at work: below 1 it rests after each step, and postings are spared
    (QUIET_SHARE).
    Where the database has lost checkpoints that were published, `after_restore` says that this is known: the
    next one continues the last that is left, names the last published one before it, and says so, signed.
    Locks: the sealing, for each transaction; no wallet. It may run twice at once, and be killed at any time.
    Raises CheckpointsDiverge, SigningKeyUnusable; RuntimeError within a transaction.
    """
    if after_restore:
        _take_up_lost(actor, now)
    wallets = entries = broken = 0
    for done in _walk(now, share):
        wallets, entries, broken = wallets + done[0], entries + done[1], broken + done[2]
    with transaction.atomic(durable=True):
        lock_sealing()
        place = _find_place(now)
        checkpoint = _sign(place, open_signing_key(now), share)
    publish_checkpoints()
    return SealReport(
        checkpoint=checkpoint.number,
        wallets=wallets,
        entries=entries,
        covered=checkpoint.entries,
        broken=broken,
        root=checkpoint.root,
        key_id=checkpoint.key_id,
    )


def publish_checkpoints(directory: Path | None = None) -> list[Path]:
    """Write the files of checkpoints and keys that are missing in the directory; none is ever written over.

    By default the directory is the setting CHECKPOINTS_DIR. Gives the files written.
    """
    target = directory or Path(settings.CHECKPOINTS_DIR)
    target.mkdir(parents=True, exist_ok=True)
    there = proofs.list_checkpoint_files(target)
    documents = {
        proofs.name_checkpoint_file(one.number): proofs.write_checkpoint(one)
        for one in list_checkpoints()
        if one.number not in there
    }
    for key in list_signing_keys():
        name = f"key-{key.key_id.hex()}.json"
        if not (target / name).exists():
            documents[name] = proofs.write_key(key)
    for name, document in documents.items():
        write_new(target / name, (json.dumps(document, indent=2) + "\n").encode(), 0o644)
    return [target / name for name in documents]


def _walk(now: datetime, share: float) -> Iterator[tuple[int, int, int]]:
    """Extend the chains, page by page: wallets and entries sealed, wallets broken."""
    member, currency, more = _LOWEST, "", True
    while more:
        began = time.monotonic()
        with transaction.atomic(durable=True), connection.cursor() as cursor:
            lock_sealing()
            # What a crash takes away is sealed anew; the checkpoint's own commit waits for all of it.
            cursor.execute("SET LOCAL synchronous_commit = off")
            number = _find_place(now).number
            cursor.execute(_STEP, [number, member, currency, WALLETS_PER_STEP, ENTRIES_PER_STEP])
            wallets, entries, broken, member, currency, more = cursor.fetchone()
        yield wallets, entries, broken
        _rest(began, share)


def _find_place(now: datetime) -> _Place:
    """Where the chain goes on. Raises CheckpointsDiverge where stored and published are not one chain."""
    last, published = find_checkpoint(), find_published()
    number = last.number if last else 0
    if published is not None and published.number > number:
        raise CheckpointsDiverge(
            f"Checkpoint {published.number} was published in {settings.CHECKPOINTS_DIR}, and the database "
            f"ends with {number or 'none'}: something was taken away. After a restore from a backup, seal "
            "with `regulars ledger seal --after-restore`.",
            stored=number,
            published=published.number,
        )
    if published is not None and find_checkpoint(published.number) != published:
        raise CheckpointsDiverge(
            f"Checkpoint {published.number} is another one in the database than was published in "
            f"{settings.CHECKPOINTS_DIR}: one of them was forged.",
            number=published.number,
        )
    sealed_at = max(now, last.sealed_at) if last else now  # clocks may be set back
    previous = proofs.hash_checkpoint(last) if last else NOTHING
    return _Place(number + 1, _find_continued(last), previous, sealed_at)


def _find_continued(last: Checkpoint | None) -> int:
    """The last checkpoint whose state the database holds: none that was taken up again after a loss."""
    if last is None:
        return 0
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(number), 0) FROM ledger_checkpoint WHERE NOT is_lost")
        return int(cursor.fetchone()[0])


def _rest(began: float, share: float) -> None:
    """After some work, leave the machine to others, so that the work was `share` of the time."""
    if share < 1:
        time.sleep((time.monotonic() - began) * (1 / share - 1))


def _sign(place: _Place, key: SigningKey, share: float) -> Checkpoint:
    """Build the tree block by block, sign its root, store the checkpoint."""
    blocks: list[bytes] = []
    wallets = entries = 0
    with connection.cursor() as cursor:
        while True:
            began = time.monotonic()
            # One short statement after the other: no snapshot is held while postings go on.
            reach = [wallets, wallets + LEAVES_PER_READ]
            cursor.execute("SELECT block, leaves, entries FROM ledger_seal_blocks(%s, %s)", reach)
            rows = cursor.fetchall()
            for block, data, count in rows:
                leaves = proofs.split(bytes(data))
                if block != len(blocks) or wallets != block * BLOCK_LEAVES:
                    raise CheckpointsDiverge(
                        f"The heads of the chains have a gap at leaf {wallets}.", leaf=wallets
                    )
                blocks.append(proofs.fold(leaves))
                wallets, entries = wallets + len(leaves), entries + count
            if len(rows) * BLOCK_LEAVES < LEAVES_PER_READ:
                break
            _rest(began, share)
    checkpoint = Checkpoint(
        number=place.number,
        continues=place.continues,
        wallets=wallets,
        entries=entries,
        sealed_at=place.sealed_at,
        previous=place.previous,
        root=proofs.fold(blocks),
        key_id=key.key_id,
    )
    checkpoint = replace(checkpoint, signature=key.sign(proofs.encode_checkpoint(checkpoint)))
    _store(checkpoint, b"".join(blocks))
    return checkpoint


def _store(one: Checkpoint, blocks: bytes, *, is_lost: bool = False) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            _INSERT,
            [
                *(one.number, one.continues, one.wallets, one.entries, one.sealed_at, ENCODING, one.previous),
                *(one.root, one.key_id, one.signature, blocks, is_lost),
            ],
        )


def _take_up_lost(actor: Actor, now: datetime) -> None:
    """Store the published checkpoints that the database has lost, so that the chain goes on behind them."""
    with transaction.atomic(durable=True):
        lock_sealing()
        last = find_checkpoint()
        files = proofs.list_checkpoint_files(Path(settings.CHECKPOINTS_DIR))
        stored = list_checkpoints()
        number = last.number if last else 0
        lost = [proofs.read_checkpoint(proofs.read_file(file)) for n, file in files.items() if n > number]
        if not lost:
            return
        local = list_local_keys()
        trusted = [key.public_key for key in local]
        wrong = [one for one in proofs.check_checkpoints([*stored, *lost], local, trusted) if not one.holds]
        if wrong:
            raise CheckpointsDiverge(
                f"What was published does not continue what is stored. {wrong[0].sentence}"
            )
        for one in lost:
            _store(one, b"", is_lost=True)
        record_audit(
            actor=actor,
            now=now,
            action="ledger.checkpoints_lost",
            subject=f"checkpoint:{lost[0].number}",
            reason=f"After a restore: checkpoints {lost[0].number} to {lost[-1].number} are taken up again.",
        )
