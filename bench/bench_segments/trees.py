"""Forty trees of the kinds that shops define, beside the ten built-in ones."""

from collections.abc import Iterator
from typing import Any


def list_trees() -> Iterator[tuple[str, dict[str, Any]]]:
    """Names and trees: orders, products, events, points and measures, alone and together."""
    for days in (7, 30, 60, 90, 180):
        yield f"Bought in {days}", {"count": "orders", "within": {"last_days": days}, "at_least": 1}
        yield f"Silent for {days}", {"count": "orders", "within": {"last_days": days}, "at_most": 0}
        yield f"Spent in {days}", {"sum": "orders.amount", "within": {"last_days": days}, "at_least": 8000}
        yield f"Looked in {days}", {"count": "views", "within": {"last_days": days}, "at_least": 1}
    for number in range(5):
        shelf = {"category": {"is": f"Shelf {number}"}}
        yield f"Buys shelf {number}", {"count": "purchases", "where": shelf, "at_least": 1}
        brand = {"brand": {"one_of": [f"Brand {number}", f"Brand {number + 7}"]}}
        yield f"Buys brand {number}", {"count": "purchases", "where": brand, "at_least": 1}
        yield f"Points from {number}", {"trait": "points.balance", "at_least": 300 * number}
        yield (
            f"Worth keeping {number}",
            {
                "all": [
                    {"trait": "measure.churn_risk", "at_least": 0.5 + number / 10},
                    {"trait": "measure.value", "at_least": 20_000},
                    {"not": {"days_since": "orders", "at_most": 30 + number}},
                    {
                        "any": [
                            {"trait": "points.balance", "at_least": 100},
                            {"bucket": {"from": 0, "before": 50}},
                        ]
                    },
                ]
            },
        )
