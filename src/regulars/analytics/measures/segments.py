"""Named segments: RFM in words, held steady.

Plain fifths are noise where people shop weekly: a fifth of recency is two days wide, and on the
demonstration's real year 48 of 100 members had another plain label four weeks later. Two things hold labels
steady:

1. Recency is told by the shop's own gaps (`intervals.py`), not by fifths: *slipping* is a silence longer
   than four in five gaps, *lapsed* one longer than nineteen in twenty.
2. Hysteresis (a Schmitt trigger): a boundary is crossed only where a value lies clearly beyond it; in
   between, the last clear answer of twelve weekly looks holds. The answer follows from the facts alone:
   nobody has to remember yesterday's label, and it can be asked for any past day.

Strength is the rank of (rank by frequency + rank by money) among all who ever bought; the basket is money ÷
days of purchase. Integers throughout, so that engines agree to the member.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import ibis
import pyarrow as pa

from regulars.analytics.codes import Segment
from regulars.analytics.measures.rfm import hold_looks, list_rfm
from regulars.analytics.measures.windows import count_days
from regulars.analytics.types import UsageInterval
from regulars.facts.facade import Facts

LOOKS = 12
LOOK_DAYS = 7
STRONG, MIDDLING, HALF = 70, 40, 50
"""Per cent of members below: Champions are the strongest 30, the weak are the lowest 40."""
RANK_MARGIN = 5
"""Points of rank, to either side, between which the last clear answer holds."""
SILENCE_MARGIN = 25
"""The same for silence, per cent of its limit."""
_TURNS = pa.schema([("day_no", pa.int64()), ("look", pa.int64()), ("turn", pa.int64())])
_SIGNS = ("slipping", "lapsed", "strong", "middling", "big_basket")


def list_looks(day: date) -> list[date]:
    """The days that a label stands on: `day` first, then each week before."""
    return [day - timedelta(days=LOOK_DAYS * n) for n in range(LOOKS)]


def label_at(facts: Facts, days: Sequence[date], interval: UsageInterval) -> Any:
    """Labels at the end of each day (day_no, member_id, segment, plain, recency_days, frequency, money …).

    `day_no` counts `days` from 0; `plain` is what the same boundaries say without hysteresis. The interval
    must be known: the same one for all days, so that no label moves because the limit did. One pass for all
    days.
    """
    looked = sorted({look for day in days for look in list_looks(day)}, reverse=True)
    signs = read_signs(rank_values(list_rfm(facts, hold_looks(looked))), interval)
    return hold_signs(signs, hold_turns(days, looked))


def rank_values(values: Any) -> Any:
    """RFM values with their ranks within the look (members, strength_rank, basket_rank): from 0, ties
    share.
    """
    by_look = ibis.window(group_by="look")
    ranked = values.mutate(
        members=values.count().over(by_look).cast("int64"),
        by_frequency=_rank(values.frequency),
        by_money=_rank(values.money),
        basket=values.money.cast("float64") / ibis.greatest(values.frequency, 1).cast("float64"),
    )
    ranked = ranked.mutate(strength=ranked.by_frequency + ranked.by_money)
    return ranked.mutate(strength_rank=_rank(ranked.strength), basket_rank=_rank(ranked.basket))


def read_signs(ranked: Any, interval: UsageInterval) -> Any:
    """What each look says clearly: 1, 0 or nothing for each sign; and what it says plainly."""
    slips, lapses = interval.slipping_after_days or 0, interval.lapsed_after_days or 0
    rank = {
        "strong": (ranked.strength_rank, STRONG),
        "middling": (ranked.strength_rank, MIDDLING),
        "big_basket": (ranked.basket_rank, HALF),
    }
    clear: dict[str, Any] = {}
    plain: dict[str, Any] = {}
    for name, limit in (("slipping", slips), ("lapsed", lapses)):
        value = ranked.recency_days * 100
        clear[name] = _decide(value > limit * (100 + SILENCE_MARGIN), value <= limit * (100 - SILENCE_MARGIN))
        plain[name] = (value > limit * 100).cast("int64")
    for name, (value, share) in rank.items():
        whole = ranked.members - 1
        clear[name] = _decide(
            value * 100 > (share + RANK_MARGIN) * whole, value * 100 < (share - RANK_MARGIN) * whole
        )
        plain[name] = (value * 100 > share * whole).cast("int64")
    young = count_days(ranked["at"], ranked.first_on) <= lapses
    return ranked.mutate(
        is_new=young.cast("int64"),
        **{f"{name}_clear": value for name, value in clear.items()},
        **{f"{name}_plain": value for name, value in plain.items()},
    )


def hold_signs(signs: Any, turns: Any) -> Any:
    """The last clear answer for each sign (plain where none was clear), and the segments that follow.

    `turns` are (day_no, look, turn): which looks a day stands on, `turn` 0 the oldest. The last clear
    answer is the greatest of 2 × turn + answer: an aggregate that all engines have, where "last that is not
    null" differs.
    """
    placed = signs.join(turns, "look")
    newest = placed.turn == LOOKS - 1
    kept = ("plain", "is_new", "recency_days", "frequency", "money", "first_on", "last_on")
    held = placed.group_by(["day_no", "member_id"]).agg(
        **{f"{name}_code": (placed.turn * 2 + placed[f"{name}_clear"]).max() for name in _SIGNS},
        **{f"{name}_plain": ibis.cases((newest, placed[f"{name}_plain"])).max() for name in _SIGNS},
        **{name: ibis.cases((newest, placed[name])).max() for name in kept if name != "plain"},
    )
    signs_held = {name: ibis.coalesce(held[f"{name}_code"] % 2, held[f"{name}_plain"]) for name in _SIGNS}
    signs_plain = {name: held[f"{name}_plain"] for name in _SIGNS}
    named = held.mutate(
        segment=name_segment(signs_held, held.is_new), plain=name_segment(signs_plain, held.is_new)
    )
    return named.filter(named.is_new.notnull()).select("day_no", "member_id", "segment", *kept)


def name_segment(signs: dict[str, Any], is_new: Any) -> Any:
    """Which segment: silence first, then how new, then how strong."""
    weak = signs["middling"] == 0
    return ibis.cases(
        ((signs["lapsed"] == 1) & weak, Segment.LOST.value),
        (signs["lapsed"] == 1, Segment.AT_RISK.value),
        (is_new == 1, Segment.NEW.value),
        ((signs["slipping"] == 1) & ~weak, Segment.SLIPPING.value),
        (signs["strong"] == 1, Segment.CHAMPIONS.value),
        (~weak, Segment.LOYAL.value),
        (signs["big_basket"] == 1, Segment.POTENTIAL.value),
        else_=Segment.OCCASIONAL.value,
    )


def count_moves(labels: Any) -> Any:
    """Members by segment on day 1 and on day 0 (before, after, members); those who had not bought by day 1
    are not in it.
    """
    after = labels.filter(labels.day_no == 0).select("member_id", after=labels.segment)
    before = labels.filter(labels.day_no == 1).select("member_id", before=labels.segment)
    both = before.join(after, "member_id")
    return both.group_by(["before", "after"]).agg(members=both.count())


def _rank(value: Any) -> Any:
    return ibis.rank().over(ibis.window(group_by="look", order_by=value)).cast("int64")


def _decide(yes: Any, no: Any) -> Any:
    return ibis.cases((yes, ibis.literal(1, "int64")), (no, ibis.literal(0, "int64")))


def hold_turns(days: Sequence[date], looked: Sequence[date]) -> Any:
    """Which looks each day stands on (day_no, look, turn), the oldest turn being 0."""
    rows = [
        (number, looked.index(look), LOOKS - 1 - place)
        for number, day in enumerate(days)
        for place, look in enumerate(list_looks(day))
    ]
    return ibis.memtable(pa.table([list(column) for column in zip(*rows, strict=True)], schema=_TURNS))
