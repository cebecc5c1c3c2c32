"""Whoever writes into the database past the ledger is found out, and what they changed is named.

Each test first sees the untampered state accepted. Tampering disables the triggers, as a superuser can.
"""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import Any

import pytest
from django.db import connection, transaction

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.proofs import facade as proofs
from tests.ledger.posting import ANN, BEN, NOW, after, earn, refund, spend
from tests.ledger.reading import history_unlocked, read_rows
from tests.ledger.sealing import Sealer, find_problems, rewrite_chain, run_named, tamper

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(sealer: Sealer) -> Iterator[Sealer]:
    """Three checkpoints: Ann's entries 1 to 3, then 4 and 5, then only Ben's."""
    earn(100, "a", source="order:1")  # 1
    earn(50, "b", source="order:2")  # 2
    earn(10, "c", source="order:3")  # 3
    earn(5, "a", member=BEN)
    sealer.seal()
    spend(120, "d")  # 4
    refund(4, 40, "e")  # 5
    sealer.seal(1)
    earn(5, "b", member=BEN)
    earn(5, "a", member=MemberId(3))
    sealer.seal(2)
    assert find_problems() == []
    yield sealer


# Where the journal alone is changed, so that a replay still agrees: 7 points more for Ann, from entry 2 on.
RICHER = (
    "UPDATE ledger_journal SET amount = amount + 7 WHERE member_id = 1 AND seq = 2",
    "UPDATE ledger_journal SET balance_after = balance_after + 7 WHERE member_id = 1 AND seq >= 2",
    "UPDATE ledger_wallet SET balance = balance + 7 WHERE member_id = 1",
    "UPDATE ledger_open_lot SET remaining = remaining + 7 WHERE member_id = 1 AND lot_id = 2",
)


@pytest.mark.parametrize(
    ("statements", "entry", "says"),
    [
        pytest.param(RICHER, 2, "it is not what was sealed for checkpoint 1", id="amount"),
        pytest.param(
            (
                "UPDATE ledger_journal SET occurred_at = occurred_at - interval '1 day' "
                "WHERE member_id = 1 AND seq = 4",
            ),
            4,
            "it is not what was sealed for checkpoint 2",
            id="time",
        ),
        pytest.param(
            ("UPDATE ledger_journal SET source = 'order:9' WHERE member_id = 1 AND seq = 3",),
            3,
            "it is not what was sealed for checkpoint 1",
            id="source",
        ),
        pytest.param(
            ("DELETE FROM ledger_journal WHERE member_id = 1 AND seq = 3",),
            3,
            "it was sealed for checkpoint 1, and is missing now",
            id="deleted",
        ),
        pytest.param(
            (
                "DELETE FROM ledger_journal WHERE member_id = 1 AND seq = 5",
                "UPDATE ledger_wallet SET version = 4, balance = 40 WHERE member_id = 1",
                "UPDATE ledger_open_lot SET remaining = 30 WHERE member_id = 1 AND lot_id = 2",
                "DELETE FROM ledger_open_lot WHERE member_id = 1 AND lot_id = 1",
            ),
            5,
            "it was sealed for checkpoint 2, and is missing now",
            id="tail cut",
        ),
        pytest.param(
            (
                "UPDATE ledger_journal SET source = CASE seq WHEN 1 THEN 'order:2' ELSE 'order:1' END, "
                "amount = CASE seq WHEN 1 THEN 50 ELSE 100 END, "
                "balance_after = CASE seq WHEN 1 THEN 50 ELSE 150 END "
                "WHERE member_id = 1 AND seq IN (1, 2)",
            ),
            1,
            "it is not what was sealed for checkpoint 1",
            id="order swapped",
        ),
        pytest.param(
            ("DELETE FROM ledger_seal WHERE member_id = 1 AND seq = 3",),
            1,
            "the seal of this entry is missing",
            id="seal",
        ),
        pytest.param(
            (
                "UPDATE ledger_seal SET links = set_byte(links, 40, get_byte(links, 40) # 1) "
                "WHERE member_id = 1 AND seq = 3",
            ),
            2,
            "it is not what was sealed for checkpoint 1",
            id="link",
        ),
        pytest.param(
            ("UPDATE ledger_seal SET balance = balance + 1 WHERE member_id = 1 AND seq = 5",),
            5,
            "the seal for checkpoint 2 states other balances after it",
            id="balances",
        ),
        pytest.param(
            ("UPDATE ledger_head SET head = sha256(head) WHERE member_id = 1",),
            5,
            "it is the last one sealed, and the head of the chain says otherwise",
            id="head",
        ),
        pytest.param(
            ("UPDATE ledger_head SET start = sha256(start) WHERE member_id = 1",),
            1,
            "it is not what was sealed for checkpoint 1",
            id="start",
        ),
        pytest.param(
            ("DELETE FROM ledger_seal WHERE member_id = 1",),
            5,
            "the head of the chain is there, and no seal",
            id="seals",
        ),
        pytest.param(
            ("DELETE FROM ledger_head WHERE member_id = 1",),
            5,
            "it is the last one sealed, and the head of the chain says otherwise",
            id="no head",
        ),
    ],
)
@pytest.mark.usefixtures("sealed")
def test_the_first_wrong_entry_is_named(statements: tuple[str, ...], entry: int, says: str) -> None:
    tamper(*statements)
    found = [problem for problem in ledger.prove().problems if problem.what == says]
    assert [(problem.member_id, problem.seq) for problem in found] == [(ANN, entry)], find_problems()


