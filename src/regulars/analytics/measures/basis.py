"""What every measure starts from: facts in which two members who are one are one, and days of purchase."""

import dataclasses
from datetime import date
from typing import Any

import ibis

from regulars.facts.facade import Facts

_BY_MEMBER = ("orders", "order_lines", "returns", "events", "ledger", "redemptions", "tier_changes")


def settle_facts(facts: Facts) -> Facts:
    """Facts up to the last day they are complete for, in which a merged member is the survivor.

    Half a day would look like a day on which little was bought. Runs one count. Chains of merges do not
    exist (docs/ledger.md). `seq` of the ledger then is unique no more within a member: measures add
    movements up and never look for the last entry.
    """
    end = ibis.date(facts.as_of)
    tables = {name: getattr(facts, name) for name in _BY_MEMBER}
    tables = {name: table.filter(table.occurred_on <= end) for name, table in tables.items()}
    members = facts.members.filter(facts.members.joined_on <= end)
    merged = members.filter(members.merged_into.notnull())
    if merged.count().execute():
        pairs = merged.select(gone=merged.member_id, survivor=merged.merged_into)
        tables = {name: _fold(table, pairs) for name, table in tables.items()}
        members = members.filter(members.merged_into.isnull())
    return dataclasses.replace(facts, members=members, **tables)


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
