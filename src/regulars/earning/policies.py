"""Pure decisions: what of an award goes back with a return.

It is worked out from the recorded shares alone (law 6). Each share of a line returns in
proportion to what of the line has come back so far: `target(after) − target(before)`, both rounded down,
and everything at the end. So any split and any order of returns ends at the same state.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from regulars.activity.facade import ReturnedLine, measure_return
from regulars.earning.details import KeptAward, KeptPosting
from regulars.kit.points import cumulative_target, share_out
from regulars.rules.facade import UsageKey

POINTS = "points"
AWARD_MAX = 10**13
"""What one credit may be: as much as the largest order's amount. A wallet has room for 900,000 of them."""


def take_back(
    award: KeptAward, lines: Iterable[ReturnedLine]
) -> tuple[list[tuple[KeptPosting, int]], list[tuple[UsageKey, int]]]:
    """What one return takes of an award: amounts per posting, and what it frees of caps. No zeros."""
    measures = {line.line_no: _measure(line) for line in lines}
    postings = []
    for posting in award.postings:
        amount = sum(_due(part.shares, measures) for part in posting.parts)
        if amount:
            postings.append((posting, amount))
    usage = []
    for key, used in award.usage:
        freed = _due(_usage_shares(award, key.rule, used), measures)
        if freed:
            usage.append((key, freed))
    return postings, usage


def _measure(line: ReturnedLine) -> tuple[int, int, int]:
    """How much of a line was back before, and is now, out of how much."""
    bought = {"bought_quantity": line.bought_quantity, "bought_amount": line.bought_amount}
    after, whole = measure_return(
        **bought,
        quantity=line.quantity_before + line.quantity,
        amount=line.amount_before + line.amount,
    )
    if not line.bought_quantity and not line.bought_amount:
        return 0, after, whole
    before, _ = measure_return(**bought, quantity=line.quantity_before, amount=line.amount_before)
    return before, after, whole


def _due(shares: Iterable[tuple[int, int]], measures: Mapping[int, tuple[int, int, int]]) -> int:
    due = 0
    for line_no, points in shares:
        if line_no in measures:
            before, after, whole = measures[line_no]
            due += cumulative_target(points, after, whole) - cumulative_target(points, before, whole)
    return due


def _usage_shares(award: KeptAward, rule: str, used: int) -> list[tuple[int, int]]:
    """Use of a cap, shared over the lines as the rule's points were: where they agree, share by share."""
    by_line: dict[int, int] = defaultdict(int)
    for posting in award.postings:
        for part in posting.parts:
            if part.rule == rule and posting.currency == POINTS:
                for line_no, points in part.shares:
                    by_line[line_no] += points
    return list(zip(by_line, share_out(used, list(by_line.values())), strict=True)) if by_line else []
