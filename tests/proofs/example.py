"""The example of docs/proofs.md: two entries of a wallet among three, sealed by a key everybody knows."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from regulars.proofs import facade as proofs
from regulars.proofs.facade import Checkpoint, Leaf, SealedEntry

KEY = proofs.SigningKey(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
START = bytes(range(0x40, 0x60))
MEMBER, CURRENCY = 7, "points"
AT = datetime(2026, 1, 31, 12, 0, 0, 250_000, UTC)
EARN = SealedEntry(
    member_id=MEMBER,
    currency=CURRENCY,
    seq=1,
    posting=1,
    kind="earn",
    debit="issued",
    credit="active",
    amount=100,
    balance_after=100,
    pending_after=0,
    held_after=0,
    debt_after=0,
    occurred_at=AT,
    recorded_at=AT.replace(microsecond=500_001),
    expires_at=datetime(2027, 2, 1, tzinfo=UTC),
    activates_at=None,
    awaits=None,
    sliding=False,
    refers_to=None,
    programme_version=3,
    rule="café",
    source="order:17",
    actor="import",
    lots=(),
    lot_amounts=(),
)
SPEND = replace(
    EARN,
    seq=2,
    posting=2,
    kind="spend",
    debit="active",
    credit="spent",
    amount=30,
    balance_after=70,
    expires_at=None,
    programme_version=None,
    rule="",
    source="redemption:4",
    actor="member:7",
    lots=(1,),
    lot_amounts=(30,),
)


def build_example() -> dict[str, Any]:
    """Every value of the example, in hexadecimal where it is bytes, and the finished statement."""
    first = proofs.link_entry(START, EARN)
    second = proofs.link_entry(first, SPEND)
    leaf = Leaf(MEMBER, CURRENCY, 2, 70, 0, 0, 0, second)
    others = [bytes([0xA0]) * 32, bytes([0xB0]) * 32]
    nodes = [others[0], proofs.hash_leaf(leaf), others[1]]
    key = proofs.describe_key(KEY.public_key, datetime(2026, 1, 1, tzinfo=UTC))
    checkpoint = Checkpoint(
        number=1,
        continues=0,
        wallets=3,
        entries=12,
        sealed_at=datetime(2026, 2, 1, 3, 17, tzinfo=UTC),
        previous=proofs.NOTHING,
        root=proofs.fold(nodes),
        key_id=KEY.key_id,
    )
    checkpoint = replace(checkpoint, signature=KEY.sign(proofs.encode_checkpoint(checkpoint)))
    path = proofs.find_path(nodes, 1)
    statement = {
        "format": proofs.STATEMENT_FORMAT,
        "encoding": proofs.ENCODING,
        "member_id": MEMBER,
        "issued_at": "2026-02-01T08:00:00.000000Z",
        "checkpoint": proofs.write_checkpoint(checkpoint),
        "keys": [proofs.write_key(key)],
        "wallets": [
            {
                "currency": CURRENCY,
                "start": START.hex(),
                "leaf": 1,
                "path": [node.hex() for node in path],
                "entries": [proofs.write_entry(EARN), proofs.write_entry(SPEND)],
                "later_entries": [],
            }
        ],
    }
    return {
        "entry 1": proofs.encode_entry(EARN).hex(),
        "link 1": first.hex(),
        "entry 2": proofs.encode_entry(SPEND).hex(),
        "link 2": second.hex(),
        "leaf": proofs.encode_leaf(leaf).hex(),
        "leaf hash": nodes[1].hex(),
        "node above leaves 0 and 1": proofs.hash_nodes(nodes[0], nodes[1]).hex(),
        "root": checkpoint.root.hex(),
        "checkpoint": proofs.encode_checkpoint(checkpoint).hex(),
        "checkpoint hash": proofs.hash_checkpoint(checkpoint).hex(),
        "key": proofs.encode_key(key).hex(),
        "private key": bytes(range(32)).hex(),
        "public key": KEY.public_key.hex(),
        "key id": KEY.key_id.hex(),
        "signature": checkpoint.signature.hex(),
        "statement": statement,
    }


def write_example(directory: Path) -> None:
    """The statement and its public key, as files."""
    statement = build_example()["statement"]
    (directory / "statement.json").write_text(json.dumps(statement))
    (directory / "key.json").write_text(json.dumps(statement["keys"][0]))