@pytest.mark.usefixtures("sealed")
def test_a_consistent_lie_passes_every_replay_and_no_link() -> None:
    tamper(*RICHER)
    assert [str(problem) for problem in ledger.prove().problems] == [
        "member 1, points, entry 2: it is not what was sealed for checkpoint 1"
    ]


def test_a_chain_rewritten_without_the_key_does_not_reach_the_signed_root(sealed: Sealer) -> None:
    tamper(*RICHER)
    rewrite_chain()
    assert ledger.prove().ok  # journal, links and heads agree with each other again
    (problem,) = ledger.prove_seals().problems
    assert problem == (
        "Checkpoint 1: its signed root does not follow from what is sealed; rewritten is "
        "member 1, points, entries 1 to 3; or member 2, points, entries 1 to 1."
    )


def test_what_was_rewritten_is_looked_for_where_the_roots_begin_to_differ(sealed: Sealer) -> None:
    tamper(
        "UPDATE ledger_journal SET amount = 41, balance_after = 81, lot_amounts[1] = lot_amounts[1] + 1 "
        "WHERE member_id = 1 AND seq = 5",
        "UPDATE ledger_journal SET occurred_at = occurred_at - interval '1 hour' "
        "WHERE member_id = 1 AND seq = 5",
    )
    rewrite_chain()
    (problem,) = ledger.prove_seals().problems
    assert problem.endswith("follow from what is sealed; rewritten is member 1, points, entries 4 to 5.")
    assert problem.startswith("Checkpoint 2:")


def test_a_tail_cut_from_everything_is_missed_by_the_checkpoint(sealed: Sealer) -> None:
    tamper(
        "DELETE FROM ledger_journal WHERE member_id = 1 AND seq > 3",
        "DELETE FROM ledger_seal WHERE member_id = 1 AND seq > 3",
        "UPDATE ledger_head h SET seq = 3, balance = 160, head = substr(s.links, 65) FROM ledger_seal s "
        "WHERE h.member_id = 1 AND s.member_id = 1 AND s.seq = 3",
        "UPDATE ledger_wallet SET version = 3, balance = 160 WHERE member_id = 1",
        "DELETE FROM ledger_open_lot WHERE member_id = 1",
        "INSERT INTO ledger_open_lot SELECT 1, 'points', 'infinity', occurred_at, seq, amount, false "
        "FROM ledger_journal WHERE member_id = 1",
    )
    assert ledger.prove().ok
    (problem,) = ledger.prove_seals().problems
    assert problem.startswith("Checkpoint 2 covers 6 entries of 2 wallets, and 4 of 2 are sealed: ")


def test_a_rewritten_history_that_is_sealed_again_is_still_found(sealed: Sealer) -> None:
    tamper(*RICHER)
    rewrite_chain()
    earn(1, "new")
    assert sealed.seal(3).checkpoint == 4  # the sealing looks forward; the doctor looks at every root
    assert "Checkpoint 1: its signed root does not follow" in ledger.prove_seals().problems[0]


