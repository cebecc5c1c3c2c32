"""What the models of value read: purchase histories as they stood before a day, and what came after it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import ibis
import numpy as np

from regulars.analytics.value.history import Histories, Members, Numbers
from regulars.facts.facade import Facts

if TYPE_CHECKING:
    from ibis.expr.types import Table

DAYS = 7


@dataclass(frozen=True, slots=True)
class Past:
    """Histories before a day. `recent` has what was paid in the last weeks, by window: members × windows."""

    histories: Histories
    recent: Numbers
    windows: tuple[int, ...]
    """In weeks."""


def find_currency(facts: Facts) -> str:
    """The currency of most orders; others are left out of value. Empty: no orders."""
    counted = facts.orders.group_by("currency").agg(n=facts.orders.count())
    rows = counted.order_by([ibis.desc("n"), "currency"]).limit(1).to_pyarrow().to_pylist()
    return str(rows[0]["currency"]) if rows else ""


def find_first_day(facts: Facts) -> date | None:
    """The day of the first order there is."""
    day: date | None = facts.orders.occurred_on.min().to_pyarrow().as_py()
    return day


def read_past(facts: Facts, before: date, windows: Sequence[int], currency: str) -> Past:
    """Everybody who bought before a day, from what was known then: one aggregation on the engine.

    Several purchases of one day count as one: half of a family's second trips are for what was forgotten.
    """
    orders = facts.orders
    orders = orders.filter(orders.occurred_on < ibis.literal(before), orders.currency == currency)
    days = orders.group_by("member_id", "occurred_on").agg(amount=orders.amount.sum())
    recent = {
        f"recent_{weeks}": days.amount.sum(
            where=days.occurred_on >= ibis.literal(before - timedelta(days=DAYS * weeks))
        )
        for weeks in windows
    }
    table = (
        days.group_by("member_id")
        .agg(
            days=days.count(),
            first=days.occurred_on.min(),
            last=days.occurred_on.max(),
            amount=days.amount.sum(),
            **recent,
        )
        .order_by("member_id")
        .to_pyarrow()
    )
    first, last = read_days(table.column("first")), read_days(table.column("last"))
    count = read_numbers(table.column("days"))
    histories = Histories(
        members=table.column("member_id").to_numpy().astype(np.int64),
        repeats=count - 1,
        last_at=(last - first) / DAYS,
        age=((before - EPOCH).days - first) / DAYS,
        average=read_numbers(table.column("amount")) / np.maximum(count, 1),
    )
    columns = [read_numbers(table.column(name)) for name in recent]
    return Past(histories, np.column_stack(columns), tuple(windows))


def read_spent(facts: Facts, first: date, after: date, currency: str, members: Members) -> Numbers:
    """What each of some members (ascending) paid from one day until another."""
    orders = facts.orders
    orders = orders.filter(
        orders.occurred_on >= ibis.literal(first),
        orders.occurred_on < ibis.literal(after),
        orders.currency == currency,
    )
    table: Table = orders.group_by("member_id").agg(amount=orders.amount.sum())
    found = table.to_pyarrow()
    ids = found.column("member_id").to_numpy().astype(np.int64)
    spent = np.zeros(len(members))
    place = np.searchsorted(members, ids)
    known = (place < len(members)) & (members[np.minimum(place, len(members) - 1)] == ids)
    spent[place[known]] = read_numbers(found.column("amount"))[known]
    return spent


EPOCH = date(1970, 1, 1)


def read_days(column: Any) -> Numbers:
    """A column of days as numbers of days since 1970; null is NaN."""
    values: Numbers = column.to_numpy(zero_copy_only=False).astype("datetime64[D]").astype(np.float64)
    values[values == float(np.iinfo(np.int64).min)] = np.nan
    return values


def read_numbers(column: Any) -> Numbers:
    """A column as floating point; null is nought."""
    values: Numbers = np.asarray(column.fill_null(0).to_numpy(zero_copy_only=False), dtype=np.float64)
    return values
