"""Which rewards to offer to a member, in which order, and why.

The goal first; then what they can have now, by interest, by what others take, by how far it uses what they
saved and what is about to lapse; then what is near. A reward whose last units go, or that its code pool runs
out of, gives way to one that will be there tomorrow, and one that costs the shop much for its points to one
that costs it little. What is not to be had for another reason than points
is no option at all: `list_options` asks the catalogue's own verdict.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from statistics import median

from regulars.catalogue.facade import RewardState, RewardView
from regulars.recommend.types import MarkKind, MarkSubject, MarkView, Reason, ReasonCode, ServedBy

INTEREST, DEMAND, USE, LAPSING = 0.45, 0.2, 0.2, 0.15
"""What counts of a reward that can be had now; each between 0 and 1, and adding up to 1."""
AHEAD_INTEREST, AHEAD_DEMAND, NEARNESS = 0.35, 0.15, 0.5
"""The same of one that points are missing for."""
LIKE_CATEGORY, LIKE_KIND, LIKE_PRICE = 1.0, 0.4, 0.6
FEW_UNITS, FEW_FACTOR = 5, 0.8
COST_WEIGHT = 0.15
"""What a unit costs the shop moves a score by so much at most, up or down: it decides between what suits."""
LIKED_MIN = 0.3
"""From this interest on, what it stands on is told."""
LAPSING_SHARE_TOLD, TAKERS_TOLD = 0.1, 5
"""Of a reward's price, and members: less speaks for nothing, though it counts."""
SHOWN_AHEAD_FROM = 3
"""With so many places, the last is for something to save for."""


@dataclass(frozen=True, slots=True)
class Interest:
    """How much a member would like a reward, 0 to 1, and what that stands on: a category of the shop and how
    many orders of theirs had something of it (empty and 0 where it stands on rewards they took).
    """

    score: float
    category: str = ""
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Saver:
    """What is known of a member. `points` are those that can be spent now: neither held nor pending.

    `lapsing` (day, points) is what is about to lapse, soonest first. Whoever does not want it personal has no
    `interest`.
    """

    points: int
    lapsing: tuple[tuple[date, int], ...] = ()
    interest: Mapping[int, Interest] = field(default_factory=dict)
    goal: str | None = None
    refused: frozenset[str] = frozenset()
    """Codes of what is not for them. What they save for is, whatever they said."""


@dataclass(frozen=True, slots=True)
class Demand:
    """How many members took each reward lately, by its id, and within how many days."""

    days: int = 0
    takers: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Choice:
    """A reward that was chosen: `missing` points, and how it came to be chosen."""

    view: RewardView
    score: float
    missing: int
    way: ServedBy
    reasons: tuple[Reason, ...]


def list_options(views: Iterable[RewardView], saver: Saver, marks: Sequence[MarkView]) -> list[RewardView]:
    """What can be offered: had now, or short of nothing but points; without what the shop banned, and what
    the member does not want.

    A verdict that disagrees with the points is not believed: nothing over them is ever called affordable.
    """
    hidden = {
        mark.value
        for mark in marks
        if mark.subject is MarkSubject.REWARD and mark.kind in (MarkKind.BAN, MarkKind.UNSUITABLE)
    } | (saver.refused - {saver.goal})
    had, short = RewardState.AVAILABLE, RewardState.SHORT
    return [
        view
        for view in views
        if view.code not in hidden
        and (view.units_left is None or view.units_left > 0)
        and view.availability.state is (had if view.price_points <= saver.points else short)
    ]


def choose_rewards(
    views: Iterable[RewardView],
    *,
    saver: Saver,
    demand: Demand,
    marks: Sequence[MarkView],
    count: int,
    costs: Mapping[int, int] | None = None,
) -> list[Choice]:
    """Up to `count` rewards, best first. The same arguments give the same answer, in whatever order of views.

    A pin has its place; a boost multiplies a score. `costs`: of a unit to the shop, minor units, by id.
    """
    chosen = _weigh_all(list_options(views, saver, marks), saver, demand, marks, costs or {})
    goal = [one for one in chosen if one.view.code == saver.goal]
    had = _order(one for one in chosen if one.missing == 0 and one not in goal)
    ahead = [one for one in chosen if one.missing > 0 and one not in goal]
    ahead.sort(key=lambda one: (-one.score, one.missing, one.view.id))
    ranked = [*goal, *had, *ahead]
    if count >= SHOWN_AHEAD_FROM and ahead and len(goal) + len(had) >= count:
        ranked = [*[*goal, *had][: count - 1], ahead[0]]
    return _place_pins(ranked, chosen, marks, count)


def choose_related(
    views: Iterable[RewardView],
    *,
    beside: RewardView,
    saver: Saver,
    demand: Demand,
    marks: Sequence[MarkView],
    count: int,
    costs: Mapping[int, int] | None = None,
) -> list[Choice]:
    """Up to `count` other rewards for who looks at one: first what is like it, then what is for them."""
    options = list_options(views, saver, marks)
    others = [view for view in options if view.id != beside.id]
    chosen = _weigh_all(others, saver, demand, marks, costs or {})
    chosen.sort(key=lambda one: (-(_liken(one.view, beside) + one.score), one.view.id))
    return chosen[:count]


def _liken(view: RewardView, beside: RewardView) -> float:
    """How much one reward is like another: of its category, its kind, about its price."""
    dearer, cheaper = max(view.price_points, beside.price_points), min(view.price_points, beside.price_points)
    return (
        LIKE_CATEGORY * (view.category == beside.category != "")
        + LIKE_KIND * (view.kind is beside.kind)
        + LIKE_PRICE * (cheaper / dearer if dearer else 1.0)
    )


