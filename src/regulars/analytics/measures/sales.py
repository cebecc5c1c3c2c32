"""What members spend: sales, basket value, margin where the cost is known. Minor units of one currency."""

from typing import Any

from regulars.analytics.measures.purchases import ONE, list_buyers
from regulars.analytics.measures.windows import place
from regulars.facts.facade import Facts


def measure_sales(facts: Facts, windows: Any) -> Any:
    """Sales to members = paid in the period less what came back in it. A sum; a member's part may be
    negative.
    """
    orders, returns = facts.orders, facts.returns
    paid = orders.select("member_id", "occurred_on", "amount")
    back = returns.select("member_id", "occurred_on", amount=-returns.amount)
    placed = place(paid.union(back), windows)
    sums = placed.group_by(["window", "member_id"]).agg(numerator=placed.amount.sum().cast("int64"))
    return sums.select("window", "member_id", "numerator", denominator=ONE)


def measure_basket(facts: Facts, windows: Any) -> Any:
    """Basket value = paid ÷ orders, both in the period, before returns: what comes back, comes back later."""
    buyers = list_buyers(facts, windows)
    return buyers.select("window", "member_id", numerator=buyers.amount, denominator=buyers.orders)


def measure_margin(facts: Facts, windows: Any) -> Any:
    """Margin = (paid − cost) ÷ paid, over lines of products whose cost is known today.

    Gross margin of retail accounting. `denominator` says of how much of the sales that is. Before returns.
    """
    lines, products = facts.order_lines, facts.products
    known = products.filter(products.cost.notnull()).select("sku", "cost")
    costed = lines.join(known, "sku")
    costed = costed.select(
        "member_id", "occurred_on", "amount", gain=costed.amount - costed.quantity * costed.cost
    )
    placed = place(costed, windows)
    return placed.group_by(["window", "member_id"]).agg(
        numerator=placed.gain.sum().cast("int64"), denominator=placed.amount.sum().cast("int64")
    )