@pytest.mark.parametrize(
    ("number", "says"),
    [
        (1, "Checkpoint 1 is missing."),
        (2, "Checkpoint 2 is missing."),
        (3, "Checkpoint 3 was published and is missing in the database."),
    ],
)
def test_a_dropped_checkpoint_is_missed(sealed: Sealer, number: int, says: str) -> None:
    tamper(f"DELETE FROM ledger_checkpoint WHERE number = {number}")
    assert says in ledger.prove_seals().problems
    if number == 3:
        with pytest.raises(ledger.CheckpointsDiverge, match="Checkpoint 3 was published"):
            sealed.seal(3)
        assert [one.number for one in ledger.list_checkpoints()] == [1, 2]


def test_a_last_checkpoint_dropped_with_its_file_is_missed_by_whoever_kept_a_copy(sealed: Sealer) -> None:
    kept = ledger.list_checkpoints()
    tamper("DELETE FROM ledger_checkpoint WHERE number = 3")
    (sealed.published / "checkpoint-0000000003.json").unlink()
    assert ledger.prove_seals().ok  # nothing on this machine knows any more
    sealed.seal(3)
    chain = [*kept, *(one for one in ledger.list_checkpoints() if one.number > 3)]
    trusted = sealed.public_keys
    assert all(finding.holds for finding in proofs.check_checkpoints(kept, (), trusted))
    assert ledger.list_checkpoints()[2] != kept[2]
    assert chain == kept


def forge(sealed: Sealer, key: proofs.SigningKey, **changes: Any) -> None:
    """Replace the last checkpoint by one that the key signed."""
    last = ledger.list_checkpoints()[-1]
    forged = replace(last, **changes)
    forged = replace(forged, signature=key.sign(proofs.encode_checkpoint(forged)))
    with history_unlocked():
        run_named(
            "UPDATE ledger_checkpoint SET signature = %(signature)s, key_id = %(key_id)s WHERE number = 3",
            {"signature": forged.signature, "key_id": forged.key_id},
        )
    (sealed.published / "checkpoint-0000000003.json").write_text(json.dumps(proofs.write_checkpoint(forged)))


def test_a_forged_signature_is_refused(sealed: Sealer) -> None:
    forger = proofs.SigningKey.generate()
    forge(sealed, forger)
    (last,) = [key.key_id for key in ledger.list_signing_keys()]
    assert ledger.prove_seals().problems == (f"The signature of checkpoint 3 is not of key {last.hex()}.",)


@pytest.mark.parametrize("endorsed", [False, True])
def test_a_forgers_own_key_is_not_trusted_for_being_in_the_database(sealed: Sealer, endorsed: bool) -> None:
    forger = proofs.SigningKey.generate()
    public = proofs.describe_key(forger.public_key, NOW)
    if endorsed:
        (real,) = ledger.list_signing_keys()
        public = replace(public, predecessor=real.key_id, endorsement=forger.sign(proofs.encode_key(public)))
    run_named(
        "INSERT INTO ledger_signing_key VALUES (%(id)s, %(key)s, %(at)s, %(before)s, %(word)s)",
        {
            "id": public.key_id,
            "key": public.public_key,
            "at": NOW,
            "before": public.predecessor,
            "word": public.endorsement,
        },
    )
    assert find_problems() == []
    forge(sealed, forger, key_id=forger.key_id)
    assert ledger.prove_seals().problems == (
        f"Checkpoint 3 is signed by key {forger.key_id.hex()}, which nobody you trust vouches for.",
    )


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("root = sha256(root)", "The signature of checkpoint 2 is not"),
        ("entries = entries + 1", "The signature of checkpoint 2 is not"),
        ("sealed_at = sealed_at + interval '1 hour'", "The signature of checkpoint 2 is not"),
        ("previous = sha256(previous)", "The signature of checkpoint 2 is not"),
        ("signature = signature || '\\x00'::bytea", "The signature of checkpoint 2 is not"),
        ("blocks = sha256(blocks)", ""),  # a help, not a proof
        ("is_lost = true", ""),  # what is lost is what a signed checkpoint says is lost
    ],
)
def test_a_changed_checkpoint_is_refused(change: str, says: str) -> None:
    tamper(f"UPDATE ledger_checkpoint SET {change} WHERE number = 2")
    problems = ledger.prove_seals().problems
    assert (problems == ()) if not says else problems[0].startswith(says)