def _weigh_all(
    options: Sequence[RewardView],
    saver: Saver,
    demand: Demand,
    marks: Sequence[MarkView],
    costs: Mapping[int, int],
) -> list[Choice]:
    most = max((demand.takers.get(view.id, 0) for view in options), default=0)
    least = min((view.price_points for view in options), default=0)
    thrift = weigh_costs(options, costs)
    return [
        _weigh(view, saver, demand, (most, least), _find_factor(view, marks) * thrift.get(view.id, 1.0))
        for view in options
    ]


def weigh_costs(options: Sequence[RewardView], costs: Mapping[int, int]) -> dict[int, float]:
    """The factor of each reward by what it costs the shop for a point: from 1 + `COST_WEIGHT` for what costs
    nothing, over 1 for the median of those known, down towards 1 - `COST_WEIGHT`.

    What the member pays in money is taken off. Without a known cost there is no factor.
    """
    rates = {
        view.id: max(costs[view.id] - view.price_money, 0) / view.price_points
        for view in options
        if view.id in costs
    }
    usual = median(rates.values()) if rates else 0.0
    return {
        number: 1 + COST_WEIGHT * (usual - rate) / (usual + rate) if usual + rate else 1.0
        for number, rate in rates.items()
    }


def _weigh(view: RewardView, saver: Saver, demand: Demand, bounds: tuple[int, int], factor: float) -> Choice:
    """`bounds`: how many took the one that most took, and what the cheapest costs."""
    most, least = bounds
    missing = max(view.price_points - saver.points, 0)
    interest = saver.interest.get(view.id, Interest(0.0))
    takers = demand.takers.get(view.id, 0)
    wanted = math.log1p(takers) / math.log1p(most) if most else 0.0
    if missing:
        # As if they had the cheapest one's points already: to who has none, the cheap is near all the same.
        nearness = (saver.points + least) / (view.price_points + least)
        score = AHEAD_INTEREST * interest.score + AHEAD_DEMAND * wanted + NEARNESS * nearness
    else:
        lapsing = sum(points for _day, points in saver.lapsing)
        use = view.price_points / saver.points if saver.points else 0.0
        used = min(view.price_points / lapsing, 1.0) if lapsing else 0.0
        score = INTEREST * interest.score + DEMAND * wanted + USE * use + LAPSING * used
    if view.units_left is not None and view.units_left < FEW_UNITS:
        score *= FEW_FACTOR
    way = ServedBy.MODEL if interest.score > 0 else ServedBy.SHOP
    reasons = tuple(_explain(view, saver, missing, interest, demand))
    return Choice(view, round(score * factor, 6), missing, way, reasons)


def _explain(
    view: RewardView, saver: Saver, missing: int, interest: Interest, demand: Demand
) -> Iterable[Reason]:
    """Why, the weightiest first. How far off it is (`NEAR`) is completed by who knows the pace."""
    if view.code == saver.goal:
        yield Reason(ReasonCode.GOAL)
    if missing:
        yield Reason(ReasonCode.NEAR, {"points": missing})
    else:
        day, points = saver.lapsing[0] if saver.lapsing else (None, 0)
        used = min(points, view.price_points)
        if day is not None and used >= LAPSING_SHARE_TOLD * view.price_points:
            yield Reason(ReasonCode.EXPIRING, {"points": used, "on": day.isoformat()})
        yield Reason(ReasonCode.AFFORDABLE, {"points": saver.points - view.price_points})
    if interest.score >= LIKED_MIN and interest.category and interest.orders:
        yield Reason(ReasonCode.CATEGORY, {"category": interest.category, "orders": interest.orders})
    takers = demand.takers.get(view.id, 0)
    if takers >= TAKERS_TOLD:
        yield Reason(ReasonCode.TAKEN_OFTEN, {"members": takers, "days": demand.days})


def _order(chosen: Iterable[Choice]) -> list[Choice]:
    """By score; of equals the dearer, then the older."""
    return sorted(chosen, key=lambda one: (-one.score, -one.view.price_points, one.view.id))


def _find_factor(view: RewardView, marks: Sequence[MarkView]) -> float:
    factor = 1.0
    for mark in marks:
        if mark.kind is MarkKind.BOOST and mark.subject is MarkSubject.REWARD and mark.value == view.code:
            factor *= mark.factor or 1.0
    return factor


def _place_pins(
    ranked: Sequence[Choice], chosen: Sequence[Choice], marks: Sequence[MarkView], count: int
) -> list[Choice]:
    """The pinned in their places, the rest around them; of two at one place the newer stands there."""
    pins = [mark for mark in marks if mark.kind is MarkKind.PIN and mark.subject is MarkSubject.REWARD]
    by_code = {one.view.code: one for one in chosen}
    placed: dict[int, Choice] = {}
    for mark in sorted(pins, key=lambda pin: (pin.place or 1, -pin.id)):
        one = by_code.pop(mark.value, None)
        place = (mark.place or 1) - 1
        while place in placed:
            place += 1
        if one is not None and place < count:
            reasons = (Reason(ReasonCode.PINNED), *one.reasons)
            placed[place] = Choice(one.view, one.score, one.missing, ServedBy.PIN, reasons)
    pinned = {one.view.code for one in placed.values()}
    rest = iter([one for one in ranked if one.view.code not in pinned])
    found: list[Choice] = []
    for place in range(count):
        one = placed[place] if place in placed else next(rest, None)
        if one is not None:
            found.append(one)
    return found
