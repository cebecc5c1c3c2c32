"""Points: issued, spent, expired, outstanding, and whether those who hold some take rewards.

From the journal, in the spendable currency alone, by the day things happened. A wallet's balance is the sum
of what came to `active` less what left it, so balances of any past day are sums too (docs/ledger.md). Rows
are as in `purchases.py`.
"""

from typing import Any

import ibis

from regulars.analytics.measures.purchases import ONE
from regulars.analytics.measures.windows import place
from regulars.facts.facade import Facts

SPENDABLE = "points"
CANCELLED = "cancelled"


def list_movements(facts: Facts) -> Any:
    """What moved by member and day (issued, spent, expired, gained, net), in points.

    `issued` = earned or adjusted upwards less what was reversed or adjusted downwards; `spent` less what
    was given back; `gained` = all that came to the spendable balance; `net` = that less all that left it.
    """
    entries = facts.ledger
    entries = entries.filter(entries.currency == SPENDABLE)
    amount, debit, credit = entries.amount, entries.debit, entries.credit
    never = ibis.literal(value=False)
    taken_back = credit.isin(["reversed", "adjusted"]) & (debit != "waived")
    moved = entries.select(
        "member_id",
        "occurred_on",
        issued=_signed(amount, debit.isin(["issued", "adjusted"]), taken_back),
        spent=_signed(amount, credit == "spent", debit == "spent"),
        expired=_signed(amount, entries.kind == "expire", never),
        gained=_signed(amount, (credit == "active") & (debit != "active"), never),
        net=_signed(amount, credit == "active", debit == "active"),
    )
    return moved.group_by(["member_id", "occurred_on"]).agg(
        **{name: moved[name].sum().cast("int64") for name in ("issued", "spent", "expired", "gained", "net")}
    )


def measure_issued(facts: Facts, windows: Any) -> Any:
    """Points issued = earned or adjusted upwards less reversed or adjusted downwards. A sum."""
    return _sum(facts, windows, "issued")


def measure_spent(facts: Facts, windows: Any) -> Any:
    """Points spent = taken for rewards less given back, in the period. A sum."""
    return _sum(facts, windows, "spent")


def measure_expired(facts: Facts, windows: Any) -> Any:
    """Points expired = what lapsed unspent in the period. A sum."""
    return _sum(facts, windows, "expired")


def measure_burn(facts: Facts, windows: Any) -> Any:
    """Burn rate (burn ÷ earn) = points spent ÷ points issued, both in the period. Above 1 the balance
    shrinks.
    """
    placed = place(list_movements(facts), windows)
    sums = placed.group_by(["window", "member_id"]).agg(
        numerator=placed.spent.sum().cast("int64"), denominator=placed.issued.sum().cast("int64")
    )
    return sums.filter((sums.numerator != 0) | (sums.denominator != 0))


def measure_outstanding(facts: Facts, windows: Any) -> Any:
    """Outstanding points = spendable balances at the end of the period. A sum over members who hold some.

    What is pending or held is left out here; the whole liability is finance's (docs/finance.md).
    """
    moved = list_movements(facts)
    joined = moved.join(windows, moved.occurred_on < windows["after"])
    sums = joined.group_by(["window", "member_id"]).agg(numerator=joined.net.sum().cast("int64"))
    return sums.filter(sums.numerator != 0).select("window", "member_id", "numerator", denominator=ONE)


def measure_redemption(facts: Facts, windows: Any) -> Any:
    """Redemption rate = those of them who took a reward in the period ÷ members who held points at some
    time in it.

    Held: a balance when it began, or points gained in it. Redemptions that were cancelled since do not
    count.
    """
    moved = list_movements(facts)
    joined = moved.join(windows, moved.occurred_on < windows["after"])
    inside = (joined.occurred_on >= joined["first"]).cast("int64")
    seen = joined.group_by(["window", "member_id"]).agg(
        opening=((1 - inside) * joined.net).sum().cast("int64"),
        gained=(inside * joined.gained).sum().cast("int64"),
    )
    holders = seen.filter((seen.opening > 0) | (seen.gained > 0)).select("window", "member_id")
    taken = place(list_taken(facts), windows).select("window", "member_id").distinct()
    taken = taken.mutate(took=ONE)
    both = holders.left_join(taken, ["window", "member_id"])
    return both.select(
        "window", "member_id", numerator=both.took.fill_null(ibis.literal(0, "int64")), denominator=ONE
    )


def list_taken(facts: Facts) -> Any:
    """Redemptions that stand: neither cancelled nor given back."""
    redemptions = facts.redemptions
    return redemptions.filter(redemptions.state != CANCELLED)


def list_balances(facts: Facts) -> Any:
    """Spendable balances at the end of the facts (member_id, balance), of all who ever moved points."""
    moved = list_movements(facts)
    moved = moved.filter(moved.occurred_on <= ibis.date(facts.as_of))
    return moved.group_by("member_id").agg(balance=moved.net.sum().cast("int64"))


def _sum(facts: Facts, windows: Any, column: str) -> Any:
    placed = place(list_movements(facts), windows)
    sums = placed.group_by(["window", "member_id"]).agg(numerator=placed[column].sum().cast("int64"))
    return sums.filter(sums.numerator != 0).select("window", "member_id", "numerator", denominator=ONE)


def _signed(amount: Any, plus: Any, minus: Any) -> Any:
    return amount * (plus.cast("int64") - minus.cast("int64"))
