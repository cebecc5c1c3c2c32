"""The keys that sign checkpoints: private parts in files outside of the database, public parts in both.

The directory (setting SIGNING_DIR) holds `<key id>.pem`, readable by its owner alone, and `<key id>.json`,
the public part with the endorsement of the key before it. Whoever calls holds the lock of the sealing.
"""

import contextlib
import json
import os
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from regulars.kit.actor import Actor
from regulars.ledger.errors import SigningKeyUnusable
from regulars.ledger.queries.seals import list_local_keys, list_signing_keys, lock_sealing
from regulars.proofs import facade as proofs
from regulars.proofs.facade import PublicKey, SigningKey
from regulars.trail.facade import record_audit

_REGISTER = """
    INSERT INTO ledger_signing_key (key_id, public_key, created_at, predecessor, endorsement)
    VALUES (%s, %s, %s, %s, %s) ON CONFLICT (key_id) DO NOTHING
"""


def open_signing_key(now: datetime) -> SigningKey:
    """The key that signs now; the first one is made where none was ever used. Raises SigningKeyUnusable."""
    registered = {key.key_id for key in list_signing_keys()}
    local = list_local_keys()
    current = _find_current(local)
    if current is None and not registered:
        current = _make_key(now, None)
        local = list_local_keys()
    if current is None or (registered and not registered & {current.key_id, current.predecessor}):
        raise SigningKeyUnusable(
            f"The key that signs checkpoints is not in {settings.SIGNING_DIR}: copy it from the machine that "
            "has it, or begin a new one with `regulars ledger key rotate --unendorsed`."
        )
    key = _load(current.key_id)
    register_keys(local)
    return key


def rotate_signing_key(*, actor: Actor, now: datetime, reason: str, endorsed: bool = True) -> PublicKey:
    """Begin a new key. The present one signs it, unless it is lost or no longer trusted (`endorsed` False).

    Without endorsement a checker must be given the new public key. The old private part is deleted.
    Locks: the sealing. Raises SigningKeyUnusable.
    """
    with transaction.atomic(durable=True):
        lock_sealing()
        before = open_signing_key(now) if endorsed else None
        made = _make_key(now, before)
        register_keys(list_local_keys())
        record_audit(
            actor=actor,
            now=now,
            action="ledger.key_rotated",
            subject=f"key:{made.key_id.hex()}",
            reason=reason,
        )
    for key in list_local_keys():
        if key.key_id != made.key_id:
            _private(key.key_id).unlink(missing_ok=True)
    return made


def register_keys(keys: Sequence[PublicKey]) -> None:
    """Make public parts known to the database, for statements and other machines."""
    with connection.cursor() as cursor:
        for key in keys:
            cursor.execute(
                _REGISTER, [key.key_id, key.public_key, key.created_at, key.predecessor, key.endorsement]
            )


def _find_current(local: Sequence[PublicKey]) -> PublicKey | None:
    succeeded = {key.predecessor for key in local}
    usable = [key for key in local if key.key_id not in succeeded and _private(key.key_id).exists()]
    return max(usable, key=lambda key: key.created_at, default=None)


def _make_key(now: datetime, before: SigningKey | None) -> PublicKey:
    key = SigningKey.generate()
    public = proofs.describe_key(key.public_key, now)
    if before is not None:
        public = proofs.endorse(public, before)
    directory = Path(settings.SIGNING_DIR)
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_new(_private(key.key_id), key.dump(), 0o600)
    written = json.dumps(proofs.write_key(public), indent=2) + "\n"
    write_new(directory / f"{key.key_id.hex()}.json", written.encode(), 0o644)
    return public


def _load(key_id: bytes) -> SigningKey:
    file = _private(key_id)
    if file.stat().st_mode & 0o077:
        raise SigningKeyUnusable(f"Others than its owner may read {file}: chmod 600 it, and rotate the key.")
    try:
        return SigningKey.load(file.read_bytes())
    except proofs.DocumentUnusable as refusal:
        raise SigningKeyUnusable(f"{file}: {refusal.detail}") from refusal


def _private(key_id: bytes) -> Path:
    return Path(settings.SIGNING_DIR) / f"{key_id.hex()}.pem"


def write_new(file: Path, data: bytes, mode: int) -> None:
    """Write a file that is whole or not there, also after a power cut; one that is there stays as it is."""
    # Two threads of one process may write the same file at once, each by its own way.
    part = file.with_name(f".{file.name}.{os.getpid()}.{threading.get_native_id()}")
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(descriptor)
        with contextlib.suppress(FileExistsError):
            os.link(part, file)
    finally:
        part.unlink()
