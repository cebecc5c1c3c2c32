"""Suggesting rewards: chosen, told how near they are, and written down as shown in the same call."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from regulars.catalogue.facade import RewardView, Viewer, view_reward
from regulars.kit.errors import InvalidInput
from regulars.kit.ids import MemberId
from regulars.recommend.operations.showing import write_shown
from regulars.recommend.queries.loading import load_shop, load_state
from regulars.recommend.queries.rewards import Pace, load_demand, load_saver, load_views
from regulars.recommend.rewards.choosing import Choice, Saver, choose_related, choose_rewards
from regulars.recommend.rewards.reaching import award_of, count_days, find_basket
from regulars.recommend.types import REWARDS_SHELF, Placement, Reason, ReasonCode, RewardSuggestion, ServedBy
from regulars.redemption.facade import load_viewer
from regulars.rules.facade import Programme, get_current_programme

COUNT_MAX = 24


def suggest_rewards(
    *,
    member_id: MemberId,
    now: datetime,
    placement: Placement,
    viewer: Viewer | None = None,
    count: int = 6,
    log: bool = True,
) -> list[RewardSuggestion]:
    """Rewards worth offering to a member, best first: their goal, what they can have now, what is near.

    Nothing that costs more than can be spent is called affordable, and nothing is there that another reason
    than points keeps from them: stock, tier, season, a limit, a ban, their own no. `viewer` is the member as
    the catalogue knows them, where the caller has read it already. Writes a row to the log.
    Raises MemberUnknown, MemberErased, NoProgramme, InvalidInput.
    """
    _check_count(count)
    programme = get_current_programme(now)
    state = load_state(member_id, now)
    viewer = viewer or load_viewer(member_id=state.member_id, programme=programme, now=now)
    saver, pace, demand = load_saver(state, viewer, programme)
    views, costs = load_views(viewer)
    chosen = choose_rewards(views, saver=saver, demand=demand, costs=costs, marks=state.marks, count=count)
    found = _tell_near(chosen, pace, viewer, programme)
    return _log(state.member_id, found, placement, now) if log else found


def related_rewards(
    *,
    reward: RewardView | str,
    member_id: MemberId | None,
    now: datetime,
    placement: Placement,
    viewer: Viewer | None = None,
    count: int = 4,
    log: bool = True,
) -> list[RewardSuggestion]:
    """Other rewards for who looks at one (or its code): what is like it, and for them; nothing is told to be
    near to nobody. Logs and raises as `suggest_rewards`, and RewardNotFound.
    """
    _check_count(count)
    programme = get_current_programme(now)
    if member_id is None:
        viewer = viewer or load_viewer(member_id=None, programme=programme, now=now)
        saver, pace, demand, marks = Saver(viewer.points), Pace(), load_demand(), load_shop(now)[1]
    else:
        state = load_state(member_id, now)
        member_id, marks = state.member_id, state.marks
        viewer = viewer or load_viewer(member_id=member_id, programme=programme, now=now)
        saver, pace, demand = load_saver(state, viewer, programme)
    beside = view_reward(reward, viewer) if isinstance(reward, str) else reward
    views, costs = load_views(viewer)
    chosen = choose_related(
        views, beside=beside, saver=saver, demand=demand, costs=costs, marks=marks, count=count
    )
    if member_id is None:
        return [_suggest(one, None, None, _without_points(one.reasons)) for one in chosen]
    found = _tell_near(chosen, pace, viewer, programme)
    return _log(member_id, found, placement, now) if log else found


def _check_count(count: int) -> None:
    if not 1 <= count <= COUNT_MAX:
        raise InvalidInput(f"Ask for 1 to {COUNT_MAX} rewards.", field="count")


def _tell_near(
    chosen: Sequence[Choice], pace: Pace, viewer: Viewer, programme: Programme
) -> list[RewardSuggestion]:
    """How many days and which basket are missing, of those that points are missing for."""
    award = award_of(programme, viewer.tier, viewer.now)
    found = []
    for one in chosen:
        if not one.missing:
            found.append(_suggest(one, None, None, one.reasons))
            continue
        days = count_days(one.missing, pace.points_a_day)
        amount = find_basket(one.missing, pace.basket_minor, award)
        values: dict[str, int | str] = {"points": one.missing}
        if days is not None:
            values["days"] = days
        if amount is not None:
            values |= {"amount": amount, "currency": programme.currency}
        near = Reason(ReasonCode.NEAR, values)
        reasons = tuple(near if why.code is ReasonCode.NEAR else why for why in one.reasons)
        found.append(_suggest(one, days, amount, reasons))
    return found


def _suggest(
    one: Choice, days: int | None, amount: int | None, reasons: tuple[Reason, ...]
) -> RewardSuggestion:
    return RewardSuggestion(
        reward_id=one.view.id,
        code=one.view.code,
        score=one.score,
        missing=one.missing,
        days=days,
        amount=amount,
        reasons=reasons,
        view=one.view,
        served_by=one.way,
        shown_id=None,
    )


def _without_points(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    """What can be said to somebody whose points are not known."""
    unsaid = {ReasonCode.NEAR, ReasonCode.AFFORDABLE}
    return tuple(reason for reason in reasons if reason.code not in unsaid)


def _log(
    member_id: MemberId, found: list[RewardSuggestion], placement: Placement, now: datetime
) -> list[RewardSuggestion]:
    if not found:
        return found
    ways = [one.served_by.value for one in found]
    counted = Counter(way for way in ways if way != ServedBy.PIN.value) or Counter(ways)
    row = [
        REWARDS_SHELF,
        counted.most_common(1)[0][0],
        None,
        [one.code for one in found],
        ways,
        [[[why.code.value, dict(why.values)] for why in one.reasons] for one in found],
    ]
    (shown_id,) = write_shown(member_id, [row], placement=placement, now=now)
    return [replace(one, shown_id=shown_id) for one in found]
