"""Taking and giving back units of a reward: steps inside a redemption's transaction.

The reward's row is the lock of its stock, and it is taken before any wallet's.
"""

from django.db.models import F

from regulars.catalogue.models import Reward
from regulars.catalogue.policies import check_taking, takes_kept_unit
from regulars.catalogue.queries.rewards import get_reward_row, to_info
from regulars.catalogue.types import Reservation, RewardInfo, Viewer
from regulars.kit.ids import RewardId
from regulars.trail import facade as trail


def reserve_unit(*, reward_code: str, viewer: Viewer) -> Reservation:
    """Set one unit aside for the viewer, at the price and on the terms of this moment.

    Locks the reward where its stock is counted. Says nothing of points and limits: those hang on the wallet,
    which is locked next. Raises RewardNotFound, RewardUnavailable (SoldOut, NotOpenYet, TierNeeded,
    RewardEnded); RuntimeError outside a transaction.
    """
    trail.require_transaction()
    info = to_info(get_reward_row(reward_code))
    if info.decided.stock is None:
        check_taking(info, viewer)
        return _reserve(info, counted=False, kept=False)
    info = to_info(get_reward_row(reward_code, lock=True))
    check_taking(info, viewer)
    counted = info.decided.stock is not None
    kept = counted and takes_kept_unit(info, viewer)
    if counted:
        Reward.objects.filter(pk=info.id).update(taken=F("taken") + 1, kept_taken=F("kept_taken") + int(kept))
    return _reserve(info, counted=counted, kept=kept)


def release_unit(*, reward_id: RewardId, counted: bool, kept: bool) -> None:
    """Give one unit back to where `reserve_unit` took it from. Locks the reward where it was counted.

    Raises RuntimeError outside a transaction.
    """
    trail.require_transaction()
    if counted:
        Reward.objects.filter(pk=reward_id).update(
            taken=F("taken") - 1, kept_taken=F("kept_taken") - int(kept)
        )


def _reserve(info: RewardInfo, *, counted: bool, kept: bool) -> Reservation:
    decided = info.decided
    return Reservation(
        reward_id=info.id,
        counted=counted,
        kept=kept,
        price_points=decided.price_points,
        price_money=decided.price_money,
        code_pool=decided.code_pool,
        per_member_max=decided.per_member_max,
        instant=decided.instant,
        cancellable_for_hours=decided.cancellable_for_hours,
        refundable_when_fulfilled=decided.refundable_when_fulfilled,
        voucher_valid_days=decided.voucher_valid_days,
    )
