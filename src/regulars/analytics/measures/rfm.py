"""RFM: how lately, how often and for how much a member bought.

Source: Hughes, *Strategic Database Marketing* (1994): fifths by recency, frequency and money. Fifths need
an order without ties, or two engines (and two runs) cut them differently: ties go by the other two, then by
the member's number. Frequency is days of purchase and money is paid less returned, in the 364 days before;
recency is the last purchase ever. `looks` are the days at whose end that is asked, all in one pass.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

import ibis
import pyarrow as pa

from regulars.analytics.measures.basis import list_purchase_days
from regulars.analytics.measures.windows import count_days
from regulars.facts.facade import Facts

WINDOW_DAYS = 364
"""Fifty-two weeks, so that each weekday counts as often."""
FIFTHS = 5
_LOOKS = pa.schema([("look", pa.int64()), ("at", pa.date32())])


def hold_looks(days: Sequence[date]) -> Any:
    """Days as a table (look, at); `look` counts them from 0."""
    return ibis.memtable(pa.table([list(range(len(days))), list(days)], schema=_LOOKS))


def list_rfm(facts: Facts, looks: Any) -> Any:
    """Plain values (look, at, member_id, first_on, last_on, recency_days, frequency, money) of all who ever
    bought.
    """
    bought = list_purchase_days(facts)
    bought = bought.select("member_id", "occurred_on", "amount", came=ibis.literal(1, "int64"))
    back = facts.returns
    back = back.select("member_id", "occurred_on", amount=-back.amount, came=ibis.literal(0, "int64"))
    moves = bought.union(back)
    placed = moves.join(looks, moves.occurred_on <= looks["at"])
    since = (placed["at"] - ibis.interval(days=WINDOW_DAYS - 1)).cast("date")
    recent = (placed.occurred_on >= since).cast("int64")
    came_on = ibis.cases((placed.came == 1, placed.occurred_on))
    seen = placed.group_by(["look", "at", "member_id"]).agg(
        first_on=came_on.min(),
        last_on=came_on.max(),
        frequency=(recent * placed.came).sum().cast("int64"),
        money=(recent * placed.amount).sum().cast("int64"),
    )
    seen = seen.filter(seen.last_on.notnull())
    return seen.mutate(recency_days=count_days(seen["at"], seen.last_on))


def score_rfm(values: Any) -> Any:
    """The same with r_score, f_score, m_score: 1 (lowest fifth) to 5 within the look."""
    lately = -values.recency_days
    orders = {
        "r_score": [lately, values.frequency, values.money, values.member_id],
        "f_score": [values.frequency, values.money, lately, values.member_id],
        "m_score": [values.money, values.frequency, lately, values.member_id],
    }
    return values.mutate(
        **{
            name: (ibis.ntile(FIFTHS).over(ibis.window(group_by="look", order_by=order)) + 1).cast("int64")
            for name, order in orders.items()
        }
    )


def count_cells(scored: Any) -> Any:
    """Members by cell (r_score, f_score, m_score, members); of the first look."""
    now = scored.filter(scored.look == 0)
    return now.group_by(["r_score", "f_score", "m_score"]).agg(members=now.count())
