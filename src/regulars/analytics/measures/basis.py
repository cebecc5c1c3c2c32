"""What every measure starts from: facts in which two members who are one are one, and days of purchase."""

import dataclasses
import itertools
from datetime import date
from typing import Any

import ibis

from regulars.analytics.lastday import find_last_day
from regulars.facts.facade import Facts

NUMBERS = 2**32
"""Entries that a wallet may have; members below 2^31 then keep within 64 bits."""
_numbers = itertools.count()
_BY_MEMBER = ("orders", "order_lines", "returns", "events", "ledger", "redemptions", "tier_changes")


def settle_facts(facts: Facts) -> Facts:
    """Facts up to their last whole day with a purchase, in which a merged member is the survivor.

    Half a day would look like one on which little was bought; and where a shop has sent nothing for a week,
    its members were not silent: `as_of` moves back to the last purchase. Runs three small queries. Chains of
    merges do not exist (docs/ledger.md). Entries of a merged member get numbers of their own, so that `seq`
    and `lots` still name one entry of one member; they say nothing of order any more. Where a shop sells in
    several currencies, amounts in others than that of most orders become nought: a hundred yen are not a
    hundred dollars, and who ranks members by money would add them up.
    """
    last = find_last_day(facts) or facts.as_of
    end = ibis.date(last)
    tables = {name: getattr(facts, name) for name in _BY_MEMBER}
    tables = {name: table.filter(table.occurred_on <= end) for name, table in tables.items()}
    members = facts.members.filter(facts.members.joined_on <= end)
    currencies = list_currencies(facts)
    if len(currencies) > 1:
        tables["orders"], tables["returns"] = _keep_currency(
            tables["orders"], tables["returns"], currencies[0]
        )
    merged = members.filter(members.merged_into.notnull())
    if merged.count().execute():
        pairs = merged.select(gone=merged.member_id, survivor=merged.merged_into)
        tables["ledger"] = _renumber(tables["ledger"], pairs)
        tables = {name: _fold(table, pairs) for name, table in tables.items()}
        members = members.filter(members.merged_into.isnull())
    tables["members"] = members
    return dataclasses.replace(
        facts, as_of=last, **{n: _name(facts, n, table) for n, table in tables.items()}
    )


def list_currencies(facts: Facts) -> tuple[str, ...]:
    """The currencies that orders were paid in, that of most orders first. One query."""
    orders = facts.orders
    counted = orders.group_by("currency").agg(n=orders.count())
    rows = counted.order_by([ibis.desc("n"), "currency"]).to_pyarrow()
    return tuple(rows["currency"].to_pylist())


def _keep_currency(orders: Any, returns: Any, currency: str) -> tuple[Any, Any]:
    """Nought for what was paid in another currency, and for what came back of it."""
    nought = ibis.literal(0, "int64")
    paid = orders.select(paid_order=orders.order_id, paid_in=orders.currency)
    back = returns.left_join(paid, returns.order_id == paid.paid_order)
    kept = ibis.ifelse(back.paid_in == currency, back.amount, nought).fill_null(nought)
    back = back.mutate(amount=kept).select(*returns.columns)
    return orders.mutate(amount=ibis.ifelse(orders.currency == currency, orders.amount, nought)), back


def _name(facts: Facts, name: str, table: Any) -> Any:
    """The table as a view where the engine is this connection's own: Ibis then compiles a name, not a tree.

    On Spark a session may serve several, whose views would be each other's.
    """
    if facts.backend.name != "duckdb":
        return table
    return facts.backend.create_view(f"settled_{name}_{next(_numbers)}", table)


def _renumber(ledger: Any, pairs: Any) -> Any:
    """Numbers of a merged member's entries, moved to where no survivor's are."""
    joined = ledger.left_join(pairs, ledger.member_id == pairs.gone)
    shift = joined.gone.fill_null(ibis.literal(0, "int64")) * NUMBERS
    joined = joined.mutate(shift=shift)
    return joined.mutate(
        seq=joined.seq + joined.shift,
        refers_to=joined.refers_to + joined.shift,
        lots=joined.lots.map(lambda lot: lot + joined.shift),
    ).select(*ledger.columns)


def _fold(table: Any, pairs: Any) -> Any:
    joined = table.left_join(pairs, table.member_id == pairs.gone)
    survivor = ibis.coalesce(joined.survivor, joined.member_id)
    return joined.mutate(member_id=survivor).select(*table.columns)


def list_purchase_days(facts: Facts) -> Any:
    """Days of purchase (member_id, occurred_on, orders, amount): baskets of one day are one coming.

    Shops split a coming into baskets as they like; the models of repeat buying count transactions at distinct
    times for the same reason (Fader, Hardie & Lee 2005).
    """
    orders = facts.orders
    return orders.group_by(["member_id", "occurred_on"]).agg(
        orders=orders.count(), amount=orders.amount.sum().cast("int64")
    )


def list_people(facts: Facts) -> Any:
    """Members who are still somebody (member_id, joined_on): neither merged away nor erased."""
    members = facts.members
    return members.filter(members.merged_into.isnull(), ~members.erased).select("member_id", "joined_on")


def find_first_day(facts: Facts) -> date | None:
    """The first day there is a purchase of; None: there is none."""
    first: date | None = facts.orders.occurred_on.min().to_pyarrow().as_py()
    return first
