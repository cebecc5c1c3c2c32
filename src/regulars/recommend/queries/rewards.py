"""What suggesting rewards reads: a member's wallet, goal and taste, and the catalogue's verdicts."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from regulars.catalogue import facade as catalogue
from regulars.catalogue.facade import RewardSort, RewardView, Viewer
from regulars.kit.clock import local_date
from regulars.kit.statements import fetch_rows
from regulars.ledger.facade import list_expiring
from regulars.recommend.queries.loading import State, write_array
from regulars.recommend.rewards.choosing import Demand, Interest, Saver
from regulars.recommend.types import REWARDS_SHELF
from regulars.redemption.facade import find_goal
from regulars.rules.facade import Programme

logger = logging.getLogger(__name__)
LAPSING_DAYS = 60
"""Points that lapse within so many days are used first; home warns of the same ones."""
PICKED_MAX = 100
"""Of each kind, had now and ahead, where there are too many rewards to look at all of them."""
_TASTE = f"""
SELECT t.points_a_day, t.basket_minor, t.reward_interest::text, p.days, to_json(p.skus)::text,
    to_json(p.buyers)::text
FROM (SELECT 1) one
LEFT JOIN LATERAL (
    SELECT points_a_day, basket_minor, reward_interest FROM recommend_taste
    WHERE member_id = ANY (%s::bigint[]) ORDER BY member_id = %s::bigint DESC, orders_count DESC LIMIT 1
) t ON true
LEFT JOIN recommend_popular p ON p.scope = '{REWARDS_SHELF}'
"""  # noqa: S608 (a constant)


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a member earns, and what they usually buy at once, minor units; None where it is not known."""

    points_a_day: float | None = None
    basket_minor: int | None = None


def load_views(viewer: Viewer) -> tuple[list[RewardView], dict[int, int]]:
    """The rewards that the viewer can have, or is short of nothing but points for, and what a unit of each
    costs the shop, minor units, where that is known: one query, or two of `PICKED_MAX` each and one for the
    costs where there are very many.
    """
    shelf = catalogue.find_shelf(viewer)
    if shelf is not None:
        most = 10**6
        return [*shelf.list_available(size=most), *shelf.list_ahead(size=most)], shelf.list_costs()
    had = catalogue.list_rewards(viewer=viewer, affordable=True, sort=RewardSort.PRICE_HIGH, size=PICKED_MAX)
    ahead = catalogue.list_rewards(viewer=viewer, price_over=viewer.points, size=PICKED_MAX)
    views = [*had.items, *ahead.items]
    told = (
        (info.id, info.decided.cost) for info in catalogue.find_rewards([one.id for one in views]).values()
    )
    return views, {number: cost for number, cost in told if cost is not None}


def load_saver(state: State, viewer: Viewer, programme: Programme) -> tuple[Saver, Pace, Demand]:
    """What is known of a member who saves, and of what others take. Three queries.

    Of one who does not want it personal nothing that was learnt is used.
    """
    member_id = state.member_id
    lapsing = list_expiring(member_id, viewer.now, LAPSING_DAYS)
    ids = write_array([str(one) for one in state.member_ids])
    pace, basket, interest, days, rewards, takers = fetch_rows(_TASTE, (ids, str(member_id)))[0]
    demand = _read_demand(days, rewards, takers)
    saver = Saver(
        points=viewer.points,
        # Points lapse when a day is over: the day before that midnight is their last.
        lapsing=tuple(
            (local_date(at - timedelta(microseconds=1), programme.time_zone), points)
            for at, points in lapsing
        ),
        interest=_read_interest(interest) if state.is_personal and interest else {},
        goal=find_goal(member_id),
        refused=state.refused,
    )
    return saver, Pace(pace, basket) if state.is_personal else Pace(), demand


def load_demand() -> Demand:
    """How many members took which reward lately. One query."""
    return _read_demand(*fetch_rows(_TASTE, ("{}", "0"))[0][3:])


def _read_demand(days: int | None, rewards: str | None, takers: str | None) -> Demand:
    if days is None or rewards is None or takers is None:
        return Demand()
    try:
        numbers = [int(one) for one in json.loads(rewards)]
    except ValueError:
        logger.warning("What is popular of the rewards cannot be read; suggestions go on without it.")
        return Demand()
    return Demand(days, dict(zip(numbers, json.loads(takers), strict=False)))


def _read_interest(raw: str) -> Mapping[int, Interest]:
    """Stored interest; what cannot be read is none."""
    try:
        told: dict[str, Any] = json.loads(raw)
        return {
            int(reward): Interest(min(max(float(score), 0.0), 1.0), str(category), int(orders))
            for reward, (score, category, orders) in told.items()
        }
    except (ValueError, TypeError, AttributeError):
        logger.warning("A stored interest in rewards cannot be read; suggestions go on without it.")
        return {}
