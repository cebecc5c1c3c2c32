"""Rewards: who can afford one now, how long until the first, and how each is used."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import ibis

from regulars.analytics.measures.basis import list_people
from regulars.analytics.measures.points import list_balances, list_taken
from regulars.analytics.measures.purchases import ONE
from regulars.analytics.measures.windows import count_days, place
from regulars.analytics.types import Period, RewardUse, SurvivalPoint
from regulars.facts.facade import Facts


def list_available(facts: Facts) -> Any:
    """Rewards that can be had at the end of the facts: published, in season, not sold out."""
    rewards = facts.rewards
    zone = ZoneInfo(facts.time_zone)
    end = datetime.combine(facts.as_of + timedelta(days=1), time.min, tzinfo=zone)
    now = ibis.timestamp(end.astimezone(ZoneInfo("UTC")).replace(tzinfo=None))
    return rewards.filter(
        rewards.published,
        rewards.active_from.isnull() | (rewards.active_from <= now),
        rewards.active_to.isnull() | (rewards.active_to > now),
        rewards.stock.isnull() | (rewards.taken < rewards.stock),
    )


def find_cheapest(facts: Facts) -> int | None:
    """Points for the cheapest reward that can be had; None where there is none. One query."""
    price: int | None = list_available(facts).price_points.min().to_pyarrow().as_py()
    return price


def measure_afford(facts: Facts, windows: Any, price_points: int) -> Any:
    """Can afford a reward now = members whose balance reaches the cheapest available one ÷ all members.

    Now is the end of the facts, whatever the period. How many a member may have is not looked at.
    """
    people = list_people(facts)
    balances = list_balances(facts)
    both = people.left_join(balances, "member_id")
    enough = (both.balance.fill_null(ibis.literal(0, "int64")) >= price_points).cast("int64")
    one = windows.filter(windows.window == 0).select("window")
    return both.select("member_id", numerator=enough, denominator=ONE).cross_join(one)


def measure_never_redeemed(facts: Facts, windows: Any, price_points: int) -> Any:
    """Never redeemed = those of them who never took a reward ÷ members who can afford one now."""
    able = measure_afford(facts, windows, price_points)
    able = able.filter(able.numerator == 1).select("window", "member_id")
    takers = list_taken(facts).select(taker=list_taken(facts).member_id).distinct()
    both = able.left_join(takers, able.member_id == takers.taker)
    return both.select(
        both.window, both.member_id, numerator=both.taker.isnull().cast("int64"), denominator=ONE
    )


def list_first_rewards(facts: Facts, period: Period) -> Any:
    """Members who joined in the period (member_id, days, took): days until the first reward, or watched
    without one.
    """
    people = list_people(facts)
    people = people.filter(people.joined_on >= period.first, people.joined_on < period.after)
    taken = list_taken(facts)
    firsts = taken.group_by("member_id").agg(first_on=taken.occurred_on.min())
    both = people.left_join(firsts, "member_id")
    both = both.select("member_id", "joined_on", "first_on")
    took = both.first_on.notnull() & (both.first_on <= ibis.date(facts.as_of))
    until = ibis.ifelse(took, both.first_on, ibis.date(facts.as_of))
    days = ibis.greatest(count_days(until, both.joined_on), ibis.literal(0, "int64"))
    return both.select("member_id", days=days, took=took.cast("int64"))


@dataclass(frozen=True, slots=True)
class Survival:
    """The curve of those without a reward yet, and its median (None: not reached)."""

    members: int
    took: int
    median_days: int | None
    points: tuple[SurvivalPoint, ...]


def measure_time_to_reward(facts: Facts, period: Period) -> Survival:
    """Time to first reward: the median of members who joined in the period, those without one yet counted.

    Kaplan & Meier (1958), "Nonparametric Estimation from Incomplete Observations", JASA 53: who has no
    reward yet was watched until the end of the facts (censored), and stands among those at risk until then.
    The median is the first day on which at most half are without one. One query.
    """
    rows = list_first_rewards(facts, period)
    counted = rows.group_by("days").agg(members=rows.count(), took=rows.took.sum().cast("int64"))
    spread = [(r["days"], r["members"], r["took"]) for r in counted.order_by("days").to_pyarrow().to_pylist()]
    return draw_survival(spread)


def draw_survival(spread: Sequence[tuple[int, int, int]]) -> Survival:
    """The product-limit estimate from (days, members ending there, with the event), by days."""
    members = at_risk = sum(count for _days, count, _took in spread)
    share, median, points = 1.0, None, []
    for days, count, took in spread:
        if took:
            share *= 1 - took / at_risk
            points.append(SurvivalPoint(days, at_risk, share))
        if median is None and took and share <= 0.5:
            median = days
        at_risk -= count
    return Survival(members, sum(took for _days, _count, took in spread), median, tuple(points))


def list_reward_use(facts: Facts, windows: Any) -> tuple[RewardUse, ...]:
    """Each reward: units and takers in window 0, members whose balance reaches its price now. Three
    queries.
    """
    placed = place(list_taken(facts), windows.filter(windows.window == 0))
    used = placed.group_by("reward_id").agg(
        taken=placed.units.sum().cast("int64"), takers=placed.member_id.nunique()
    )
    uses = {row["reward_id"]: row for row in used.to_pyarrow().to_pylist()}
    available = set(list_available(facts).reward_id.to_pyarrow().to_pylist())
    balances = list_balances(facts)
    rewards = facts.rewards
    joined = rewards.left_join(balances, balances.balance >= rewards.price_points)
    counted = joined.group_by(["reward_id", "code", "name", "price_points"]).agg(
        can_afford=joined.member_id.count()
    )
    return tuple(
        RewardUse(
            reward_id=row["reward_id"],
            code=row["code"],
            name=row["name"],
            price_points=row["price_points"],
            available=row["reward_id"] in available,
            taken=uses.get(row["reward_id"], {}).get("taken", 0),
            takers=uses.get(row["reward_id"], {}).get("takers", 0),
            can_afford=row["can_afford"],
        )
        for row in counted.order_by(["price_points", "reward_id"]).to_pyarrow().to_pylist()
    )
