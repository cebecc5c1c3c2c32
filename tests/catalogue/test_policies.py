"""What one viewer may have of a reward: every state, with its reason."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from regulars.catalogue.errors import NotOpenYet, RewardEnded, RewardInvalid, SoldOut, TierNeeded
from regulars.catalogue.policies import (
    check_reward,
    check_taking,
    count_units_for,
    is_visible,
    judge,
    takes_kept_unit,
)
from regulars.catalogue.types import (
    Availability,
    Picture,
    PictureSource,
    RewardInfo,
    RewardInput,
    RewardKind,
    RewardState,
    Viewer,
)
from regulars.kit.ids import RewardId
from tests.catalogue.examples import BRONZE, GOLD, MUG, NOW

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
SILVER = replace(GOLD, tier="silver", tier_rank=1, early_access_hours=24)
STRANGER = replace(BRONZE, tier=None, tier_rank=-1)


def info(taken: int = 0, kept_taken: int = 0, **changes: Any) -> RewardInfo:
    picture = Picture(PictureSource.BUILTIN, "goods")
    decided = replace(MUG, picture=picture, **changes)
    return RewardInfo(RewardId(7), decided, picture, taken, kept_taken, NOW)


def state(reward: RewardInfo, viewer: Viewer = BRONZE, *, has_codes: bool = True) -> Availability:
    return judge(reward, viewer, has_codes=has_codes)


def test_available_has_no_reason() -> None:
    assert state(info()) == Availability(RewardState.AVAILABLE)
    assert state(info(price_points=1_000)).available


def test_short_says_by_how_much() -> None:
    found = state(info(price_points=1_240))
    assert (found.state, found.points_short, found.reason) == (
        RewardState.SHORT,
        240,
        "240 more points to go.",
    )
    assert state(info(price_points=1_001)).reason == "1 more point to go."


def test_ended_at_the_very_instant() -> None:
    assert state(info(active_to=NOW)).state is RewardState.ENDED
    assert state(info(active_to=NOW + timedelta(microseconds=1))).available


def test_not_open_yet_says_when() -> None:
    opens = NOW + 10 * DAY
    found = state(info(active_from=opens, early_access=False))
    assert (found.state, found.opens_at) == (RewardState.OPENS_AT, opens)
    assert "March 20, 12:00" in found.reason
    assert state(info(active_from=NOW)).available


def test_opens_for_the_nearest_tier_that_opens_earlier() -> None:
    opens = NOW + 3 * DAY
    found = state(info(active_from=opens))
    assert (found.state, found.opens_at) == (RewardState.OPENS_FOR_TIER_AT, opens)
    assert (found.tier, found.tier_opens_at) == ("silver", opens - DAY)
    assert "for Silver already on" in found.reason
    seen_by_silver = state(info(active_from=opens), SILVER)
    assert (seen_by_silver.tier, seen_by_silver.opens_at) == ("gold", opens - DAY)


def test_early_access_opens_to_the_tier_first() -> None:
    reward = info(active_from=NOW + 30 * HOUR)
    assert state(reward, GOLD).available
    assert state(reward, SILVER).state is RewardState.OPENS_FOR_TIER_AT
    assert state(reward, SILVER).reason.startswith("Open for Gold already; for you from")
    assert state(replace(reward, decided=replace(reward.decided, early_access=False)), GOLD).state is (
        RewardState.OPENS_AT
    )


def test_the_highest_tier_hears_of_no_other() -> None:
    assert state(info(active_from=NOW + 9 * DAY), GOLD).state is RewardState.OPENS_AT


def test_a_tier_that_may_not_have_it_is_no_comfort() -> None:
    reward = info(active_from=NOW + 9 * DAY, tiers_allowed=("bronze",))
    assert state(reward).state is RewardState.OPENS_AT


def test_tier_needed_names_the_tiers() -> None:
    reward = info(tiers_allowed=("gold", "silver"))
    found = state(reward)
    assert (found.state, found.tier, found.reason) == (
        RewardState.TIER_NEEDED, "silver", "For Silver, Gold only.",
    )  # fmt: skip
    assert state(reward, GOLD).available
    assert state(reward, STRANGER).state is RewardState.TIER_NEEDED
    assert state(info(tiers_allowed=("gone",))).reason == "For gone only."


def test_hidden_from_others() -> None:
    reward = info(tiers_allowed=("gold",), hidden_from_others=True)
    assert is_visible(reward, GOLD)
    assert not is_visible(reward, BRONZE)
    assert not is_visible(reward, STRANGER)
    assert is_visible(info(tiers_allowed=("gold",)), BRONZE)
    assert not is_visible(info(published=False), GOLD)


def test_limit_reached() -> None:
    reward = info(per_member_max=2)
    assert state(reward, replace(BRONZE, taken={reward.id: 1})).available
    found = state(reward, replace(BRONZE, taken={reward.id: 2}))
    assert (found.state, "2 already" in found.reason) == (RewardState.LIMIT_REACHED, True)


def test_sold_out() -> None:
    assert state(info(stock=3, taken=2)).available
    assert state(info(stock=3, taken=3)).state is RewardState.SOLD_OUT
    assert state(info(), has_codes=False).state is RewardState.SOLD_OUT


def test_the_last_units_are_kept_for_higher_tiers_until_an_instant() -> None:
    until = NOW + DAY
    kept = {"stock": 10, "kept_units": 4, "kept_for_rank": 2, "kept_until": until}
    reward = info(taken=6, **kept)
    found = state(reward)
    assert (found.state, found.tier, found.opens_at) == (RewardState.KEPT_FOR_TIER, "gold", until)
    assert state(reward, GOLD).available
    assert state(reward, replace(BRONZE, now=until)).available
    assert (count_units_for(reward, BRONZE), count_units_for(reward, GOLD)) == (0, 4)
    assert state(info(taken=10, kept_taken=4, **kept)).state is RewardState.SOLD_OUT


def test_higher_tiers_use_up_their_own_share_first() -> None:
    kept = {"stock": 10, "kept_units": 4, "kept_for_rank": 2, "kept_until": None}
    assert takes_kept_unit(info(taken=3, kept_taken=3, **kept), GOLD)
    assert not takes_kept_unit(info(taken=4, kept_taken=4, **kept), GOLD)
    assert not takes_kept_unit(info(**kept), BRONZE)
    assert count_units_for(info(taken=3, kept_taken=3, **kept), BRONZE) == 6
    assert count_units_for(info(taken=9, kept_taken=4, **kept), BRONZE) == 1


def test_the_first_hindrance_is_told() -> None:
    reward = info(active_to=NOW, tiers_allowed=("gold",), price_points=10**6, stock=0)
    assert state(reward).state is RewardState.ENDED
    assert state(info(tiers_allowed=("gold",), stock=0)).state is RewardState.TIER_NEEDED
    assert state(info(stock=0, price_points=10**6)).state is RewardState.SOLD_OUT


@pytest.mark.parametrize(
    ("reward", "refusal"),
    [
        (info(published=False), RewardEnded),
        (info(active_to=NOW), RewardEnded),
        (info(active_from=NOW + HOUR, early_access=False), NotOpenYet),
        (info(active_from=NOW + HOUR), NotOpenYet),
        (info(tiers_allowed=("gold",)), TierNeeded),
        (info(stock=1, kept_units=1, kept_for_rank=1), TierNeeded),
        (info(stock=1, taken=1), SoldOut),
    ],
)
def test_taking_raises_what_judging_says(reward: RewardInfo, refusal: type[Exception]) -> None:
    with pytest.raises(refusal) as caught:
        check_taking(reward, BRONZE)
    assert type(caught.value) is refusal


def test_taking_leaves_points_and_limits_to_the_wallet() -> None:
    check_taking(info(price_points=10**9, per_member_max=1), replace(BRONZE, taken={RewardId(7): 5}))


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("code", {"code": "Big Mug"}),
        ("name", {"name": "  "}),
        ("name", {"description": "a\x00"}),
        ("price_points", {"price_points": 0}),
        ("price_money", {"price_money": -1}),
        ("cost", {"cost": -1}),
        ("stock", {"stock": -1}),
        ("per_member_max", {"per_member_max": 0}),
        ("active_from", {"active_from": NOW.replace(tzinfo=None)}),
        ("active_to", {"active_from": NOW, "active_to": NOW}),
        ("kept_units", {"kept_units": 1}),
        ("kept_units", {"kept_units": 3, "stock": 2}),
        ("code_pool", {"kind": RewardKind.VOUCHER}),
        ("cancellable_for_hours", {"cancellable_for_hours": -1}),
        ("cancellable_for_hours", {"cancellable_for_hours": 1, "code_pool": "cinema"}),
        ("voucher_valid_days", {"voucher_valid_days": -1}),
        ("hidden_from_others", {"hidden_from_others": True}),
        ("tiers_allowed", {"tiers_allowed": ("",)}),
    ],
)
def test_a_senseless_reward_is_refused_by_field(field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(RewardInvalid) as caught:
        check_reward(replace(MUG, **changes))
    assert caught.value.extra["field"] == field


def test_a_plain_reward_is_fine() -> None:
    check_reward(MUG)
    check_reward(RewardInput(code="a.b-c_1", name="x", kind=RewardKind.DONATION, price_points=1))
