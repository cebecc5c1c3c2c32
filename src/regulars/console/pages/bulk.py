"""What doing something with many rows at once will mean, told before it is done."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import QueryDict

from regulars.console.desk import Desk
from regulars.console.pages.redemptions import RedemptionRow, name_rows
from regulars.kit.ids import MemberId, RedemptionId
from regulars.ledger import facade as ledger
from regulars.ledger.facade import Balance
from regulars.members import facade as members
from regulars.members.facade import MemberProfile
from regulars.redemption import facade as redemption
from regulars.redemption.facade import RedemptionState

NUMBER_DIGITS_MAX = 18


@dataclass(frozen=True, slots=True)
class Chosen:
    """One of the chosen members, and what they have."""

    profile: MemberProfile
    balance: Balance


@dataclass(frozen=True, slots=True)
class Adjusting:
    """What adjusting by `amount` does: for `takers`; `short` have too few, `left_out` are gone."""

    amount: int
    takers: Sequence[Chosen]
    short: Sequence[Chosen]
    left_out: int

    @property
    def points(self) -> int:
        """How many points that is in all, without sign."""
        return abs(self.amount) * len(self.takers)

    @property
    def settling(self) -> int:
        """How many of them owe points, which come first."""
        return sum(1 for one in self.takers if one.balance.debt and self.amount > 0)


@dataclass(frozen=True, slots=True)
class Cancelling:
    """What cancelling does: to `rows`; `over` of the chosen are cancelled or delivered for good."""

    rows: Sequence[RedemptionRow]
    over: int

    @property
    def points(self) -> int:
        """How many points go back in all."""
        return sum(row.view.price_points - row.view.refunded_points for row in self.rows)

    @property
    def members(self) -> int:
        """To how many members."""
        return len({row.view.member_id for row in self.rows})

    @property
    def with_code(self) -> int:
        """How many of their codes stop being good."""
        return sum(1 for row in self.rows if row.view.code)

    @property
    def with_money(self) -> int:
        """For how many money was paid."""
        return sum(1 for row in self.rows if row.view.price_money)


def read_ids(given: QueryDict) -> list[int]:
    """The numbers of the chosen rows, each once, as many as may be chosen."""
    numbers = {
        int(text)
        for text in given.getlist("ids")
        if text.isascii() and text.isdecimal() and len(text) <= NUMBER_DIGITS_MAX
    }
    return sorted(numbers)[: ledger.TOGETHER_MAX]


def preview_adjusting(desk: Desk, ids: Sequence[int], amount: int) -> Adjusting:
    """What will happen, as things stand. Members who were merged or erased are left out. Three queries."""
    found = members.get_profiles(MemberId(number) for number in ids)
    there = [one for one in found.values() if one.anonymised_at is None and one.merged_into is None]
    balances = ledger.get_balances([one.id for one in there], desk.now) if there else {}
    chosen = [Chosen(one, balances[one.id]) for one in sorted(there, key=lambda one: one.id)]
    short = [one for one in chosen if one.balance.active + amount < 0] if amount < 0 else []
    takers = [one for one in chosen if one not in short]
    return Adjusting(amount, takers, short, len(ids) - len(there))


def preview_cancelling(ids: Sequence[int]) -> Cancelling:
    """What will happen, as things stand. Five queries at most."""
    views = redemption.get_redemptions(RedemptionId(number) for number in ids)
    open_ = [
        view
        for _number, view in sorted(views.items())
        if view.state in (RedemptionState.RESERVED, RedemptionState.CONFIRMED)
        or (view.state is RedemptionState.FULFILLED and view.refundable_when_fulfilled)
    ]
    return Cancelling(name_rows(open_), len(ids) - len(open_))
