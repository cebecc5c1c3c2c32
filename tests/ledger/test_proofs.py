"""Sealing: chains, trees and signatures, and what a member can check of them without us."""

import random
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st
from procrastinate.contrib.django import app

from regulars.kit.actor import SYSTEM
from regulars.kit.ids import MemberId
from regulars.ledger import facade as ledger
from regulars.ledger import tasks
from regulars.ledger.queries.statements import read_sealed_entry
from regulars.members import facade as members
from regulars.members.facade import MemberInput
from regulars.proofs import facade as proofs
from tests.ledger.posting import ANN, BEN, NOW, after, earn, spend
from tests.ledger.reading import read_rows, run
from tests.ledger.sealing import Sealer, build, find_problems, holds, tamper

pytestmark = pytest.mark.django_db


# -- what is hashed ------------------------------------------------------------------------------------

NUMBERS = st.integers(-(2**63), 2**63 - 1)
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
WORDS = st.one_of(
    TEXTS,
    st.from_regex(r"[a-z_]{1,8}:[0-9]{1,20}\n?", fullmatch=True),
    st.sampled_from(["system", "operator:7"]),
)
ARRAYS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=4)


COLUMNS = """member_id, currency, seq, posting, kind, debit, credit, amount, balance_after, pending_after,
    held_after, debt_after, occurred_at, recorded_at, expires_at, activates_at, awaits, sliding, refers_to,
    programme_version, rule, source, actor, lots, lot_amounts"""


@st.composite
def journal_rows(draw: Callable[[Any], Any]) -> list[Any]:
    lots = draw(st.none() | ARRAYS)
    return [
        *(draw(NUMBERS), draw(TEXTS), draw(NUMBERS), draw(NUMBERS), draw(TEXTS), draw(TEXTS), draw(TEXTS)),
        draw(st.integers(1, 2**63 - 1)),
        *(draw(NUMBERS) for _ in range(4)),
        *(draw(INSTANTS), draw(INSTANTS), draw(st.none() | INSTANTS), draw(st.none() | INSTANTS)),
        *(draw(st.none() | TEXTS), draw(st.booleans()), draw(st.none() | NUMBERS)),
        draw(st.none() | st.integers(0, 2**31 - 1)),
        *(draw(TEXTS), draw(WORDS), draw(WORDS)),
        *((None, None) if lots is None else ([lot for lot, _ in lots], [amount for _, amount in lots])),
    ]


@pytest.mark.slow  # 150 entries written to the database
@settings(max_examples=150, deadline=None)
@given(journal_rows())
def test_the_database_and_the_checker_write_the_same_bytes(row: list[Any]) -> None:
    marks = ", ".join(["%s"] * len(row))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO ledger_journal ({COLUMNS}) VALUES ({marks})", row)
        cursor.execute("SELECT ledger_encode_entry(j) FROM ledger_journal j")
        ((stored,),) = cursor.fetchall()
        transaction.set_rollback(True)
    assert bytes(stored) == proofs.encode_entry(read_sealed_entry(row))


@pytest.mark.slow  # 60 trees of up to 700 leaves, hashed in full after each step
@settings(max_examples=60, deadline=None)
@given(st.integers(1, 700), st.integers())
def test_a_kept_tree_is_the_tree_of_its_leaves(size: int, seed: int) -> None:
    chance = random.Random(seed)
    leaves = [number.to_bytes(32, "big") for number in range(size)]
    tree, grown = proofs.Tree(), 0
    while grown < size:
        step = chance.randint(1, size - grown)
        changes = dict(enumerate(leaves[grown : grown + step], grown))
        for index in chance.sample(range(grown), min(grown, 5)):
            changes[index] = leaves[index] = proofs.hash_nodes(leaves[index], leaves[index])
        tree.update(sorted(changes.items()))
        grown += step
        assert tree.root == proofs.fold(leaves[:grown])
    blocks = [
        proofs.fold(leaves[at : at + proofs.BLOCK_LEAVES]) for at in range(0, size, proofs.BLOCK_LEAVES)
    ]
    assert (tree.blocks, proofs.fold(blocks)) == (b"".join(blocks), tree.root)
    leaf = chance.randrange(size)
    path = proofs.find_path(leaves, leaf)
    assert proofs.climb(leaves[leaf], leaf, size, path) == tree.root
    assert proofs.climb(leaves[leaf], leaf + 1, size, path) != tree.root
    assert proofs.climb(leaves[leaf], leaf, size, [*path, tree.root]) is None
    assert not path or proofs.climb(leaves[leaf], leaf, size, path[:-1]) is None


