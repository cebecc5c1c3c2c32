"""Points given outright: what the quick lane and the full stack both do with such a request."""

from regulars.api.refs import look_up, unknown
from regulars.api.schemas.points import PointsIn, PointsOut
from regulars.earning import facade as earning
from regulars.identity.facade import ApiKeyInfo
from regulars.kit.clock import utc_now
from regulars.trail.facade import check_key

REPLAYED = "Idempotent-Replayed"


def give_points(*, caller: ApiKeyInfo, key: str, member: str, gift: PointsIn) -> tuple[PointsOut, bool]:
    """Post them, once for this key and member; what was posted, and whether it had been before.

    The key is the ledger's own, kept with the entry: there is no second place for it to be kept in.
    Raises KeyInvalid, MemberUnknown, NoProgramme, InvalidPosting, IdempotencyConflict.
    """
    check_key(key)
    receipt = earning.give_points(
        actor=caller.actor,
        now=utc_now(),
        member=look_up(member),
        points=gift.points,
        reason=gift.reason,
        key=f"given:{key}",
        expires_at=gift.expires_at,
        by_programme="expires_at" not in gift.model_fields_set,
    )
    if receipt is None:
        raise unknown(member)
    told = PointsOut(
        seq=receipt.seq,
        points=receipt.amount,
        balance_after=receipt.balance_after,
        debt_after=receipt.debt_after,
    )
    return told, receipt.replayed
