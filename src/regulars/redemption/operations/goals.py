"""What a member saves for: a wish of their own, which moves no points and sets nothing aside."""

from datetime import datetime

from django.db import transaction

from regulars.catalogue import facade as catalogue
from regulars.kit.actor import Actor
from regulars.kit.ids import MemberId
from regulars.members import facade as members
from regulars.redemption.models import Goal
from regulars.redemption.policies import check_can_see
from regulars.redemption.queries import load_viewer
from regulars.rules import facade as rules


@transaction.atomic(durable=True)
def set_goal(*, actor: Actor, now: datetime, member_id: MemberId, reward_code: str) -> None:
    """Save for this reward from now on, instead of any other. Setting it again counts from now.

    Locks the member's goal. Raises NotYours, MemberUnknown, MemberErased, RewardNotFound where the member is
    not shown it, RewardEnded.
    """
    check_can_see(member_id, actor)
    if members.get_member(member_id).anonymised_at is not None:
        raise members.MemberErased("This member's data was erased; there is nobody to save for it.")
    viewer = load_viewer(member_id=member_id, programme=rules.get_programme_at(now), now=now)
    reward = catalogue.view_reward(reward_code, viewer)
    if reward.availability.state is catalogue.RewardState.ENDED:
        raise catalogue.RewardEnded(reward.availability.reason)
    Goal.objects.update_or_create(member_id=member_id, defaults={"reward_id": reward.id, "set_at": now})


@transaction.atomic(durable=True)
def clear_goal(*, actor: Actor, member_id: MemberId) -> None:
    """Save for nothing in particular. Doing so again changes nothing. Locks the goal. Raises NotYours."""
    check_can_see(member_id, actor)
    Goal.objects.filter(member_id=member_id).delete()