def test_a_changed_file_is_named(sealed: Sealer) -> None:
    file = sealed.published / "checkpoint-0000000002.json"
    document = json.loads(file.read_text())
    file.write_text(json.dumps(document | {"wallets": 7}))
    assert ledger.prove_seals().problems == (
        f"{file.name}: Checkpoint 2 does not have the hash that it says.",
    )
    file.write_text(json.dumps(document))
    assert ledger.prove_seals().ok


def test_two_wallets_do_not_swap_their_places(sealed: Sealer) -> None:
    tamper("UPDATE ledger_head SET leaf = 1 - leaf WHERE member_id IN (1, 2)")
    assert ledger.prove_seals().problems[0].startswith("Checkpoint 1: its signed root does not follow")


# -- losses that are known -----------------------------------------------------------------------------


def test_after_a_restore_the_chain_goes_on_and_says_so(sealed: Sealer) -> None:
    # As a backup from before the third checkpoint would leave it.
    tamper(
        "DELETE FROM ledger_checkpoint WHERE number = 3",
        "DELETE FROM ledger_seal WHERE checkpoint = 3",
        "DELETE FROM ledger_head WHERE member_id = 3",
        "DELETE FROM ledger_journal WHERE member_id = 3 OR member_id = 2 AND seq = 2",
        "DELETE FROM ledger_wallet WHERE member_id = 3",
        "DELETE FROM ledger_open_lot WHERE member_id = 3 OR member_id = 2 AND lot_id = 2",
        "UPDATE ledger_wallet SET version = 1, balance = 5 WHERE member_id = 2",
        "UPDATE ledger_head h SET seq = 1, balance = 5, head = s.links FROM ledger_seal s "
        "WHERE h.member_id = 2 AND s.member_id = 2",
    )
    assert ledger.prove_seals().problems == ("Checkpoint 3 was published and is missing in the database.",)
    earn(9, "after", member=MemberId(4))
    with pytest.raises(ledger.CheckpointsDiverge, match="--after-restore"):
        sealed.seal(3)
    report = sealed.seal(3, after_restore=True)
    assert (report.checkpoint, report.wallets, report.covered) == (4, 1, 7)
    assert ledger.list_checkpoints()[3].continues == 2
    assert find_problems() == []
    (notice,) = ledger.prove_seals().notices
    assert notice.startswith("Checkpoint 4 continues 2: what those between had sealed was lost in a restore")
    assert sealed.seal(4).checkpoint == 5
    assert find_problems() == []
    statement = sealed.statement(MemberId(4))
    assert all(finding.holds for finding in proofs.check_statement(statement, sealed.public_keys))


def test_without_a_loss_nothing_is_taken_up(sealed: Sealer) -> None:
    assert sealed.seal(3, after_restore=True).checkpoint == 4
    assert ledger.list_checkpoints()[3].continues == 3


# -- beside postings -----------------------------------------------------------------------------------


@pytest.mark.slow  # sealers and posters side by side, in transactions of their own
@pytest.mark.usefixtures("committed_ledger")
@pytest.mark.django_db(transaction=True)
def test_sealing_beside_postings_and_beside_itself(sealer: Sealer) -> None:
    stop = Event()

    def post(client: int) -> int:
        try:
            for number in range(150):
                with transaction.atomic():
                    earn(1, f"{client}:{number}", member=MemberId(number % 7))
            return 150
        finally:
            connection.close()

    def seal() -> int:
        try:
            count = 0
            while not stop.is_set():
                ledger.seal_ledger(actor=SYSTEM, now=after(0))
                count += 1
            return count
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as pool:
        sealing = [pool.submit(seal) for _ in range(2)]
        posted = sum(pool.map(post, range(3)))
        stop.set()
        sealings = sum(one.result() for one in sealing)
    last = sealer.seal(1)
    assert (posted, last.covered, last.broken) == (450, 450, 0)
    assert [one.number for one in ledger.list_checkpoints()] == list(range(1, sealings + 2))
    assert read_rows("SELECT count(*), sum(octet_length(links)) FROM ledger_seal")[0][1] == 450 * 32
    assert ledger.prove(workers=3).ok
    assert ledger.prove_seals().ok
