"""What was known on a day: facts cut off before it, and a search for features that look beyond it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np

from regulars.facts.facade import Facts

if TYPE_CHECKING:
    from ibis.expr.types import Table

DATED = ("orders", "order_lines", "returns", "events", "ledger", "redemptions", "tier_changes")
PRESENT = {
    "redemptions": ("state", "refunded_points", "fulfilled_at", "cancelled_at"),
    "members": ("erased", "merged_into", "tier", "language"),
    "rewards": ("stock", "taken", "published"),
}
"""Columns that tell of today, not of the day of their row."""


def cut_off(facts: Facts, before: date) -> Facts:
    """Facts as they stood before a day: nothing of that day or later, and no column that tells of today."""
    day = ibis.literal(before)
    tables: dict[str, Table] = {
        name: (table := getattr(facts, name)).filter(table.occurred_on < day) for name in DATED
    }
    tables["members"] = facts.members.filter(facts.members.joined_on < day)
    tables["rewards"] = facts.rewards
    for name, columns in PRESENT.items():
        tables[name] = tables[name].drop(*columns)
    return replace(facts, **tables)


def find_leaks(build: Callable[[Facts, date], "Table"], facts: Facts, before: date) -> frozenset[str]:
    """Columns whose values change when what happened from `before` on is taken away.

    `build` makes a table of features with a row a member. Such a feature looks into the future,
    and a model that learns from it is praised for knowing what it is asked.
    """
    dated = {
        name: (table := getattr(facts, name)).filter(table.occurred_on < ibis.literal(before))
        for name in DATED
    }
    whole = build(facts, before).order_by("member_id").to_pyarrow()
    known = build(replace(facts, **dated), before).order_by("member_id").to_pyarrow()
    return frozenset(
        name for name in whole.column_names if not _are_equal(whole.column(name), known.column(name))
    )


def _are_equal(one: Any, other: Any) -> bool:
    """Up to the order in which an engine adds numbers up."""
    if len(one) != len(other):
        return False
    left, right = (column.to_numpy(zero_copy_only=False).astype("float64") for column in (one, other))
    return bool(np.allclose(left, right, rtol=1e-9, atol=1e-9, equal_nan=True))
