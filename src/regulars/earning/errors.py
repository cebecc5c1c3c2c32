"""What earning refuses, one class per reason."""

from regulars.kit.errors import Conflict, InvalidInput, NotFound


class UnknownAward(NotFound):
    """Nothing was awarded for that source."""

    code = "unknown_award"


class NothingLeft(Conflict):
    """All that was given has gone back already."""

    code = "nothing_left"


class ReasonNeeded(InvalidInput):
    """Whoever takes an award back says why."""

    code = "reason_needed"


class AwardTooLarge(InvalidInput):
    """It would give more points than any wallet is made for: a slip in the order, or in a rule."""

    code = "award_too_large"


class WrongCurrency(InvalidInput):
    """The order is in another money than the programme counts in."""

    code = "wrong_currency"
