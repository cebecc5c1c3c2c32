"""What activity refuses, one class per reason."""

from regulars.kit.errors import Conflict, IdempotencyConflict, InvalidInput, NotFound


class InvalidOrder(InvalidInput):
    """The order makes no sense as reported: no lines, a negative amount, a line number twice."""

    code = "invalid_order"


class InvalidReturn(InvalidInput):
    """The return makes no sense as reported."""

    code = "invalid_return"


class InvalidEvent(InvalidInput):
    """The event makes no sense as reported."""

    code = "invalid_event"


class UnknownMember(NotFound):
    """The order or event names a member who does not exist."""

    code = "unknown_member"


class UnknownOrder(NotFound):
    """There is no order of that name; a return that comes before its order is sent again later."""

    code = "unknown_order"


class UnknownLine(NotFound):
    """The return names a line that the order does not have."""

    code = "unknown_line"


class ReturnExceedsOrder(Conflict):
    """More would come back than was bought."""

    code = "return_exceeds_order"


class AlreadyHappened(Conflict):
    """The member has had this kind of event for this occasion, under another key."""

    code = "already_happened"


class OrderKeyConflict(IdempotencyConflict):
    """The order's external id was used before with other content."""

    code = "order_key_conflict"


class ReturnKeyConflict(IdempotencyConflict):
    """The return's external id was used before with other content."""

    code = "return_key_conflict"


class EventKeyConflict(IdempotencyConflict):
    """The event's external id was used before with other content."""

    code = "event_key_conflict"
