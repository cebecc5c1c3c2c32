"""What belongs to members, as rows of one shape out of the facts: for either engine."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from regulars.facts.facade import Facts
from regulars.recommend.learning.blocks import ROWS, Kind, mix
from regulars.recommend.learning.jobs import PACE_DAYS
from regulars.recommend.learning.rewards import Wording

SOLD_KINDS = ("product",)
"""Kinds of lines that are something to recommend: no postage, no gift card."""
BASKET_DAYS = 180
BATCH_ROWS = 1_000_000
SPENDABLE, CANCELLED, GOODS = "points", "cancelled", "goods"


def list_sources(facts: Facts, as_of: date, kinds: Iterable[Kind] = Kind) -> list[Any]:
    """Expressions of `ROWS`, one for each kind, of settled facts: whoever was merged is the survivor."""
    made = {
        Kind.LINE: lambda: _list_lines(facts),
        Kind.TAKEN: lambda: _list_taken(facts),
        Kind.MOVED: lambda: _list_moved(facts),
        Kind.EARNED: lambda: _list_earned(facts, as_of),
        Kind.BASKET: lambda: _list_baskets(facts, as_of),
    }
    return [made[kind]() for kind in kinds]


def stream_rows(sources: Sequence[Any], hashed_below: int | None = None) -> Iterator[Any]:
    """Those rows as pyarrow.Tables, a million at once on DuckDB; of the members alone whose hash is below a
    number.
    """
    for source in sources:
        chosen = source if hashed_below is None else source.filter(mix(source.member_id) < hashed_below)
        backend = chosen.get_backend()
        if backend.name != "duckdb":
            yield chosen.to_pyarrow().cast(ROWS)
            continue
        # Not by Ibis 12, which asks DuckDB 2 for batches by the name they had in DuckDB 1.
        for batch in backend.con.sql(backend.compile(chosen)).to_arrow_reader(BATCH_ROWS):
            yield pa.Table.from_batches([batch]).cast(ROWS)


def list_buyers(facts: Facts) -> NDArray[np.int64]:
    """Numbers of all members who ever bought a product, rising."""
    found = _sold(facts).select("member_id").distinct().to_pyarrow().column("member_id")
    return np.sort(found.to_numpy())


def read_rewards(facts: Facts) -> tuple[list[int], list[Wording]]:
    """Rewards by number, and what each says of itself."""
    columns = ("reward_id", "kind", "name", "category")
    rewards = facts.rewards.select(*columns).order_by("reward_id").to_pyarrow().to_pylist()
    wordings = [
        Wording(one["name"] if one["kind"] == GOODS else "", one["category"] or "") for one in rewards
    ]
    return [one["reward_id"] for one in rewards], wordings


def list_demand(facts: Facts, as_of: date, days: int) -> list[tuple[int, int]]:
    """Rewards with how many members took them in so many days, the most first."""
    taken = _taken(facts).filter(lambda rows: rows.occurred_on > ibis.date(as_of - timedelta(days=days)))
    counted = taken.filter(taken.occurred_on <= ibis.date(as_of)).group_by("reward_id")
    found = counted.agg(takers=lambda rows: rows.member_id.nunique()).to_pyarrow()
    pairs = zip(*(found.column(name).to_pylist() for name in ("reward_id", "takers")), strict=True)
    return sorted(pairs, key=lambda one: (-one[1], one[0]))


def _sold(facts: Facts) -> Any:
    """Lines of products, without those of orders that came back whole: they were no purchase, as at the door.

    Of an order that came back in part the facts do not tell which lines: all of them stay.
    """
    returns = facts.returns.group_by("order_id").agg(back=lambda rows: rows.amount.sum())
    paid = facts.orders.select("order_id", paid=facts.orders.amount)
    whole = returns.inner_join(paid, "order_id").filter(lambda rows: rows.back >= rows.paid)
    lines = facts.order_lines.filter(facts.order_lines.kind.isin(SOLD_KINDS))
    return lines.anti_join(whole, "order_id")


def _taken(facts: Facts) -> Any:
    return facts.redemptions.filter(facts.redemptions.state != CANCELLED)


def _shape(rows: Any, kind: Kind, number: Any, day: Any = None, sku: Any = None) -> Any:
    return rows.select(
        member_id=rows.member_id,
        kind=ibis.literal(kind.value, "int64"),
        day=ibis.null("date") if day is None else day,
        number=number.cast("int64"),
        sku=ibis.null("string") if sku is None else sku,
    )


def _list_lines(facts: Facts) -> Any:
    sold = _sold(facts)
    return _shape(sold, Kind.LINE, sold.order_id, sold.occurred_on, sold.sku)


def _list_taken(facts: Facts) -> Any:
    taken = _taken(facts)
    return _shape(taken, Kind.TAKEN, taken.reward_id, taken.occurred_on)


def _list_moved(facts: Facts) -> Any:
    """What came to or left the spendable balance, by day."""
    entries = facts.ledger
    entries = entries.filter(
        entries.currency == SPENDABLE, (entries.debit == "active") != (entries.credit == "active")
    )
    signed = (entries.credit == "active").ifelse(entries.amount, -entries.amount)
    moved = entries.select("member_id", "occurred_on", points=signed)
    moved = moved.group_by(["member_id", "occurred_on"]).agg(points=moved.points.sum())
    return _shape(moved, Kind.MOVED, moved.points, moved.occurred_on)


def _list_earned(facts: Facts, as_of: date) -> Any:
    """Points earned in 90 days, less what was reversed."""
    ledger = facts.ledger
    since = ibis.date(as_of - timedelta(days=PACE_DAYS))
    moved = ledger.filter(ledger.currency == SPENDABLE, ledger.occurred_on > since)
    sign = ibis.cases((moved.debit == "issued", 1), (moved.credit == "reversed", -1), else_=0)
    earned = moved.group_by("member_id").agg(points=(moved.amount * sign).sum())
    return _shape(earned, Kind.EARNED, earned.points)


def _list_baskets(facts: Facts, as_of: date) -> Any:
    """Twice the median of what was paid for an order in 180 days: a whole number."""
    orders = facts.orders
    lately = orders.filter(orders.occurred_on > ibis.date(as_of - timedelta(days=BASKET_DAYS)))
    baskets = lately.group_by("member_id").agg(basket=lately.amount.cast("float64").median())
    return _shape(baskets, Kind.BASKET, (baskets.basket * 2).round())
