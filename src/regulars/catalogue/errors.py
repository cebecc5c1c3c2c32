"""What the catalogue refuses."""

from regulars.kit.errors import Conflict, InvalidInput, NotFound


class RewardNotFound(NotFound):
    """There is no reward of that code."""

    code = "reward_not_found"


class RewardUnavailable(Conflict):
    """The reward cannot be had by this member now."""

    code = "reward_unavailable"


class SoldOut(RewardUnavailable):
    """Nothing is left for this member."""

    code = "sold_out"


class NotOpenYet(RewardUnavailable):
    """It opens later."""

    code = "not_open_yet"


class RewardEnded(RewardUnavailable):
    """It is no longer offered."""

    code = "reward_ended"


class TierNeeded(RewardUnavailable):
    """It is for other tiers."""

    code = "tier_needed"


class LimitReached(RewardUnavailable):
    """The member has had as many as one member may have."""

    code = "limit_reached"


class RewardInvalid(InvalidInput):
    """The reward as described makes no sense."""

    code = "reward_invalid"


class RewardExists(Conflict):
    """There is a reward of that code already."""

    code = "reward_exists"


class RewardMoved(Conflict):
    """Somebody changed the reward since it was looked at."""

    code = "reward_moved"


class StockBelowTaken(Conflict):
    """More units have been handed out than the new stock would allow."""

    code = "stock_below_taken"


class PoolNotFound(NotFound):
    """There is no code pool of that name."""

    code = "code_pool_not_found"


class PictureRefused(InvalidInput):
    """The file is not a picture that can be stored."""

    code = "picture_refused"


class PictureNotFound(NotFound):
    """There is no such picture."""

    code = "picture_not_found"


class CodesInvalid(InvalidInput):
    """The pool, or a code for it, makes no sense."""

    code = "codes_invalid"
