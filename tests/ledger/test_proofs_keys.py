"""The keys that sign: whose they are, how one follows on another, and who trusts which."""

import stat
from dataclasses import replace

import pytest

from regulars.kit.actor import SYSTEM
from regulars.ledger import facade as ledger
from regulars.proofs import facade as proofs
from tests.ledger.posting import NOW, after
from tests.ledger.sealing import Sealer, build, find_problems, holds

pytestmark = pytest.mark.django_db


def test_the_private_key_is_the_owners_alone_and_not_in_the_database(sealer: Sealer) -> None:
    sealer.seal()
    (pem,) = sealer.signing.glob("*.pem")
    assert stat.S_IMODE(pem.stat().st_mode) == 0o600
    assert stat.S_IMODE(sealer.signing.stat().st_mode) == 0o700
    assert sorted(file.suffix for file in sealer.signing.iterdir()) == [".json", ".pem"]
    pem.chmod(0o640)
    with pytest.raises(ledger.SigningKeyUnusable, match="chmod 600"):
        sealer.seal(1)
    pem.chmod(0o600)
    assert sealer.seal(1).checkpoint == 2


def test_an_endorsed_key_is_trusted_by_whoever_trusts_the_one_before(sealer: Sealer) -> None:
    build()
    old = sealer.seal()
    (first,) = sealer.public_keys
    made = ledger.rotate_signing_key(actor=SYSTEM, now=after(1), reason="a year has passed")
    assert [file.stem for file in sealer.signing.glob("*.pem")] == [made.key_id.hex()]
    new = sealer.seal(2)
    assert new.key_id == made.key_id != old.key_id
    assert holds(proofs.check_statement(sealer.statement(), [first]))
    assert holds(proofs.check_checkpoints(ledger.list_checkpoints(), ledger.list_signing_keys(), [first]))
    assert not holds(proofs.check_checkpoints(ledger.list_checkpoints(), (), [first]))
    assert find_problems() == []


def test_a_key_that_nobody_endorses_must_be_given(sealer: Sealer) -> None:
    build()
    sealer.seal()
    (first,) = sealer.public_keys
    for file in sealer.signing.iterdir():
        file.unlink()
    with pytest.raises(ledger.SigningKeyUnusable, match="unendorsed"):
        sealer.seal(1)
    assert len(ledger.list_checkpoints()) == 1
    made = ledger.rotate_signing_key(actor=SYSTEM, now=after(1), reason="lost", endorsed=False)
    assert sealer.seal(2).checkpoint == 2
    checked = ledger.list_checkpoints(), ledger.list_signing_keys()
    assert not holds(proofs.check_checkpoints(*checked, [first]))
    assert holds(proofs.check_checkpoints(*checked, [first, made.public_key]))
    assert not ledger.prove_seals().ok  # this machine no longer knows who signed the first
    assert ledger.prove_seals(trusted=[first]).ok


def test_a_key_that_was_succeeded_signs_no_more() -> None:
    old, new = proofs.SigningKey.generate(), proofs.SigningKey.generate()
    keys = [proofs.endorse(proofs.describe_key(new.public_key, NOW), old)]
    chain: list[proofs.Checkpoint] = []
    for number, key in enumerate((old, new, old), 1):
        before = proofs.hash_checkpoint(chain[-1]) if chain else proofs.NOTHING
        one = proofs.Checkpoint(number, number - 1, 0, 0, NOW, before, proofs.NOTHING, key.key_id)
        chain.append(replace(one, signature=key.sign(proofs.encode_checkpoint(one))))
    assert holds(proofs.check_checkpoints(chain[:2], keys, [old.public_key]))
    (finding,) = proofs.check_checkpoints(chain, keys, [old.public_key])
    assert finding.sentence == "Checkpoint 3 is signed by a key that was succeeded before."


def test_files_that_are_there_are_never_written_over(sealer: Sealer) -> None:
    sealer.seal()
    file = sealer.published / "checkpoint-0000000001.json"
    before = file.stat().st_mtime_ns
    assert ledger.publish_checkpoints() == []
    sealer.seal(1)
    assert file.stat().st_mtime_ns == before
    file.unlink()
    assert ledger.publish_checkpoints() == [file]
