"""What another cost of a point will come to, told before it is set."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from regulars.console.desk import Desk
from regulars.finance import facade as finance
from regulars.finance.facade import Liability, LiabilityQuestion, PointCost, Waiting
from regulars.kit.clock import local_date
from regulars.kit.money import format_money
from regulars.ledger.facade import Currency


@dataclass(frozen=True, slots=True)
class CostConsequences:
    """What members can claim today, in money before and after; None where a job would have to add it up.

    `money_before` is empty where nothing is reckoned yet.
    """

    told: str
    points: int | None
    money_before: str
    money_after: str


def write_cost(cost: PointCost) -> str:
    """A cost of a point with its currency, without zeros at the end."""
    return f"{cost.cost.normalize():f} {cost.currency}"


def preview_cost(desk: Desk, *, cost: Decimal, effective_on: date) -> CostConsequences:
    """What the points of today would be worth. Raises NoProgramme; desk has a programme."""
    currency = desk.programme.currency if desk.programme else ""
    wanted = PointCost(effective_on, cost, currency, desk.now)
    opened = finance.open_report(
        question=LiabilityQuestion(local_date(desk.now, desk.zone), Currency.POINTS), now=desk.now
    )
    if isinstance(opened, Waiting) or not isinstance(opened.report, Liability):
        return CostConsequences(write_cost(wanted), None, "", "")
    owed = opened.report
    before, after = owed.total.money, finance.value_of(owed.total.claimable, wanted)
    return CostConsequences(
        told=write_cost(wanted),
        points=owed.total.claimable,
        money_before="" if before is None or owed.cost is None else format_money(before, owed.cost.currency),
        money_after="" if after is None else format_money(after, currency),
    )
