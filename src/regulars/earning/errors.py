"""What earning refuses, one class per reason."""

from regulars.kit.errors import InvalidInput, NotFound


class UnknownAward(NotFound):
    """Nothing was awarded for that source."""

    code = "unknown_award"


class WrongCurrency(InvalidInput):
    """The order is in another money than the programme counts in."""

    code = "wrong_currency"
