"""Law 1: a replay of all history reproduces what is stored, and whatever was tampered with is named."""

import pytest
from django.db import transaction

from regulars.kit.ids import JournalSeq, MemberId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand
from tests.ledger.posting import ACTOR, ANN, BEN, NOW, after, earn, hold, refund, reverse, spend
from tests.ledger.reading import history_unlocked, run

pytestmark = pytest.mark.django_db


def tamper(statement: str) -> None:
    with history_unlocked():
        run(statement)


def test_an_empty_ledger_is_proven() -> None:
    assert ledger.prove() == ledger.ProofReport(0, 0, 0, 0, 0)


def build() -> None:
    earn(100, "a", expires_at=after(9))  # 1
    earn(50, "b", sliding=True, expires_at=after(20))  # 2
    earn(30, "c", activates_at=after(5))  # 3
    spend(120, "d")  # 4: 100 of lot 1, 20 of lot 2
    refund(4, 40, "e")  # 5: 20 to lot 2, 20 to lot 1
    hold(10, "f", until=after(1))  # 6: of lot 1
    reverse(1, 30, "g")  # 7: 10 of lot 1, 20 of lot 2
    earn(5, "h", member=BEN)


@pytest.mark.parametrize(
    ("statement", "seq", "says"),
    [
        ("UPDATE ledger_journal SET amount = amount + 1 WHERE seq = 2 AND member_id = 1", 2, "follows"),
        ("UPDATE ledger_journal SET balance_after = 7 WHERE seq = 4 AND member_id = 1", 4, "7/30/0/0"),
        ("UPDATE ledger_journal SET pending_after = 7 WHERE seq = 3", 3, "follows"),
        ("UPDATE ledger_journal SET credit = 'expired' WHERE seq = 4", 4, "does not move"),
        ("UPDATE ledger_journal SET lot_amounts = '{99,20}' WHERE seq = 4", 4, "119 of them"),
        ("UPDATE ledger_journal SET lots = '{1,9}' WHERE seq = 4", 4, "lot 9"),
        ("UPDATE ledger_journal SET lots = '{2,1}' WHERE seq = 4", 4, "lot 2"),
        ("DELETE FROM ledger_journal WHERE seq = 3", 4, "entry 3 is missing"),
        ("DELETE FROM ledger_journal WHERE seq = 7", None, "wallet"),
        ("UPDATE ledger_journal SET refers_to = 2 WHERE seq = 5", 5, "take back"),
        ("UPDATE ledger_journal SET expires_at = expires_at + interval '1 day' WHERE seq = 2", 2, "lapses"),
        ("UPDATE ledger_journal SET occurred_at = occurred_at - interval '1 day' WHERE seq = 2", 2, "opened"),
        ("UPDATE ledger_wallet SET balance = balance + 1 WHERE member_id = 1", None, "wallet"),
        ("UPDATE ledger_wallet SET held = 0 WHERE member_id = 1", None, "wallet"),
        ("UPDATE ledger_wallet SET version = version + 1 WHERE member_id = 1", None, "wallet"),
        ("DELETE FROM ledger_wallet WHERE member_id = 1", None, "wallet"),
        (
            "UPDATE ledger_open_lot SET remaining = remaining + 1 WHERE lot_id = 2 AND member_id = 1",
            7,
            "lot 2",
        ),
        ("DELETE FROM ledger_open_lot WHERE lot_id = 2 AND member_id = 1", 7, "lot 2"),
        ("UPDATE ledger_open_lot SET sliding = false WHERE lot_id = 2 AND member_id = 1", 2, "sliding"),
        (
            "UPDATE ledger_open_lot SET expires_at = 'infinity' WHERE lot_id = 2 AND member_id = 1",
            2,
            "lapses",
        ),
        ("UPDATE ledger_pending_lot SET remaining = 29", 3, "pending lot 3"),
        ("UPDATE ledger_pending_lot SET activates_at = now()", 3, "pending lot 3"),
        ("DELETE FROM ledger_pending_lot", 3, "pending lot 3"),
        ("UPDATE ledger_open_hold SET lots = '{2}'", 6, "hold 6"),
        ("DELETE FROM ledger_open_hold", 6, "hold 6"),
    ],
)
def test_tampering_is_found_and_its_first_entry_named(statement: str, seq: int | None, says: str) -> None:
    build()
    sound = ledger.prove()
    assert sound.ok
    assert (sound.entries, sound.wallets, sound.pending_lots, sound.open_holds) == (8, 2, 1, 1)
    tamper(statement)
    report = ledger.prove()
    assert not report.ok
    assert {problem.member_id for problem in report.problems} == {ANN}
    assert any(problem.seq == seq and says in problem.what for problem in report.problems), report.problems


def test_no_more_is_taken_back_as_lapsed_than_did_lapse() -> None:
    earn(100, "a", expires_at=after(3))  # 1
    earn(50, "b")  # 2
    assert reverse(1, 30, "r", now=after(4)).from_lapsed == 30  # 3: the expiry, 4
    assert ledger.prove().ok
    tamper("UPDATE ledger_journal SET lots = '{2}' WHERE seq = 4")
    (problem,) = ledger.prove().problems
    assert (problem.seq, problem.what) == (4, "lot 2: more is taken back as lapsed than did lapse")


def test_a_problem_reads_as_a_sentence() -> None:
    build()
    tamper("UPDATE ledger_journal SET balance_after = 7 WHERE seq = 4 AND member_id = 1")
    (problem,) = ledger.prove().problems
    assert str(problem) == (
        "member 1, points, entry 4: balance after: 7/30/0/0 (active/pending/held/debt) is written,"
        " 30/30/0/0 follows"
    )


@pytest.mark.usefixtures("committed_ledger")
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("workers", [1, 3])
def test_workers_share_the_members_out(workers: int) -> None:
    with transaction.atomic():
        ledger.earn_batch(
            actor=ACTOR,
            now=NOW,
            commands=[
                EarnCommand(MemberId(member), Currency.POINTS, member, NOW, "k") for member in range(1, 40)
            ],
        )
    report = ledger.prove(workers=workers)
    assert (report.ok, report.entries, report.open_lots) == (True, 39, 39)
    tamper("UPDATE ledger_wallet SET balance = 1 WHERE member_id IN (2, 39)")
    assert [problem.member_id for problem in ledger.prove(workers=workers).problems] == [2, 39]


def test_totals_add_up_and_see_what_is_due() -> None:
    build()
    totals = ledger.get_totals(NOW)
    assert (totals.issued, totals.spent, totals.refunded, totals.reversed) == (185, 120, 40, 30)
    assert (totals.active, totals.pending, totals.held, totals.debt) == (35, 30, 10, 0)
    assert (totals.outstanding, totals.adds_up, totals.wallets, totals.entries) == (75, True, 2, 8)
    later = after(21)
    before = ledger.get_totals(later)
    ledger.expire_due(now=later)
    swept = ledger.get_totals(later)
    assert (before.expired, before.active) == (swept.expired, swept.active) == (30, 5)
    assert before.adds_up and swept.adds_up
    assert ledger.get_entry(ANN, Currency.POINTS, JournalSeq(8)).kind == "expire"
