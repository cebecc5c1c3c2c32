# ruff: noqa: PLR0917, PLR0912 (plain and short on purpose)
"""The half of the plain model that takes back what was given and gives back what was taken."""

from datetime import UTC, datetime, timedelta

NEVER = datetime.max.replace(tzinfo=UTC)


class Refused(Exception):
    """What the ledger must refuse; the first argument names the class of the refusal."""


class Returns:
    def give_back(self, kind, debit, parts, refers, at, grace_until):
        """Debt first. Then what stood in for a lot, and in for that; then the same lots (law 2).

        What has lapsed lapses again, or gets days of grace, once.
        """
        amount = sum(part for _, part in parts)
        posting = self.log(kind, debit, "active", amount, lots=parts, refers=refers)
        rest = list(parts)
        owed = min(self.debt, amount)
        if owed:
            self.repay(self.cut(rest, owed), posting)
        home: dict[int, int] = {}
        while rest:
            lot, part = rest.pop(0)
            back = []
            while part and self.stand_ins.get(lot):
                other = self.stand_ins[lot][0]
                used = min(part, other[1])
                back.append((other[0], used))
                part -= used
                other[1] -= used
                if not other[1]:
                    self.stand_ins[lot].pop(0)
            if back:
                moved = sum(some for _, some in back)
                self.log("restore", "active", "active", moved, posting=posting, lots=back, refers=lot)
                rest += back
            if part:
                home[lot] = home.get(lot, 0) + part
        self.reopen(home, posting, refers, at, grace_until)
        return posting

    def reopen(self, home, posting, refers, at, grace_until):
        lapsed = [lot for lot in home if self.terms[lot].expires <= at]
        spared = [lot for lot in lapsed if grace_until and lot not in self.graced]
        gone = [(lot, home[lot]) for lot in lapsed if lot not in spared]
        for lot, part in home.items():
            if lot not in lapsed or lot in spared:
                self.add(lot, part)
        if spared:
            parts = [(lot, home[lot]) for lot in spared]
            self.log(
                "extend",
                "active",
                "active",
                sum(p for _, p in parts),
                posting=posting,
                lots=parts,
                refers=refers,
            )
        for lot in spared:
            self.terms[lot].expires = grace_until
            self.graced.add(lot)
        if gone:
            amount = sum(part for _, part in gone)
            self.log("expire", "active", "expired", amount, posting=posting, lots=gone)

    def repay(self, parts, posting):
        """The oldest debt first; what repays the debt of a reversal stands in for the lot of its credit."""
        self.log("repay", "active", "debt", sum(part for _, part in parts), posting=posting, lots=parts)
        for lot, given in parts:
            left = given
            while left:
                used = min(left, self.owing[0][1])
                self.stand_in(self.owing[0][0], lot, used)
                left -= used
                self.owing[0][1] -= used
                if not self.owing[0][1]:
                    self.owing.pop(0)

    def stand_in(self, lot, other, part):
        if lot is not None and lot != other:
            self.stand_ins.setdefault(lot, []).append([other, part])

    def refund(self, now, key, seq, amount, grace_days):
        given = ("refund", seq, amount, grace_days)
        if answer := self.replay(key, given):
            return answer
        if not 1 <= seq <= len(self.rows):
            raise Refused("EntryNotFound")
        spent = self.rows[seq - 1]
        if spent.kind not in ("spend", "capture"):
            raise Refused("NotRefundable")
        before = sum(row.amount for row in self.rows if row.kind == "refund" and row.refers == seq)
        if before + amount > spent.amount:
            raise Refused("RefundTooLarge")
        self.lapse(now)
        parts = spent.lots[::-1]
        self.cut(parts, before)
        grace_until = now + timedelta(days=grace_days) if grace_days else None
        posting = self.give_back("refund", "spent", self.cut(parts, amount), seq, now, grace_until)
        return self.keep(key, given, self.receipt(posting, amount))

    def reverse(self, now, key, seq, amount, shortfall):
        given = ("reverse", seq, amount, shortfall)
        if answer := self.replay(key, given):
            return answer
        if not 1 <= seq <= len(self.rows):
            raise Refused("EntryNotFound")
        earned = self.rows[seq - 1]
        if not (earned.kind == "earn" or (earned.kind == "adjust" and earned.credit == "active")):
            raise Refused("NotReversible")
        back = sum(row.amount for row in self.rows if row.refers == seq and row.kind in ("reverse", "waive"))
        if back + amount > earned.amount:
            raise Refused("ReversalTooLarge")
        missing = amount
        pending = min(missing, self.waiting[seq]["amount"]) if seq in self.waiting else 0
        missing -= pending
        own = gone = others = 0
        taken: list[tuple[int, int]] = []
        if missing and shortfall != "pending_only":
            self.lapse(now)
            own = min(missing, self.open.get(seq, 0))
            if own:
                self.remove(seq, own)
                taken = [(seq, own)]
            missing -= own
            gone = min(missing, self.lapsed(seq))
            missing -= gone
            others = min(missing, sum(self.open.values()))
            taken += self.take(others)
            missing -= others
        debt = missing if shortfall == "debt" else 0
        waived = missing - debt
        posting = len(self.rows) + 1
        if pending:
            self.waiting[seq]["amount"] -= pending
            if not self.waiting[seq]["amount"]:
                del self.waiting[seq]
            parts = [(seq, pending)]
            self.log("reverse", "pending", "reversed", pending, posting=posting, lots=parts, refers=seq)
        if own + others:
            self.log("reverse", "active", "reversed", own + others, posting=posting, lots=taken, refers=seq)
        for lot, part in taken:
            self.stand_in(seq, lot, part)
        if gone:
            self.log("reverse", "expired", "reversed", gone, posting=posting, lots=[(seq, gone)], refers=seq)
        if debt:
            self.log("reverse", "debt", "reversed", debt, posting=posting, refers=seq)
            self.owing.append([seq, debt])
        if waived:
            self.log("waive", "waived", "reversed", waived, posting=posting, refers=seq)
        return self.keep(key, given, (posting, amount, pending, own, gone, others, debt, waived))

    def lapsed(self, lot):
        """What of a lot is gone by expiry, and not yet booked as taken back."""
        signs = [(row, (row.credit == "expired") - (row.debit == "expired")) for row in self.rows]
        return sum(dict(row.lots).get(lot, 0) * sign for row, sign in signs if sign)