def test_what_is_hashed_names_no_person() -> None:
    for text, hashed in (
        ("order:17", "order:17"),
        ("ann@example.com", ""),
        ("order:ann@example.com", ""),
        ("order:17\n", ""),
        ("Ann", ""),
        ("order:1234567890123456789", ""),
    ):
        assert proofs.redact_source(text) == hashed
    for text, hashed in (
        ("operator:7", "operator:7"),
        ("system", "system"),
        ("import:ann.csv", "import"),
        ("api_key:k1", "api_key"),
        ("ann@example.com", ""),
        ("operator:7\n", "operator"),
    ):
        assert proofs.redact_actor(text) == hashed


# -- sealing -------------------------------------------------------------------------------------------


def test_an_empty_ledger_is_sealed(sealer: Sealer) -> None:
    assert ledger.prove_seals() == ledger.SealProof(0, 0, 0)
    report = sealer.seal()
    assert (report.checkpoint, report.wallets, report.covered) == (1, 0, 0)
    assert ledger.prove_seals().ok
    assert not holds(proofs.check_checkpoints(ledger.list_checkpoints(), (), ()))


def test_each_sealing_takes_up_what_is_new_and_covers_all(sealer: Sealer) -> None:
    build()
    first = sealer.seal()
    assert (first.checkpoint, first.wallets, first.entries, first.covered, first.broken) == (1, 2, 8, 8, 0)
    again = sealer.seal(1)
    assert (again.checkpoint, again.wallets, again.entries, again.covered, again.root) == (
        2,
        0,
        0,
        8,
        first.root,
    )
    earn(7, "i", member=MemberId(3))
    spend(1, "j")
    third = sealer.seal(2)
    assert (third.wallets, third.entries, third.covered) == (2, 2, 10)
    assert find_problems() == []
    assert [one.number for one in ledger.list_checkpoints()] == [1, 2, 3]
    assert sorted(file.name for file in sealer.published.glob("checkpoint-*")) == [
        f"checkpoint-000000000{n}.json" for n in (1, 2, 3)
    ]


@pytest.mark.slow  # 1,300 entries and 300 wallets
def test_long_wallets_and_many_wallets(sealer: Sealer) -> None:
    for number in range(1_300):
        earn(1, f"k{number}")
    for member in range(2, 300):
        earn(member, "k", member=MemberId(member))
    report = sealer.seal()
    assert (report.wallets, report.entries, report.broken) == (301, 1_598, 0)  # the long one in three runs
    assert read_rows("SELECT count(*) FROM ledger_seal") == [(301,)]
    assert find_problems() == []
    for member in (1, 2, 256, 257, 299):
        assert holds(proofs.check_statement(sealer.statement(MemberId(member)), sealer.public_keys))
    earn(1, "late", member=MemberId(256))
    sealer.seal(1)
    assert holds(proofs.check_statement(sealer.statement(MemberId(256)), sealer.public_keys))
    assert find_problems() == []


def test_a_wallet_that_misses_an_entry_is_left_out_and_named(sealer: Sealer) -> None:
    build()
    tamper("DELETE FROM ledger_journal WHERE member_id = 1 AND seq = 3")
    report = sealer.seal()
    assert (report.wallets, report.entries, report.broken) == (1, 1, 1)
    assert any("entry 3 is missing" in problem for problem in find_problems())


