"""What a correction will do, told before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from regulars.ledger.facade import Balance, Lot, LotState


@dataclass(frozen=True, slots=True)
class Taken:
    """How many points leave one lot."""

    lot: Lot
    points: int


@dataclass(frozen=True, slots=True)
class AdjustConsequences:
    """What adjusting by `amount` does. `settles` is the part that repays a debt, `short` what is missing."""

    amount: int
    before: Balance
    active_after: int
    settles: int
    taken: tuple[Taken, ...]
    short: int
    expires_at: datetime | None


def preview_adjustment(
    balance: Balance, lots: Sequence[Lot], amount: int, expires_at: datetime | None
) -> AdjustConsequences:
    """What the ledger will do with this adjustment, as things stand. `lots` come in the order of spending."""
    if amount >= 0:
        settles = min(balance.debt, amount)
        return AdjustConsequences(
            amount, balance, balance.active + amount - settles, settles, (), 0, expires_at
        )
    taken, left = [], -amount
    for lot in lots:
        if left and lot.state is LotState.ACTIVE:
            points = min(left, lot.remaining)
            taken.append(Taken(lot, points))
            left -= points
    short = max(0, -amount - balance.active)
    return AdjustConsequences(amount, balance, balance.active + amount, 0, tuple(taken), short, None)
