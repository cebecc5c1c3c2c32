# ruff: noqa: PLR0917 (rules are called by name)
"""A machine that does everything twice: in the database, and in the plain model.

After every step both must agree on every wallet, lot, pending lot, hold and journal entry of the members
concerned. Each law of the design is named where it is checked.
"""

from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from regulars.kit.actor import Actor, ActorKind
from regulars.kit.errors import Refusal
from regulars.kit.ids import MemberId, ProgrammeVersion
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Currency, EarnCommand, Shortfall
from tests.ledger.model import NEVER, Refused, Row, Wallet
from tests.ledger.reading import read_everything, read_rows

START = datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
ACTOR = Actor(ActorKind.OPERATOR, "7")
ALL = (1, 2)
members = st.sampled_from((1, 1, 1, 2))
amounts = st.integers(1, 60)
shares = st.integers(1, 110)
"""Percent of what there is: mostly possible, sometimes all of it, sometimes more."""
days = st.integers(-4, 12)
some_days = st.none() | days
picks = st.integers(0, 30)
JOBS = ("expire", "activate", "release")
shortfalls = st.sampled_from(list(Shortfall))
earning = {
    "amount": amounts,
    "occurred": days,
    "expires": some_days,
    "activates": st.none() | st.none() | days,
    "awaits": st.sampled_from([False, False, True]),
    "sliding": st.booleans(),
}
STATE = """
    SELECT json_build_object(
        'wallet', (SELECT json_build_array(balance, pending, held, debt, version) FROM ledger_wallet
            WHERE member_id = %(member)s AND currency = 'points'),
        'holds', (SELECT json_agg(json_build_array(hold_seq, lots, lot_amounts) ORDER BY hold_seq)
            FROM ledger_open_hold WHERE member_id = %(member)s),
        'entries', (SELECT json_agg(json_build_array(seq, posting, kind, debit, credit, amount, refers_to,
                balance_after, pending_after, held_after, debt_after, lots, lot_amounts) ORDER BY seq)
            FROM ledger_journal WHERE member_id = %(member)s AND seq > %(seen)s))
"""


def outcome(answer: Any) -> Any:
    """Receipts and reversals as the model gives them."""
    if isinstance(answer, ledger.Receipt):
        return (answer.seq, answer.amount, answer.balance_after, answer.debt_after)
    if isinstance(answer, ledger.Reversal):
        return (
            *(answer.seq, answer.amount, answer.from_pending, answer.from_own_lot),
            *(answer.from_lapsed, answer.from_other_lots, answer.into_debt, answer.waived),
        )
    return answer


