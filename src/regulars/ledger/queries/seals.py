"""What was sealed and signed: checkpoints and keys, in the database and as files beside it."""

from pathlib import Path

from django.conf import settings
from django.db import connection

from regulars.proofs import facade as proofs
from regulars.proofs.facade import Checkpoint, PublicKey

SEALING_LOCK = 0x5EA1
"""One sealing step, checkpoint or rotation at a time; any constant will do."""
_COLUMNS = "number, continues, wallets, entries, sealed_at, previous, root, key_id, signature"


def lock_sealing() -> None:
    """Wait until nobody else seals; until the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SEALING_LOCK])


def list_checkpoints() -> list[Checkpoint]:
    """All checkpoints, first to last."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_COLUMNS} FROM ledger_checkpoint ORDER BY number")  # noqa: S608
        return [_checkpoint(row) for row in cursor.fetchall()]


def find_checkpoint(number: int | None = None) -> Checkpoint | None:
    """The checkpoint of that number, or the last one."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM ledger_checkpoint WHERE %s::bigint IS NULL OR number = %s"  # noqa: S608
            " ORDER BY number DESC LIMIT 1",
            [number, number],
        )
        row = cursor.fetchone()
    return _checkpoint(row) if row else None


def read_blocks(number: int) -> list[bytes]:
    """The nodes above each 256 leaves of a checkpoint's tree."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT blocks FROM ledger_checkpoint WHERE number = %s", [number])
        return proofs.split(bytes(cursor.fetchone()[0]))


def list_signing_keys() -> list[PublicKey]:
    """The public keys that the database knows, oldest first. They prove nothing by being there."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT key_id, public_key, created_at, predecessor, endorsement FROM ledger_signing_key"
            " ORDER BY created_at, key_id"
        )
        return [
            PublicKey(bytes(key_id), bytes(public), at, before and bytes(before), word and bytes(word))
            for key_id, public, at, before, word in cursor.fetchall()
        ]


def list_local_keys() -> list[PublicKey]:
    """The public parts of the keys on this machine, oldest first. Raises DocumentUnusable."""
    files = sorted(Path(settings.SIGNING_DIR).glob("[0-9a-f]*.json"))
    keys = [proofs.read_key(proofs.read_file(file)) for file in files]
    return sorted(keys, key=lambda key: (key.created_at, key.key_id))


def find_published(number: int | None = None) -> Checkpoint | None:
    """The published checkpoint of that number, or the last one. Raises DocumentUnusable."""
    files = proofs.list_checkpoint_files(Path(settings.CHECKPOINTS_DIR))
    if number is None:
        number = max(files, default=0)
    return proofs.read_checkpoint(proofs.read_file(files[number])) if number in files else None


def _checkpoint(row: tuple[object, ...]) -> Checkpoint:
    return Checkpoint(*(bytes(part) if isinstance(part, memoryview) else part for part in row))  # type: ignore[arg-type]
