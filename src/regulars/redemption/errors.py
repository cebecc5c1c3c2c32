"""What redemption refuses."""

from regulars.kit.errors import Conflict, IdempotencyConflict, InvalidInput, NotAllowed, NotFound


class RedemptionNotFound(NotFound):
    """There is no such redemption."""

    code = "redemption_not_found"


class PaymentNeeded(Conflict):
    """The reward also costs money: reserve it, let the shop take the money, then confirm."""

    code = "payment_needed"


class WrongState(Conflict):
    """The redemption has moved on: its state does not allow this."""

    code = "redemption_wrong_state"


class AlreadyHandedOver(Conflict):
    """Nothing is left to hand over; `handed_over_at` and `by` say when the last unit went, through whom."""

    code = "already_handed_over"


class CodeExpired(Conflict):
    """The day until which it was good is over."""

    code = "code_expired"


class NotCancellable(Conflict):
    """The time in which a member may take it back is over, or there never was one."""

    code = "not_cancellable"


class NothingToSend(Conflict):
    """It was used, has lapsed or was cancelled; or there is no address to send it to."""

    code = "nothing_to_send"


class NotYours(NotAllowed):
    """The redemption belongs to another member."""

    code = "not_your_redemption"


class ReasonNeeded(InvalidInput):
    """An operator says why."""

    code = "reason_needed"


class RedemptionInvalid(InvalidInput):
    """The request makes no sense as it stands."""

    code = "redemption_invalid"


class KeyUsedOtherwise(IdempotencyConflict):
    """The key was used for another reward, or in another way."""