class LedgerMachine(RuleBasedStateMachine):
    """Two members, all operations, a clock that only the machine moves."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.wallets = {member: Wallet() for member in ALL}
        self.seen = dict.fromkeys(ALL, 0)
        self.keys = 0
        self.used: list[tuple[int, str, Callable[[str], Any], Callable[[str], Any]]] = []
        # A bare savepoint: operations that begin a transaction of their own still see only the test's.
        self.savepoint = transaction.savepoint()

    def teardown(self) -> None:
        transaction.savepoint_rollback(self.savepoint)

    @initialize(given=st.lists(st.fixed_dictionaries(earning), min_size=2, max_size=5))
    def begin(self, given) -> None:
        for credit in given:
            self.earn(1, **credit)

    # -- doing the same to both ------------------------------------------------------------------

    def both(
        self,
        concerned: tuple[int, ...],
        ours: Callable[[str, datetime], Any],
        theirs: Callable[[str, datetime], Any],
    ) -> None:
        """Run one operation on both sides: equal answers, or equal refusals that change nothing."""
        self.keys += 1
        key, now = f"key {self.keys}", self.now
        try:
            expected = theirs(key, now)
        except Refused as refused:
            before = read_everything()
            with pytest.raises(Refusal) as caught:
                ours(key, now)
            assert type(caught.value).__name__ == refused.args[0]
            if isinstance(caught.value, ledger.InsufficientPoints):
                assert caught.value.balance == refused.args[1]
            assert read_everything() == before, "a refusal changed something"
        else:
            assert outcome(ours(key, now)) == expected
            if key in self.wallets[concerned[0]].answers:
                self.used.append((concerned[0], key, lambda k: ours(k, now), lambda k: theirs(k, now)))
            for member in concerned:
                self.agree(member)

    def at(self, offset: int | None) -> datetime | None:
        return None if offset is None else self.now + timedelta(days=offset)

    def some_entry(self, pick: int, *kinds: str) -> tuple[int, Row]:
        found = [(m, row) for m, wallet in self.wallets.items() for row in wallet.rows if row.kind in kinds]
        return found[pick % len(found)]

    def has(self, *kinds: str) -> bool:
        return any(row.kind in kinds for wallet in self.wallets.values() for row in wallet.rows)

    def part_of_balance(self, member: int, share: int) -> int:
        return max(1, self.wallets[member].balance * share // 100)

    def part_of_rest(self, member: int, row: Row, share: int, *kinds: str) -> int:
        gone = sum(r.amount for r in self.wallets[member].rows if r.refers == row.seq and r.kind in kinds)
        return max(1, (row.amount - gone) * share // 100)

    # -- operations ------------------------------------------------------------------------------

    @rule(hours=st.integers(1, 100))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(member=members, **earning)
    def earn(self, member, amount, occurred, expires, activates, awaits, sliding) -> None:
        at, lapses, from_then = self.at(occurred), self.at(expires), self.at(activates)
        event = "delivery" if awaits else None

        def ours(key: str, now: datetime) -> Any:
            command = EarnCommand(
                *(MemberId(member), Currency.POINTS, amount, at, key, lapses, from_then, event, sliding),
                *(ProgrammeVersion(3), "base", "order:1"),
            )
            return ledger.earn(actor=ACTOR, now=now, command=command)

        def theirs(key: str, now: datetime) -> Any:
            return self.wallets[member].earn(now, key, amount, at, lapses, from_then, event, sliding)

        self.both((member,), ours, theirs)

    @rule(member=members, share=shares)
    def spend(self, member, share) -> None:
        amount = self.part_of_balance(member, share)
        self.both(
            (member,),
            lambda key, now: ledger.spend(
                actor=ACTOR, now=now, member_id=member, amount=amount, key=key, source="r"
            ),
            lambda key, now: self.wallets[member].spend(now, key, amount),
        )

    @rule(member=members, share=st.integers(1, 60), minutes=st.integers(1, 6000))
    def hold(self, member, share, minutes) -> None:
        amount, until = self.part_of_balance(member, share), self.now + timedelta(minutes=minutes)
        more = {"times_out_at": until, "source": "r"}
        self.both(
            (member,),
            lambda key, now: ledger.hold(
                actor=ACTOR, now=now, member_id=member, amount=amount, key=key, **more
            ),
            lambda key, now: self.wallets[member].hold(now, key, amount, until),
        )

    @precondition(lambda self: self.has("hold"))
    @rule(pick=picks, share=st.none() | shares)
    def capture(self, pick, share) -> None:
        member, row = self.some_entry(pick, "hold")
        amount = share and self.part_of_rest(member, row, share, "capture", "release")
        self.both(
            (member,),
            lambda key, now: ledger.capture(
                actor=ACTOR, now=now, member_id=member, hold_seq=row.seq, amount=amount, key=key, source="r"
            ),
            lambda key, now: self.wallets[member].capture(now, key, row.seq, amount),
        )

    @precondition(lambda self: self.has("hold"))
    @rule(pick=picks)
    def release(self, pick) -> None:
        member, row = self.some_entry(pick, "hold")
        self.both(
            (member,),
            lambda key, now: ledger.release(
                actor=ACTOR, now=now, member_id=member, hold_seq=row.seq, key=key, source="r"
            ),
            lambda key, now: self.wallets[member].release(now, key, row.seq),
        )

    @rule(pick=picks, share=shares, shortfall=shortfalls)
    def reverse(self, pick, share, shortfall) -> None:
        member, row = self.some_entry(pick, *(["earn", "adjust"] if pick else ["earn", "spend", "repay"]))
        amount = self.part_of_rest(member, row, share, "reverse", "waive")
        more = {"currency": Currency.POINTS, "source": "return:1", "reason": "back", "shortfall": shortfall}
        self.both(
            (member,),
            lambda key, now: ledger.reverse_earn(
                actor=ACTOR, now=now, member_id=member, seq=row.seq, amount=amount, key=key, **more
            ),
            lambda key, now: self.wallets[member].reverse(now, key, row.seq, amount, shortfall),
        )

    @precondition(lambda self: self.has("spend", "capture"))
    @rule(pick=picks, share=shares, grace=st.sampled_from([0, 0, 5]))
    def refund(self, pick, share, grace) -> None:
        member, row = self.some_entry(pick, *(["spend", "capture"] if pick else ["spend", "hold", "earn"]))
        amount = self.part_of_rest(member, row, share, "refund")
        more = {"source": "r", "reason": "cancelled", "lapsed_grace_days": grace}
        self.both(
            (member,),
            lambda key, now: ledger.refund_spend(
                actor=ACTOR, now=now, member_id=member, seq=row.seq, amount=amount, key=key, **more
            ),
            lambda key, now: self.wallets[member].refund(now, key, row.seq, amount, grace),
        )

    @precondition(lambda self: any(wallet.waiting for wallet in self.wallets.values()))
    @rule(pick=picks, expires=some_days)
    def activate(self, pick, expires) -> None:
        found = [(m, seq) for m, wallet in self.wallets.items() for seq in wallet.waiting]
        member, seq = found[pick % len(found)] if pick else (1, 1)
        lapses = self.at(expires)
        self.both(
            (member,),
            lambda key, now: ledger.activate(
                actor=ACTOR, now=now, member_id=member, seq=seq, expires_at=lapses, key=key, source="event"
            ),
            lambda key, now: self.wallets[member].activate(now, key, seq, lapses),
        )

    @rule(member=members, until=st.integers(1, 20))
    def extend(self, member, until) -> None:
        instant = self.at(until)
        self.both(
            (member,),
            lambda key, now: ledger.extend_sliding(
                actor=ACTOR, now=now, member_id=member, currency=Currency.POINTS, until=instant, key=key
            ),
            lambda key, now: self.wallets[member].extend(now, key, instant),
        )

    @rule(member=members, amount=amounts, up=st.booleans(), expires=some_days)
    def adjust(self, member, amount, up, expires) -> None:
        lapses = self.at(expires) if up else None
        signed = amount if up else -self.part_of_balance(member, amount)
        more = {"reason": "goodwill", "expires_at": lapses}
        self.both(
            (member,),
            lambda key, now: ledger.adjust_points(
                actor=ACTOR, now=now, member_id=member, amount=signed, key=key, **more
            ),
            lambda key, now: self.wallets[member].adjust(now, key, signed, lapses),
        )

    @rule(giver=members, share=shares)
    def transfer(self, giver, share) -> None:
        taker, amount = 3 - giver, self.part_of_balance(giver, share)
        self.both(
            (giver, taker),
            lambda key, now: ledger.transfer_points(
                actor=ACTOR, now=now, from_member_id=giver, to_member_id=taker, amount=amount, key=key
            ),
            lambda key, now: self.wallets[giver].transfer(now, key, self.wallets[taker], taker, amount),
        )

    @rule(job=st.sampled_from(JOBS))
    def law_8_time_moves_points_on(self, job) -> None:
        """Pending become active, active expire, held become active again."""
        if job == "expire":
            ledger.expire_due(now=self.now)
        elif job == "activate":
            ledger.activate_due(now=self.now)
        else:
            ledger.release_timed_out_holds(now=self.now)
        for member, wallet in self.wallets.items():
            {"expire": wallet.lapse, "activate": wallet.activate_due, "release": wallet.release_due}[job](
                self.now
            )
            self.agree(member)

    @rule(pick=picks)
    def law_7_a_repeated_key_gets_its_first_answer(self, pick) -> None:
        _, key, ours, theirs = self.used[pick % len(self.used)]
        before = read_everything()
        assert outcome(ours(key)) == theirs(key)
        assert read_everything() == before, "a replay changed something"

    @rule(pick=picks, share=shares)
    def law_7_a_key_with_other_input_is_a_conflict(self, pick, share) -> None:
        member, key, _, _ = self.used[pick % len(self.used)]
        amount = self.part_of_balance(member, share)
        if self.wallets[member].answers[key][0] == ("spend", amount):
            return
        before = read_everything()
        with pytest.raises(ledger.IdempotencyConflict):
            ledger.spend(actor=ACTOR, now=self.now, member_id=member, amount=amount, key=key, source="r")
        assert read_everything() == before

    # -- agreeing --------------------------------------------------------------------------------

    def agree(self, member: int) -> None:
        wallet, seen = self.wallets[member], self.seen[member]
        ((state,),) = read_rows(STATE, member=member, seen=seen)
        assert state["wallet"] in (
            [wallet.balance, wallet.pending, wallet.held, wallet.debt, len(wallet.rows)],
            [0, 0, 0, 0, 0] if wallet.rows else None,
        )
        for row, entry in zip(wallet.rows[seen:], state["entries"] or [], strict=True):
            *stored, lots, parts = entry
            head = [row.seq, row.posting, row.kind, row.debit, row.credit, row.amount, row.refers, *row.after]
            assert head == stored
            if row.kind != "extend" or row.refers:
                assert row.lots == list(zip(lots or [], parts or [], strict=True))
        self.seen[member] = len(wallet.rows)
        assert [(seq, list(zip(lots, parts, strict=True))) for seq, lots, parts in state["holds"] or []] == [
            (seq, hold["lots"]) for seq, hold in sorted(wallet.holds.items())
        ]
        self.laws_2_and_3_the_same_lots_in_the_same_order(member, wallet)

    def laws_2_and_3_the_same_lots_in_the_same_order(self, member: int, wallet: Wallet) -> None:
        stored = [
            (lot.lot_id, lot.remaining, lot.opened_at, lot.expires_at or NEVER, lot.sliding)
            for lot in ledger.list_lots(MemberId(member), LONG_AGO)
        ]
        active = [(lot, wallet.open[lot], *astuple(wallet.terms[lot])) for lot in wallet.order()]
        assert stored[: len(active)] == active
        waiting = sorted((lot, amount, lapses) for lot, amount, _, lapses, _ in stored[len(active) :])
        assert waiting == [
            (lot, w["amount"], w["expires"] or NEVER) for lot, w in sorted(wallet.waiting.items())
        ]

    @invariant()
    def law_5_a_shortfall_is_a_deficit_and_nothing_is_dropped(self) -> None:
        for wallet in self.wallets.values():
            assert min(wallet.balance, wallet.pending, wallet.held, wallet.debt) >= 0
            assert wallet.debt == 0 or wallet.balance == 0
            assert sum(wallet.open.values()) == wallet.balance

    @invariant()
    def balances_leave_out_what_is_due(self) -> None:
        balances = ledger.get_balances([MemberId(member) for member in ALL], self.now)
        for member, wallet in self.wallets.items():
            active = wallet.balance - wallet.due(self.now)
            assert astuple(balances[MemberId(member)]) == (active, wallet.pending, wallet.held, wallet.debt)

    @rule()
    def law_1_history_is_the_balance(self) -> None:
        assert ledger.prove().problems == ()
        assert ledger.get_totals(self.now).adds_up
