# ruff: noqa: PLR0917 (plain and short on purpose)
"""The ledger as plain Python: what the database must agree with, step by step.

Written from the laws, without a look at the SQL's way of doing it: lists, dictionaries, sorted().
"""

from dataclasses import dataclass, field
from datetime import datetime

from tests.ledger.model_returns import NEVER, Refused, Returns


@dataclass
class Terms:
    opened: datetime
    expires: datetime
    sliding: bool


@dataclass
class Row:
    seq: int
    posting: int
    kind: str
    debit: str
    credit: str
    amount: int
    lots: list[tuple[int, int]]
    refers: int | None
    after: tuple[int, int, int, int]


@dataclass
class Wallet(Returns):
    balance: int = 0
    pending: int = 0
    held: int = 0
    debt: int = 0
    sliding_until: datetime | None = None
    rows: list[Row] = field(default_factory=list)
    open: dict[int, int] = field(default_factory=dict)
    waiting: dict[int, dict] = field(default_factory=dict)
    holds: dict[int, dict] = field(default_factory=dict)
    terms: dict[int, Terms] = field(default_factory=dict)
    graced: set[int] = field(default_factory=set)
    owing: list[list] = field(default_factory=list)
    stand_ins: dict[int, list[list]] = field(default_factory=dict)
    answers: dict[str, tuple] = field(default_factory=dict)

    # -- what every posting is made of -------------------------------------------------------------

    def log(self, kind, debit, credit, amount, *, posting=None, lots=(), refers=None):
        assert amount > 0
        for account, sign in ((debit, -1), (credit, 1)):
            if account == "active":
                self.balance += sign * amount
            elif account in ("pending", "held"):
                setattr(self, account, getattr(self, account) + sign * amount)
            elif account == "debt":
                self.debt -= sign * amount
        seq = len(self.rows) + 1
        after = (self.balance, self.pending, self.held, self.debt)
        self.rows.append(Row(seq, posting or seq, kind, debit, credit, amount, list(lots), refers, after))
        return seq

    def order(self):
        """Law 3: earliest expiry first, never last, then oldest, then by id."""
        return sorted(self.open, key=lambda lot: (self.terms[lot].expires, self.terms[lot].opened, lot))

    def due(self, now):
        return sum(part for lot, part in self.open.items() if self.terms[lot].expires <= now)

    def lapse(self, now):
        groups: dict[datetime, list[int]] = {}
        for lot in self.order():
            if self.terms[lot].expires <= now:
                groups.setdefault(self.terms[lot].expires, []).append(lot)
        for lots in groups.values():
            parts = [(lot, self.open.pop(lot)) for lot in lots]
            self.log("expire", "active", "expired", sum(part for _, part in parts), lots=parts)

    def take(self, amount):
        taken = []
        for lot in self.order():
            if amount == 0:
                break
            part = min(amount, self.open[lot])
            self.remove(lot, part)
            taken.append((lot, part))
            amount -= part
        assert amount == 0
        return taken

    def remove(self, lot, part):
        self.open[lot] -= part
        if self.open[lot] == 0:
            del self.open[lot]

    def add(self, lot, part):
        if part:
            self.open[lot] = self.open.get(lot, 0) + part

    def open_lot(self, lot, amount, posting):
        """Law 5: a credit repays debt first."""
        repaid = min(self.debt, amount)
        if repaid:
            self.repay([(lot, repaid)], posting)
        self.add(lot, amount - repaid)

    def carried(self, expires, sliding):
        return max(expires, self.sliding_until) if sliding and self.sliding_until else expires

    def receipt(self, seq, amount):
        return (seq, amount, self.balance, self.debt)

    def replay(self, key, given):
        if key in self.answers:
            before, answer = self.answers[key]
            if before != given:
                raise Refused("IdempotencyConflict")
            return answer
        return None

    def keep(self, key, given, answer):
        self.answers[key] = (given, answer)
        return answer

    def require(self, amount, now):
        there = self.balance - self.due(now)
        if there < amount:
            raise Refused("InsufficientPoints", there)

    # -- the operations ----------------------------------------------------------------------------

    def earn(self, now, key, amount, occurred, expires, activates, awaits, sliding):
        given = ("earn", amount, occurred, expires, activates, awaits, sliding)
        if answer := self.replay(key, given):
            return answer
        active = activates <= now if activates else awaits is None
        seq = self.log("earn", "issued", "active" if active else "pending", amount)
        if active:
            lapses = self.carried(expires or NEVER, sliding)
            self.terms[seq] = Terms(activates or occurred, lapses, sliding)
            self.open_lot(seq, amount, seq)
        else:
            lapses = expires and self.carried(expires, sliding)
            self.waiting[seq] = {
                "amount": amount,
                "activates": activates,
                "expires": lapses,
                "awaits": awaits,
                "sliding": sliding,
            }
        return self.keep(key, given, self.receipt(seq, amount))

    def activate(self, now, key, seq, expires, occurred=None):
        given = ("activate", seq)
        if key and (answer := self.replay(key, given)):
            return answer
        if not 1 <= seq <= len(self.rows):
            raise Refused("EntryNotFound")
        if seq not in self.waiting:
            raise Refused("NotPending")
        lot = self.waiting.pop(seq)
        posting = self.log("activate", "pending", "active", lot["amount"], refers=seq)
        lapses = self.carried(expires or NEVER, lot["sliding"])
        self.terms[seq] = Terms(occurred or now, lapses, lot["sliding"])
        self.open_lot(seq, lot["amount"], posting)
        answer = self.receipt(posting, lot["amount"])
        return self.keep(key, given, answer) if key else answer

    def activate_due(self, now):
        due = [
            (lot["activates"], seq)
            for seq, lot in self.waiting.items()
            if lot["activates"] and lot["activates"] <= now
        ]
        for activates, seq in sorted(due):
            self.activate(now, None, seq, self.waiting[seq]["expires"], activates)

    def extend(self, now, key, until):
        given = ("extend", until)
        if answer := self.replay(key, given):
            return answer
        if self.sliding_until and self.sliding_until >= until:
            return None
        alive = [lot for lot in self.open if self.terms[lot].expires > now]
        moved = [self.open[lot] for lot in alive if self.lengthens(lot, until)]
        waiting = [w for w in self.waiting.values() if w["sliding"] and w["expires"]]
        moved += [w["amount"] for w in waiting if w["expires"] < until]
        held = [pair for hold in self.holds.values() for pair in hold["lots"]]
        moved += [part for lot, part in held if self.lengthens(lot, until)]
        if not moved:
            return None
        self.lapse(now)
        amount = sum(moved)
        seq = self.log("extend", "active", "active", amount)
        self.sliding_until = until
        for terms in self.terms.values():
            if terms.sliding:
                terms.expires = max(terms.expires, until)
        for lot in self.waiting.values():
            if lot["sliding"] and lot["expires"]:
                lot["expires"] = max(lot["expires"], until)
        return self.keep(key, given, self.receipt(seq, amount))

    def lengthens(self, lot, until):
        return self.terms[lot].sliding and self.terms[lot].expires < until

    def debit(self, now, key, given, kind, credit, amount):
        if answer := self.replay(key, given):
            return answer
        self.require(amount, now)
        self.lapse(now)
        seq = self.log(kind, "active", credit, amount, lots=self.take(amount))
        return self.keep(key, given, self.receipt(seq, amount))

    def spend(self, now, key, amount):
        return self.debit(now, key, ("spend", amount), "spend", "spent", amount)

    def hold(self, now, key, amount, times_out):
        new = key not in self.answers
        answer = self.debit(now, key, ("hold", amount), "hold", "held", amount)
        if new:
            self.holds[answer[0]] = {"lots": list(self.rows[answer[0] - 1].lots), "times_out": times_out}
        return answer

    def capture(self, now, key, seq, amount):
        given = ("capture", seq, amount)
        if answer := self.replay(key, given):
            return answer
        hold = self.holds.get(seq)
        there = sum(part for _, part in hold["lots"]) if hold else 0
        amount = amount or there
        if not hold or hold["times_out"] <= now or amount > there:
            raise Refused("HoldNotOpen")
        cut = self.cut(hold["lots"], amount)
        posting = self.log("capture", "held", "spent", amount, lots=cut, refers=seq)
        if not hold["lots"]:
            del self.holds[seq]
        return self.keep(key, given, self.receipt(posting, amount))

    def cut(self, parts, amount):
        """Take an amount off the front of a list of allocations."""
        taken = []
        while amount:
            lot, part = parts.pop(0)
            used = min(part, amount)
            taken.append((lot, used))
            if used < part:
                parts.insert(0, (lot, part - used))
            amount -= used
        return taken

    def release(self, now, key, seq, occurred=None):
        given = ("release", seq)
        if key and (answer := self.replay(key, given)):
            return answer
        if seq not in self.holds:
            raise Refused("HoldNotOpen")
        parts = self.holds.pop(seq)["lots"][::-1]
        posting = self.give_back("release", "held", parts, seq, occurred or now, None)
        answer = self.receipt(posting, sum(part for _, part in parts))
        return self.keep(key, given, answer) if key else answer

    def release_due(self, now):
        due = [(hold["times_out"], seq) for seq, hold in self.holds.items() if hold["times_out"] <= now]
        for times_out, seq in sorted(due):
            self.release(now, None, seq, times_out)

    def adjust(self, now, key, amount, expires):
        given = ("adjust", amount, expires)
        if amount < 0:
            return self.debit(now, key, given, "adjust", "adjusted", -amount)
        if answer := self.replay(key, given):
            return answer
        if expires and expires <= now:
            raise Refused("InvalidPosting")
        seq = self.log("adjust", "adjusted", "active", amount)
        self.terms[seq] = Terms(now, expires or NEVER, False)
        self.open_lot(seq, amount, seq)
        return self.keep(key, given, self.receipt(seq, amount))

    def transfer(self, now, key, taker, taker_id, amount):
        given = ("transfer", taker_id, amount)
        if answer := self.replay(key, given):
            return answer
        self.require(amount, now)
        self.lapse(now)
        parts = self.take(amount)
        seq = self.log("transfer_out", "active", "transferred", amount, lots=parts)
        posting = len(taker.rows) + 1
        for lot, part in parts:
            terms = self.terms[lot]
            new = taker.log("transfer_in", "transferred", "active", part, posting=posting)
            taker.terms[new] = Terms(now, terms.expires, False)
            if lot in self.graced:
                taker.log("extend", "active", "active", part, posting=posting, lots=[(new, part)], refers=new)
                taker.graced.add(new)
            taker.open_lot(new, part, posting)
        return self.keep(key, given, self.receipt(seq, amount))