@pytest.mark.parametrize("table", ["ledger_seal", "ledger_checkpoint", "ledger_signing_key"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "TRUNCATE {}"])
def test_what_is_sealed_stays(sealer: Sealer, table: str, statement: str) -> None:
    build()
    sealer.seal()
    before = read_rows(f"SELECT count(*) FROM {table}")
    with pytest.raises(DatabaseError, match="what is sealed stays"), transaction.atomic():
        run(statement.format(table))
    assert read_rows(f"SELECT count(*) FROM {table}") == before


# -- statements ----------------------------------------------------------------------------------------


def test_a_statement_proves_entries_and_balances(sealer: Sealer) -> None:
    build()
    earn(9, "q", currency=ledger.Currency.QUALIFYING_POINTS)
    sealer.seal()
    spend(5, "later")
    statement = sealer.statement()
    findings = proofs.check_statement(statement, sealer.public_keys)
    assert holds(findings)
    assert [finding.sentence for finding in findings[1:]] == [
        "member 1, points: 7 entries up to 30 active, 30 pending, 10 held, 0 owed are in checkpoint 1.",
        "member 1, points: 1 entry came after the checkpoint, not proven yet.",
        "member 1, qualifying_points: 1 entry up to 9 active, 0 pending, 0 held, 0 owed are in checkpoint 1.",
    ]
    assert not holds(proofs.check_statement(statement, [proofs.SigningKey.generate().public_key]))


def test_before_the_first_sealing_a_statement_says_so(sealer: Sealer) -> None:
    build()
    (finding,) = proofs.check_statement(sealer.statement(), [])
    assert not finding.holds and "before the first sealing" in finding.sentence
    assert proofs.read_statement(sealer.document(MemberId(99))).wallets == ()


def change(document: Any, *way: Any, to: Any) -> None:
    """Set one value of a statement's only wallet; None takes the element away."""
    place = document["wallets"][0]
    for name in way[:-1]:
        place = place[name]
    if to is None and isinstance(place, list):
        del place[way[-1]]
    else:
        place[way[-1]] = to


LIES: dict[str, Callable[[Any], Any]] = {
    "amount": lambda told: change(told, "entries", 0, "amount", to=101),
    "source": lambda told: change(told, "entries", 0, "source", to="order:2"),
    "time": lambda told: change(told, "entries", 0, "occurred_at", to="2020-01-01T00:00:00.000000Z"),
    "lots": lambda told: change(told, "entries", 3, "lot_amounts", to=[99, 21]),
    "removed": lambda told: change(told, "entries", 2, to=None),
    "cut": lambda told: change(told, "entries", -1, to=None),
    "leaf": lambda told: change(told, "leaf", to=told["wallets"][0]["leaf"] ^ 1),
    "no leaf": lambda told: change(told, "leaf", to=None),
    "path": lambda told: change(told, "path", to=[]),
    "start": lambda told: change(told, "start", to="00" * 32),
    "member": lambda told: told.update(member_id=2),
    "twice": lambda told: told.update(wallets=told["wallets"] * 2),
}


@pytest.mark.parametrize("lie", LIES)
def test_an_altered_statement_is_refused(sealer: Sealer, lie: str) -> None:
    build()
    sealer.seal()
    document = sealer.document()
    assert holds(proofs.check_statement(proofs.read_statement(document), sealer.public_keys))
    LIES[lie](document)
    assert not holds(proofs.check_statement(proofs.read_statement(document), sealer.public_keys))


def test_amounts_and_balances_that_follow_do_not_help_a_forger(sealer: Sealer) -> None:
    earn(100, "a")
    earn(5, "b")
    sealer.seal()
    document = sealer.document()
    change(document, "entries", 0, "amount", to=1_000)
    change(document, "entries", 0, "balance_after", to=1_000)
    change(document, "entries", 1, "balance_after", to=1_005)
    signed, chain = proofs.check_statement(proofs.read_statement(document), sealer.public_keys)
    assert signed.holds and not chain.holds
    assert chain.sentence == "member 1, points: what 2 entries say is not what checkpoint 1 sealed."


