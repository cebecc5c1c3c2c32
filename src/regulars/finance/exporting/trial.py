"""Sums beside the lines, and the trial balance that they must agree with."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from regulars.finance.exporting.chart import BY_NAME, CHART
from regulars.finance.queries.reading import Flow
from regulars.finance.types import TrialLine


class Tally:
    """What went into a file: entries, and the debits and credits of each currency and account."""

    def __init__(self) -> None:
        self.entries = 0
        self.sums: dict[tuple[str, str], tuple[int, int]] = defaultdict(lambda: (0, 0))

    def add(self, currency: str, account: str, debit: int, credit: int) -> None:
        """Count one line."""
        debits, credits_ = self.sums[currency, account]
        self.sums[currency, account] = (debits + debit, credits_ + credit)

    @property
    def debits(self) -> int:
        """Of all lines."""
        return sum(debits for debits, _credits in self.sums.values())

    @property
    def credits(self) -> int:
        """Of all lines."""
        return sum(credits_ for _debits, credits_ in self.sums.values())


def make_trial_balance(flows: Iterable[Flow]) -> list[TrialLine]:
    """Every account of every currency in which anything was ever booked, from the sums of the database."""
    opening: dict[tuple[str, str], int] = defaultdict(int)
    debits: dict[tuple[str, str], int] = defaultdict(int)
    credits_: dict[tuple[str, str], int] = defaultdict(int)
    currencies = set()
    for flow in flows:
        left, right = (flow.currency, flow.debit), (flow.currency, flow.credit)
        if flow.phase == 0:
            opening[left] += flow.points
            opening[right] -= flow.points
        elif flow.phase == 1:
            debits[left] += flow.points
            credits_[right] += flow.points
        if flow.phase < 2:
            currencies.add(flow.currency)
    return [
        TrialLine(
            currency=currency,
            account=BY_NAME[account.name],
            opening=opening[currency, account.name],
            debits=debits[currency, account.name],
            credits=credits_[currency, account.name],
        )
        for currency in sorted(currencies)
        for account in CHART
    ]


def compare_tally(tally: Tally, trial: Sequence[TrialLine]) -> list[str]:
    """Where lines and trial balance part, or debits and credits; empty where all agree."""
    problems = []
    if tally.debits != tally.credits:
        problems.append(f"debits are {tally.debits:,}, credits {tally.credits:,}")
    for currency in {one.currency for one in trial}:
        left_over = sum(one.closing for one in trial if one.currency == currency)
        if left_over:
            problems.append(f"the accounts of {currency} add up to {left_over:,}, not to zero")
    for one in trial:
        written = tally.sums.get((one.currency, one.account.name), (0, 0))
        if written != (one.debits, one.credits):
            problems.append(
                f"{one.currency}, {one.account.name}: {written[0]:,} debited and {written[1]:,} credited are "
                f"written, {one.debits:,} and {one.credits:,} are in the journal"
            )
    return problems
