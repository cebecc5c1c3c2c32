"""Rewards picked for a member, and those beside the one they look at, each with what speaks for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from regulars.catalogue import facade as catalogue
from regulars.recommend import facade as recommend
from regulars.rules import facade as rules
from regulars.store.visits import MemberVisit, Visit

SUGGESTED = 4
RELATED = 4
REASONS_SHOWN = 2


@dataclass(frozen=True, slots=True)
class SuggestedReward:
    """A reward, and in a sentence or two why; empty where the tile says it all."""

    reward: catalogue.RewardView
    why: str


def suggest_rewards(visit: MemberVisit) -> tuple[SuggestedReward, ...]:
    """What the member might like to have for their points; logged as shown, unless an operator only looks."""
    found = recommend.suggest_rewards(
        member_id=visit.member_id,
        now=visit.now,
        placement=recommend.Placement.HOME,
        count=SUGGESTED,
        log=visit.look is None,
    )
    return _tell(found, visit, visit.programme)


def list_related(
    reward: catalogue.RewardView, viewer: catalogue.Viewer, visit: Visit, programme: rules.Programme
) -> tuple[SuggestedReward, ...]:
    """Other rewards for who looks at this one, a member or a stranger."""
    found = recommend.related_rewards(
        reward=reward,
        member_id=visit.member.id if visit.member else None,
        now=visit.now,
        placement=recommend.Placement.REWARD,
        viewer=viewer,
        count=RELATED,
        log=visit.look is None,
    )
    return _tell(found, visit, programme)


def _tell(
    found: Iterable[recommend.RewardSuggestion], visit: Visit | MemberVisit, programme: rules.Programme
) -> tuple[SuggestedReward, ...]:
    return tuple(
        SuggestedReward(
            one.view,
            " ".join(
                _say(reason, visit, programme)
                for reason in [why for why in one.reasons if not _is_on_the_tile(why)][:REASONS_SHOWN]
            ),
        )
        for one in found
    )


def _say(reason: recommend.Reason, visit: Visit | MemberVisit, programme: rules.Programme) -> str:
    if reason.code is recommend.ReasonCode.NEAR:
        return recommend.say_pace(reason)  # How much is missing stands on the tile.
    return recommend.say_reason(reason, now=visit.now, points_name=programme.points_name)


def _is_on_the_tile(reason: recommend.Reason) -> bool:
    """Whether the button or the distance says it already."""
    if reason.code is recommend.ReasonCode.NEAR:
        return not {"days", "amount"} & reason.values.keys()
    return reason.code is recommend.ReasonCode.AFFORDABLE