@pytest.mark.parametrize(
    "field", ["root", "wallets", "entries", "sealed_at", "number", "continues", "previous"]
)
def test_an_altered_checkpoint_is_refused(sealer: Sealer, field: str) -> None:
    build()
    sealer.seal()
    statement = sealer.statement()
    assert statement.checkpoint is not None
    value = getattr(statement.checkpoint, field)
    other = bytes(32) if isinstance(value, bytes) else after(5) if isinstance(value, datetime) else value + 1
    if other == value:
        other = bytes([1]) * 32
    forged = replace(statement, checkpoint=replace(statement.checkpoint, **{field: other}))
    assert not proofs.check_statement(forged, sealer.public_keys)[0].holds
    assert proofs.check_statement(statement, sealer.public_keys)[0].holds


def test_a_later_statement_continues_the_earlier_one(sealer: Sealer) -> None:
    build()
    sealer.seal()
    earlier = sealer.statement()
    earn(5, "i")
    sealer.seal(1)
    later = sealer.statement()
    assert holds(proofs.compare_statements(earlier, later))
    changed = replace(later, wallets=(replace(later.wallets[0], entries=later.wallets[0].entries[:3]),))
    (finding,) = proofs.compare_statements(earlier, changed)
    assert not finding.holds and "entry 4" in finding.sentence


def test_neighbours_cannot_be_found_by_trying(sealer: Sealer) -> None:
    earn(5, "same", member=ANN)
    earn(5, "same", member=BEN)
    sealer.seal()
    ((one,), (other,)) = read_rows("SELECT start FROM ledger_head ORDER BY member_id")
    assert bytes(one) != bytes(other)
    told = "".join(ledger.write_statement(ANN, NOW))
    assert bytes(one).hex() in told and bytes(other).hex() not in told


def test_erasing_a_person_keeps_chain_and_statement(sealer: Sealer) -> None:
    (saved,) = members.save_members(
        actor=SYSTEM,
        now=NOW,
        batch=[MemberInput(external_id="ann@example.com", email="ann@example.com", given_name="Ann")],
    )
    assert saved.member_id is not None
    earn(10, "ann@example.com", member=saved.member_id, source="ann@example.com")
    ledger.adjust_points(
        actor=SYSTEM, now=NOW, member_id=saved.member_id, amount=5, reason="Ann Smith rang", key="Ann"
    )
    sealer.seal()
    before = "".join(ledger.write_statement(saved.member_id, NOW))
    assert "ann" not in before.lower().replace("channel", "") and "Smith" not in before
    members.erase_member(actor=SYSTEM, now=NOW, member_id=saved.member_id, reason="asked for it")
    assert "".join(ledger.write_statement(saved.member_id, NOW)) == before
    assert holds(proofs.check_statement(sealer.statement(saved.member_id), sealer.public_keys))
    # What could name a person may even be blanked in the journal: the chain does not hold on to it.
    tamper("UPDATE ledger_journal SET reason = '', key = NULL, input_hash = NULL, source = ''")
    assert find_problems() == []


def test_the_nightly_job_seals_and_rests(sealer: Sealer, monkeypatch: pytest.MonkeyPatch) -> None:
    build()
    begun = time.monotonic()
    assert tasks.seal_ledger(0) == 1
    assert find_problems() == []
    rests: list[float] = []
    monkeypatch.setattr(time, "sleep", rests.append)
    assert sealer.seal(400, share=0.5).checkpoint == 2
    assert len(rests) == 1 and 0 < rests[0] < time.monotonic() - begun
    assert "regulars.ledger.tasks.seal_ledger" in {
        task.task.name for task in app.periodic_registry.periodic_tasks.values()
    }
